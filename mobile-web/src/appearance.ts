export type Appearance = 'system' | 'light' | 'dark';

const KEPT = 'offdesk.appearance';
const GROUND = { light: '#f6f5f2', dark: '#14161a' };

export function appearance(): Appearance {
  const kept = localStorage.getItem(KEPT);
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}

/** Shows this page light or dark, and the bars that the browser draws around it. */
export function appear(wanted: Appearance): void {
  if (wanted === 'system') {
    delete document.documentElement.dataset.appearance;
    localStorage.removeItem(KEPT);
  } else {
    document.documentElement.dataset.appearance = wanted;
    localStorage.setItem(KEPT, wanted);
  }
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name=theme-color]')) {
    const own = meta.media.includes('dark') ? 'dark' : 'light';
    meta.content = GROUND[wanted === 'system' ? own : wanted];
  }
}
