// The app's commands, typed, and the gateway through them: what `fetch` and `WebSocket` are to a page.
import { Refused, Unreachable, type Problem, type Socket } from '@offdesk/client';
import { desktop } from '@offdesk/client/messages/desktop.ts';
import { Channel, invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import type { Answer, Desk, DeskSettings, News } from './contract.ts';

const LOST = 1006;

function isProblem(cause: unknown): cause is Problem {
  return typeof cause === 'object' && cause !== null && 'code' in cause && 'message' in cause;
}

/** A refusal of the app speaks as one of the gateway does. */
async function command<T>(name: string, args: Record<string, unknown> = {}): Promise<T> {
  try {
    return await invoke<T>(name, args);
  } catch (cause) {
    if (!isProblem(cause)) throw new Unreachable(desktop.home.appSilent, { cause });
    if ((cause.code as string) === 'unreachable') throw new Unreachable(cause.message, { cause });
    throw new Refused(cause);
  }
}

export const desk = () => command<Desk>('desk');
export const changeDesk = (change: Partial<DeskSettings>) => command<Desk>('change_settings', { change });
export const startGateway = () => command<void>('start_gateway');
export const freshGateway = () => command<void>('fresh_gateway');
/** Takes the new version and starts it; gateway and runs go on. */
export const installUpdate = () => command<void>('install_update');
export const diagnostics = () => command<string>('diagnostics');
export const quit = (runs: 'keep' | 'stop', remember: boolean) => command<void>('quit', { runs, remember });
export const closeWindow = () => command<void>('close_window');
export const setHeight = (height: number) => command<void>('set_height', { height });
export const show = (place: string) => command<void>('show', { place });
export const openLink = (url: string) => command<void>('open_link', { url });
export const copy = (text: string) => command<void>('copy', { text });

/** Calls back with the whole desk whenever it changes; the promise brings what ends that. */
export const onDesk = (heard: (desk: Desk) => void) => listen<Desk>('desk', ({ payload }) => heard(payload));
/** Calls back when the app wants this window at another place. */
export const onGo = (heard: (place: string) => void) => listen<{ place: string }>('go', ({ payload }) => heard(payload.place));

/** The app's command has no end of its own; the caller's patience has. */
function within<T>(signal: AbortSignal | null | undefined, answer: Promise<T>): Promise<T> {
  if (!signal) return answer;
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** As the browser's `fetch`, for the API. */
export async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const asked = command<Answer>('ask', { method: init.method ?? 'GET', path, body: init.body ?? null });
  const { status, headers, body } = await within(init.signal, asked);
  return new Response([204, 205, 304].includes(status) ? null : body, { status, headers });
}

/** As a WebSocket, for the live messages. */
export function socket(): Socket {
  const closed = (code: number) => {
    if (live.readyState === 3) return;
    live.readyState = 3;
    live.onclose?.({ code });
  };
  const hear = (news: News) => {
    if (live.readyState === 3) return;
    if (news instanceof ArrayBuffer) live.onmessage?.({ data: news });
    else if (news.type === 'text') live.onmessage?.({ data: news.text });
    else if (news.type === 'closed') closed(news.code);
    else {
      live.readyState = 1;
      live.onopen?.();
    }
  };
  const opened = command<number>('live_open', { news: new Channel<News>(hear) });
  // Commands may overtake each other: what is said goes out one at a time, in order.
  let said: Promise<unknown> = opened;
  const live: Socket = {
    binaryType: 'arraybuffer', readyState: 0, onopen: null, onmessage: null, onclose: null,
    send: (text) => {
      said = said.then(async () => command('live_send', { id: await opened, text })).catch(() => closed(LOST));
    },
    close: () => {
      live.readyState = 3;
      opened.then((id) => command('live_close', { id })).catch(() => undefined);
    },
  };
  opened.catch(() => closed(LOST));
  return live;
}
