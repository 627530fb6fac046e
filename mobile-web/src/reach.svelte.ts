import type { Way } from '@offdesk/client';

/** How this page reaches its host now, and what it tried. */
class Reach {
  way = $state.raw<Way | null>(null);
  tried = $state.raw<{ way: Way; why: string }[]>([]);
  note = $state('');
}

export const reach = new Reach();
