// Where somebody was on a screen, for the page that is loaded next.
const KEPT = 'offdesk.scrolled';
const PATIENCE_MS = 4_000;

interface Kept {
  hash: string;
  y: number;
}

/** Keeps the place when the page goes, and finds it again as soon as the screen is as long as it was. */
export function keepPlace(): void {
  history.scrollRestoration = 'manual';
  addEventListener('pagehide', () => {
    const kept: Kept = { hash: location.hash, y: scrollY };
    sessionStorage.setItem(KEPT, JSON.stringify(kept));
  });
  let kept: Kept | null = null;
  try {
    kept = JSON.parse(sessionStorage.getItem(KEPT) ?? 'null') as Kept | null;
  } catch {
    // Not ours.
  }
  if (!kept || kept.y === 0 || kept.hash !== location.hash) return;
  const { y } = kept;
  const stop = () => {
    sized.disconnect();
    for (const event of ['wheel', 'touchstart', 'keydown', 'hashchange']) removeEventListener(event, stop);
  };
  const sized = new ResizeObserver(() => {
    if (document.documentElement.scrollHeight < y + innerHeight) return;
    scrollTo(0, y);
    stop();
  });
  sized.observe(document.body);
  // Whoever moves on by themselves is where they want to be.
  for (const event of ['wheel', 'touchstart', 'keydown', 'hashchange']) addEventListener(event, stop, { passive: true });
  setTimeout(stop, PATIENCE_MS);
}
