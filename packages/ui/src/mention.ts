/** What is being typed after an `@`, and where that `@` is. */
export interface Mention {
  at: number;
  word: string;
}

/** The mention that ends at the caret; none when there is no `@` before it, or one in the middle of a word. */
export function mentionAt(text: string, caret: number): Mention | null {
  if (caret < 0) return null;
  const found = /(?:^|[\s([{"'`])@([^\s@]{0,200})$/.exec(text.slice(0, caret));
  const word = found?.[1];
  return word === undefined ? null : { at: caret - word.length - 1, word };
}

/** Agents that read what an `@` names, and how each wants a name with spaces. Others are told the path alone. */
const READS: Record<string, 'quoted' | 'escaped'> = { claude: 'quoted', 'claude-terminal': 'quoted', copilot: 'quoted', gemini: 'escaped', qwen: 'escaped' };

/** A path as this agent expects it in a prompt. */
export function named(agent: string, path: string): string {
  const way = READS[agent];
  const plain = /^[\p{L}\p{N}_./@+,=~-]+$/u.test(path);
  if (way === undefined) return plain ? path : `\`${path}\``;
  if (plain) return `@${path}`;
  return way === 'quoted' ? `@"${path}"` : `@${path.replace(/[^\p{L}\p{N}_./@+,=~-]/gu, '\\$&')}`;
}

/** The text with the mention in place of what was typed, and where the caret is then. */
export function taken(text: string, mention: Mention, put: string): { text: string; caret: number } {
  const end = mention.at + 1 + mention.word.length;
  const rest = text.slice(end);
  const space = /^\s/.test(rest) ? '' : ' ';
  return { text: text.slice(0, mention.at) + put + space + rest, caret: mention.at + put.length + 1 };
}
