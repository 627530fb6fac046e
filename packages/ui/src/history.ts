import { t, type HistoryEntry, type HistoryItem, type HistoryPage } from '@offdesk/client';

/** The conversation in an address: `claude:ID`, its parts encoded. */
export function conversationIn(about: string | null): { agent: string; id: string } | null {
  const [agent, id, ...more] = (about ?? '').split(':');
  if (!agent || !id || more.length > 0) return null;
  try {
    return { agent: decodeURIComponent(agent), id: decodeURIComponent(id) };
  } catch {
    return null;
  }
}

export const placeOfConversation = ({ agent, id }: { agent: string; id: string }) =>
  `#/history/${encodeURIComponent(agent)}:${encodeURIComponent(id)}`;

/** How a conversation stands, in two words; nothing for one that rests. */
export function standingOf(entry: HistoryEntry): { text: string; tone: 'live' | 'run' } | null {
  if (entry.live) return { text: entry.live.certain ? t.history.openElsewhere : t.history.maybeOpen, tone: 'live' };
  return entry.run ? { text: t.history.aRun, tone: 'run' } : null;
}

/** What is earlier, before what is here: each thing once, in order. */
export function withEarlier(page: HistoryPage, here: HistoryItem[]): HistoryItem[] {
  const first = here[0]?.pos ?? Number.POSITIVE_INFINITY;
  return [...page.items.filter((item) => item.pos < first), ...here];
}
