/** Where a window is: `#/` is the first screen, `#/run/ID` the screen `run` about that run, `#/changes/ID/TURN` a part of one. */
export interface Place {
  screen: string;
  about: string | null;
  part: string | null;
}

export function placeOf(fragment: string): Place {
  const [, screen, about, part] = fragment.replace(/^#/, '').split('/');
  return { screen: screen ?? '', about: about || null, part: part || null };
}

class Router {
  place = $state<Place>(placeOf(location.hash));

  constructor() {
    addEventListener('hashchange', () => (this.place = placeOf(location.hash)));
  }

  go(path: string): void {
    location.hash = path;
  }
}

export const router = new Router();
