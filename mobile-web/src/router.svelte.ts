/** Where the page is: `#/`, `#/new`, `#/devices`, `#/trouble`, `#/run/ID`. */
export type Place = { screen: 'runs' | 'new' | 'devices' | 'trouble' } | { screen: 'run'; id: string };

function read(fragment: string): Place {
  const [, screen, id] = fragment.replace(/^#/, '').split('/');
  if (screen === 'run' && id) return { screen: 'run', id };
  return screen === 'new' || screen === 'devices' || screen === 'trouble' ? { screen } : { screen: 'runs' };
}

class Router {
  place = $state<Place>(read(location.hash));

  constructor() {
    addEventListener('hashchange', () => (this.place = read(location.hash)));
  }

  go(path: string): void {
    location.hash = path;
  }
}

export const router = new Router();
