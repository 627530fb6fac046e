/** An address a terminal shows, read for a person. */
export interface Address {
  url: string;
  /** Where it leads, with letters of other alphabets as their codes. */
  host: string;
  /** It is this very device, seen from this very device. */
  here: boolean;
  /** It has a name before the host, which may look like one. */
  named: boolean;
}

const HERE = /^(localhost|.*\.localhost|127(\.\d+){3}|0\.0\.0\.0|\[::1?\])$/;

/** Only addresses of the web: others would start programs. `atMachine`: this device is the agent's computer. */
export function readAddress(text: string, atMachine: boolean): Address | null {
  try {
    const url = new URL(text);
    if (!['http:', 'https:'].includes(url.protocol)) return null;
    return { url: url.href, host: url.host, here: !atMachine && HERE.test(url.hostname), named: url.username !== '' };
  } catch {
    return null;
  }
}
