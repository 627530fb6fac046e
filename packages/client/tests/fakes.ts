// A gateway's other end, a clock, and a page's storage, all in the test's hand.
import type { Clock, Socket } from '../src/live.ts';
import type { ToViewer } from '../src/types.gen.ts';

export class FakeSocket implements Socket {
  binaryType = '';
  readyState = 0;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  readonly sent: Record<string, unknown>[] = [];
  closed = false;

  send(data: string): void {
    this.sent.push(JSON.parse(data));
  }
  close(): void {
    this.closed = true;
    this.readyState = 3;
  }
  opens(): void {
    this.readyState = 1;
    this.onopen?.();
  }
  says(message: ToViewer): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
  sends(bytes: ArrayBuffer): void {
    this.onmessage?.({ data: bytes });
  }
  breaks(code = 1006): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }
  kinds(): unknown[] {
    return this.sent.map((message) => message['type']);
  }
}

export class FakeClock implements Clock {
  private time = 0;
  private timers = new Map<number, { at: number; what: () => void }>();
  private next = 0;

  now(): number {
    return this.time;
  }
  after(ms: number, what: () => void): number {
    this.timers.set(++this.next, { at: this.time + ms, what });
    return this.next;
  }
  cancel(timer: unknown): void {
    this.timers.delete(timer as number);
  }
  /** Time goes by while the page is frozen: no timer fires. */
  sleeps(ms: number): void {
    this.time += ms;
  }
  passes(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const due = [...this.timers].filter(([, timer]) => timer.at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      this.timers.delete(due[0]);
      this.time = Math.max(this.time, due[1].at);
      due[1].what();
    }
    this.time = end;
  }
}

export const LOG = '00000000-0000-0000-0000-00000000000a';

export function snapshot(seq: number, more: Partial<Extract<ToViewer, { type: 'snapshot' }>> = {}): ToViewer {
  return {
    type: 'snapshot', cursor: { log: LOG, seq }, version: 1, build: 'test', host: 'h', hostName: 'desk', resync: false,
    runs: [], approvals: [], ...more,
  };
}
