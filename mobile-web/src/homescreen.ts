// What puts this page on a home screen.
/** What the home screen keeps. The installed app has a storage of its own: its first address brings a code, once. */
export function manifestOf(origin: string, startUrl: string) {
  return {
    name: 'Offdesk', short_name: 'Offdesk', display: 'standalone', start_url: startUrl, scope: `${origin}/`,
    background_color: '#f6f5f2', theme_color: '#1f5c4d',
    icons: [{ src: `${origin}/icon.svg`, sizes: 'any', type: 'image/svg+xml' }],
  };
}

let takeBack = () => {};

/** Makes this page installable with a manifest until it is too old; `over` is called then. */
export function offerManifest(manifest: object, until: number, over: () => void): void {
  takeBack();
  const before = document.querySelector<HTMLLinkElement>('link[rel=manifest]');
  const link = before ?? document.head.appendChild(document.createElement('link'));
  const usual = before?.getAttribute('href') ?? null;
  const url = URL.createObjectURL(new Blob([JSON.stringify(manifest)], { type: 'application/manifest+json' }));
  link.rel = 'manifest';
  link.href = url;
  takeBack = () => {
    clearTimeout(timer);
    if (usual === null) link.remove();
    else link.setAttribute('href', usual);
    URL.revokeObjectURL(url);
    takeBack = () => {};
    over();
  };
  const timer = setTimeout(() => takeBack(), until - Date.now());
}
