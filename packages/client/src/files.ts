// Where a file is: a place on the host, and a path below it.

/** Below which folder files are meant: a run's workspace, or one of the roots. */
export type FilesOf = { run: string } | { root: string };

/** The place as a part of an address. */
export const placeKey = (of: FilesOf): string => ('run' in of ? of.run : `~${encodeURIComponent(of.root)}`);

/** The place of such a part. */
export function placeOfKey(key: string): FilesOf {
  return key.startsWith('~') ? { root: decoded(key.slice(1)) } : { run: key };
}

/** An address may be typed by hand, and then be anything. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The address of a folder. */
export const folderAddress = (of: FilesOf, path: string): string => `#/files/${placeKey(of)}${path ? `/${encodeURIComponent(path)}` : ''}`;
/** The address of a file. */
export const fileAddress = (of: FilesOf, path: string): string => `#/file/${placeKey(of)}/${encodeURIComponent(path)}`;
/** The path of such an address's part. */
export const pathOfPart = (part: string | null): string => decoded(part ?? '');

/** The folder a path is in; empty for the place itself. */
export const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));
/** The last name of a path. */
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
/** A path below a folder. */
export const joined = (folder: string, name: string): string => (folder ? `${folder}/${name}` : name);

/** Pictures that a page shows: nothing that could run. */
export const isShown = (mediaType: string): boolean => ['image/png', 'image/jpeg', 'image/gif', 'image/webp'].includes(mediaType);

/** Bytes of base64. */
export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes;
}
