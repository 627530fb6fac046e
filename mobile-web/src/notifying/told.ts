// What a message of the gateway's makes of a phone's notifications. Pure: the worker beside it does it.
import type { Messages, SignedPaths } from '@offdesk/client';

/** What comes sealed by the push service. */
export interface Told {
  notification: { title: string; body: string; tag: string };
  offdesk: {
    id: string;
    host: string;
    /** Take back what is shown. */
    back: boolean;
    place: string;
    /** An agent waits for it. */
    waits: boolean;
    /** How many things wait. */
    badge: number;
    /** All of what is asked is in the text: it may be decided here. */
    decidable?: { approval: string; hash: string };
    /** Where the host is now. */
    moved?: SignedPaths;
  };
}

/** What is kept with a notification that is shown. */
export interface Shown {
  id: string;
  host: string;
  place: string;
  decidable?: { approval: string; hash: string };
  moved?: SignedPaths;
}

export interface Showing {
  title: string;
  options: NotificationOptions & { renotify?: boolean; actions?: { action: string; title: string }[]; data: Shown };
}

/** `before`: the ids that are shown under its tag; `actions`: how many the platform has; `words`: what is on them. */
export function showing({ notification, offdesk }: Told, before: string[], actions: number, words: Pick<Messages['worker'], 'allow' | 'deny'>): Showing {
  const again = before.includes(offdesk.id);
  const { decidable, moved, id, host, place } = offdesk;
  const data: Shown = { id, host, place, ...(decidable && { decidable }), ...(moved && { moved }) };
  return {
    title: notification.title,
    options: {
      body: notification.body, tag: notification.tag, icon: '/icon.svg', data,
      // What comes a second time, after a break of the sender's, is shown and does not buzz.
      silent: again, renotify: !again && before.length > 0, requireInteraction: offdesk.waits,
      ...(decidable && actions >= 2 && { actions: [{ action: 'allow', title: words.allow }, { action: 'deny', title: words.deny }] }),
    },
  };
}

/** What is left of one that is over, where a browser wants to see something for each message. */
export function leftOf({ notification, offdesk }: Told): Showing {
  const { id, host, place } = offdesk;
  return {
    title: notification.title,
    options: { body: notification.body, tag: notification.tag, icon: '/icon.svg', silent: true, data: { id, host, place } },
  };
}

/** Where a click leads, in the page of this origin. */
export function addressOf(shown: Shown): string {
  if (!shown.moved) return `/#${shown.place}`;
  const bytes = new TextEncoder().encode(JSON.stringify(shown.moved));
  return `/#2.${btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')}`;
}

/** Reads a message; nothing that came is taken for granted. */
export function toldIn(message: unknown): Told | null {
  const told = message as Partial<Told> | null;
  const { notification, offdesk } = told ?? {};
  if (typeof notification?.title !== 'string' || typeof notification.tag !== 'string' || typeof offdesk?.id !== 'string') return null;
  return told as Told;
}
