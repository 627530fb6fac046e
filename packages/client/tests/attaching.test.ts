import { expect, test } from 'vitest';
import { Refused, Unreachable, type Api } from '../src/api.ts';
import { Attaching } from '../src/attaching.svelte.ts';
import type { Upload } from '../src/types.gen.ts';

/** A gateway that keeps what arrives, over a line that breaks once just after a piece has arrived. */
function gateway() {
  const kept: number[] = [];
  let broken = false;
  const view = (id: string, size: number): Upload => ({
    id, name: 'photo.png', size, received: kept.length, expiresAt: '',
    attachment: kept.length === size ? { id, name: 'photo.png', size, mediaType: 'image/png', sha256: '' } : null,
  });
  let size = 0;
  const api = {
    beginUpload: async (begin: { id: string; size: number }) => view(begin.id, (size = begin.size)),
    uploadPiece: async (id: string, offset: number, data: string) => {
      expect(offset).toBe(kept.length);
      for (const c of atob(data)) kept.push(c.charCodeAt(0));
      if (!broken && (broken = true)) throw new Unreachable('gone');
      return view(id, size);
    },
    removeUpload: async () => null,
  };
  return { api: api as unknown as Api, kept };
}

test('a file goes on where it was when the line comes back, and arrives as it was', async () => {
  const { api, kept } = gateway();
  const bytes = Uint8Array.from({ length: 600_000 }, (_, at) => at % 251);
  const attaching = new Attaching(api, async () => undefined);
  await attaching.add([new File([bytes], 'photo.png')]);
  expect(attaching.files.map((file) => [file.state, file.sent])).toEqual([['there', 600_000]]);
  expect(kept.every((byte, at) => byte === bytes[at]) && kept.length === bytes.length).toBe(true);
  expect(attaching.ids).toHaveLength(1);
});

test('a file that cannot be read any more says so, and is not tried for ever', async () => {
  const { api } = gateway();
  const gone = new File(['x'], 'deleted.png');
  gone.slice = () => { throw new DOMException('gone', 'NotReadableError'); };
  const attaching = new Attaching(api, async () => undefined);
  await attaching.add([gone]);
  expect(attaching.files.map((file) => file.problem)).toEqual(['It could not be read any more. Attach it again.']);
});

test('what is refused says why and holds nothing up', async () => {
  const refusing = { beginUpload: async () => { throw new Refused({ code: 'tooLarge', message: 'Too many files wait.', hint: null } as never); }, removeUpload: async () => null };
  const attaching = new Attaching(refusing as unknown as Api, async () => undefined);
  await attaching.add([new File(['x'], 'a'), new File([], 'empty')]);
  expect(attaching.files.map((file) => file.state)).toEqual(['refused', 'refused']);
  expect(attaching.ready).toBe(false);
  for (const file of attaching.files) attaching.remove(file.id);
  expect(attaching.ready).toBe(true);
});
