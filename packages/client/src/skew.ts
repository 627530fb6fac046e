// A page and a gateway of different builds: what still works, and who has to be renewed.
import { PROTOCOL_VERSION } from './types.gen.ts';

export interface Build {
  /** The version of the live messages. */
  version: number;
  /** The program's own, as `1.2.3`. */
  build: string;
}

export interface Skew {
  /** Which of the two is older. */
  older: 'page' | 'gateway';
  /** They understand each other all the same. */
  works: boolean;
  page: string;
  gateway: string;
}

/** Each side speaks its own version and the one before. */
const REACH = 1;

const newer = (a: string, b: string) => {
  const parts = (build: string) => (/^\d+\.\d+\.\d+/.exec(build)?.[0] ?? '0.0.0').split('.').map(Number);
  const [ours, theirs] = [parts(a), parts(b)];
  const at = ours.findIndex((part, index) => part !== theirs[index]);
  return at >= 0 && ours[at]! > theirs[at]!;
};

/** How a page and its gateway differ; null while they do not. */
export function skewOf(page: Build, gateway: Build): Skew | null {
  const far = gateway.version - page.version;
  const found = (older: Skew['older']): Skew => ({ older, works: Math.abs(far) <= REACH, page: page.build, gateway: gateway.build });
  if (far > 0 || (far === 0 && newer(gateway.build, page.build))) return found('page');
  if (far < 0 || newer(page.build, gateway.build)) return found('gateway');
  return null;
}

/** What a snapshot's sender speaks is understood here. */
export const understands = (version: number) => Math.abs(version - PROTOCOL_VERSION) <= REACH;
