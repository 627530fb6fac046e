// What puts this page on a home screen.
const MANIFEST = '/manifest.webmanifest';

/** An iPhone or iPad; the latter calls itself a Mac. */
export const isApple = ({ userAgent, maxTouchPoints }: Pick<Navigator, 'userAgent' | 'maxTouchPoints'>) =>
  /iPhone|iPad/.test(userAgent) || (userAgent.includes('Mac') && maxTouchPoints > 1);

/** What a browser hands to a page that it would install; not every browser does. */
interface InstallPrompt extends Event {
  prompt(): Promise<unknown>;
}

class Home {
  private prompt = $state.raw<InstallPrompt | null>(null);

  constructor() {
    globalThis.addEventListener?.('beforeinstallprompt', (event) => {
      // Asked for where somebody looks for it, and not over their work.
      event.preventDefault();
      this.prompt = event as InstallPrompt;
    });
    globalThis.addEventListener?.('appinstalled', () => (this.prompt = null));
  }

  /** The browser would do it now. */
  get offered(): boolean {
    return this.prompt !== null;
  }

  async install(): Promise<void> {
    const prompt = this.prompt;
    // It can be used once.
    this.prompt = null;
    await prompt?.prompt();
  }
}

export const home = new Home();

/**
 * The page's manifest with another first address. An iPhone's installed app has a storage of its own: its first address
 * brings a code, once. Of a manifest that is made here all addresses must be whole.
 */
export async function manifestOf(origin: string, startUrl: string, get: typeof fetch = fetch): Promise<object> {
  const usual = (await (await get(MANIFEST)).json()) as Record<string, unknown>;
  const whole = (value: unknown, name = ''): unknown => {
    if (typeof value === 'string') return ['id', 'src', 'url', 'scope', 'action'].includes(name) ? new URL(value, origin).href : value;
    if (Array.isArray(value)) return value.map((one) => whole(one));
    if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, whole(one, key)]));
    return value;
  };
  // In the share target's fields `url` names a field.
  const { share_target: _, ...rest } = usual;
  return { ...(whole(rest) as object), start_url: startUrl };
}

let takeBack = () => {};

/** Makes this page installable with a manifest until it is too old; `over` is called then. */
export function offerManifest(manifest: object, until: number, over: () => void): void {
  takeBack();
  const link = document.querySelector<HTMLLinkElement>('link[rel=manifest]');
  if (!link) return over();
  const url = URL.createObjectURL(new Blob([JSON.stringify(manifest)], { type: 'application/manifest+json' }));
  link.href = url;
  takeBack = () => {
    clearTimeout(timer);
    link.href = MANIFEST;
    URL.revokeObjectURL(url);
    takeBack = () => {};
    over();
  };
  const timer = setTimeout(() => takeBack(), until - Date.now());
}
