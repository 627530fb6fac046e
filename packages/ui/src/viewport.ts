/**
 * Keeps `--page-height` at what the on-screen keyboard leaves. Some browsers lay the keyboard over the page instead of
 * making the page smaller; a composer or a terminal's last line would be under it.
 */
export function followKeyboard(): () => void {
  const seen = window.visualViewport;
  if (!seen) return () => undefined;
  const fit = () => {
    // Zoomed in by hand, the part in sight is smaller for another reason.
    if (seen.scale !== 1) return;
    document.documentElement.style.setProperty('--page-height', `${Math.round(seen.height)}px`);
    // Such browsers also push the page up to show the focused field; it is in sight already.
    if (seen.offsetTop > 0) window.scrollTo(0, 0);
  };
  fit();
  seen.addEventListener('resize', fit);
  seen.addEventListener('scroll', fit);
  return () => {
    seen.removeEventListener('resize', fit);
    seen.removeEventListener('scroll', fit);
    document.documentElement.style.removeProperty('--page-height');
  };
}
