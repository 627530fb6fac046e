import type { Skew, Way } from '@offdesk/client';

/** How this page reaches its host now, and what it tried. */
class Reach {
  way = $state.raw<Way | null>(null);
  tried = $state.raw<{ way: Way; error: unknown }[]>([]);
  note = $state('');
  /** This page and its gateway are of different builds. */
  skew = $state.raw<Skew | null>(null);
  /** This page gave up its access itself. */
  left = false;
}

export const reach = new Reach();
