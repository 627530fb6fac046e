import type { SlashOffer } from '@offdesk/client';

const MOST = 8;

/** Commands that begin with what is typed, while it is nothing but the beginning of one. */
export function completions(text: string, offered: SlashOffer[]): SlashOffer[] {
  const typed = /^\/([^\s]*)$/.exec(text)?.[1]?.toLowerCase();
  if (typed === undefined) return [];
  const begins = offered.filter((command) => command.name.toLowerCase().startsWith(typed));
  const holds = offered.filter((command) => !begins.includes(command) && command.name.toLowerCase().includes(typed));
  return [...begins, ...holds].filter((command) => command.name.toLowerCase() !== typed).slice(0, MOST);
}
