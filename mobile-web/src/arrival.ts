/** What an address's fragment brings: a page of this machine, a scanned code, or the host's new place. */
export type Arrival = { kind: 'here' | 'scanned' | 'moved'; code: string };

const KINDS = { 'c=': 'here', '1.': 'scanned', '2.': 'moved' } as const;

export function arrivalIn(fragment: string): Arrival | null {
  const found = /^#(c=|1\.|2\.)([\w-]+)$/.exec(fragment);
  return found ? { kind: KINDS[found[1] as keyof typeof KINDS], code: found[2]! } : null;
}
