import { expect, test } from 'vitest';
import { stretches, type CommandPart, type Touches } from '../src/index.ts';

const bytes = (text: string) => new TextEncoder().encode(text).length;
const none: Touches = { parts: [], files: [], network: [], cautions: [], unread: [], lines: [] };

/** Parts of a command where these texts stand in it. */
function parts(command: string, ...texts: [string, number?][]): CommandPart[] {
  return texts.map(([text, within]) => {
    const start = bytes(command.slice(0, command.indexOf(text)));
    return { start, end: start + bytes(text), program: null, words: [], within: within ?? null };
  });
}

test('what stands between commands is marked, and a grave one is told apart, wherever its bytes are', () => {
  const command = 'echo "é𝒳" && sudo rm x > log';
  const touches = { ...none, parts: parts(command, ['echo "é𝒳"'], ['sudo rm x'], ['rm x', 1]), cautions: [{ kind: 'irreversible' as const, text: '', part: 2 }] };
  const found = stretches(command, touches);
  expect(found.map((stretch) => stretch.text).join('')).toBe(command);
  expect(found.filter((stretch) => stretch.mark).map((stretch) => stretch.text)).toEqual([' && ', ' > log']);
  expect(found.filter((stretch) => stretch.grave).map((stretch) => stretch.text)).toEqual(['rm x']);
});

test('without a reading it is cut where something chains, and hidden characters are shown either way', () => {
  expect(stretches('a && b', undefined).filter((stretch) => stretch.mark).map((stretch) => stretch.text)).toEqual(['&&']);
  const command = 'rm \u202ex; ls';
  expect(stretches(command, { ...none, parts: parts(command, ['rm \u202ex'], ['ls']) })[0]!.text).toBe('rm ⟨U+202E⟩x');
});
