import type { Folders } from './types.gen.ts';

/** The separator of a path of the host, which may run another system than this page. */
const separator = (path: string) => (/^[A-Za-z]:\\|^\\\\/.test(path) ? '\\' : '/');

/** The path of a sub-folder. */
export function childOf(dir: string, name: string): string {
  const by = separator(dir);
  return dir.endsWith(by) ? `${dir}${name}` : `${dir}${by}${name}`;
}

/** The last part of a path. */
export function folderName(dir: string): string {
  return dir.split(separator(dir)).filter(Boolean).at(-1) ?? dir;
}

/** The folder above, while that is still inside a root. */
export function above(dir: string, roots: Folders['roots']): string | null {
  const by = separator(dir);
  const up = dir.slice(0, Math.max(dir.lastIndexOf(by), 0));
  const inside = roots.some((root) => up === root || up.startsWith(root.endsWith(by) ? root : `${root}${by}`));
  return inside ? up : null;
}
