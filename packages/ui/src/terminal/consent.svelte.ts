import { t } from '@offdesk/client';
import { askedByOsc52 } from './clipboard.ts';

/** What programs of one terminal ask of the clipboard, one after the other, and what a person said. */
export class ClipboardConsent {
  /** What is asked now. It stays as it is until it is decided: nothing changes under a thumb. */
  text = $state.raw<string | null>(null);
  /** What a program asked since; only the last counts, as it would on a clipboard. */
  private next: string | null = null;
  private denied = $state(false);
  private deaf = false;

  constructor(
    private readonly write: (text: string) => Promise<void>,
    private readonly say: (note: string) => void,
  ) {}

  /** The last one was refused: all that come can be refused, too. */
  get again(): boolean {
    return this.denied;
  }

  /** An `OSC 52` was written. Reading is never answered. */
  ask(sequence: string): void {
    const asked = askedByOsc52(sequence);
    if (asked.kind === 'read') return this.say(t.terminal.neverRead);
    if (this.deaf) return;
    if (asked.kind === 'tooLong') return this.say(t.terminal.tooLong);
    if (asked.kind !== 'set') return;
    if (this.text === null) this.text = asked.text;
    else if (asked.text !== this.text) this.next = asked.text;
  }

  async decide(how: 'allow' | 'deny' | 'denyAll'): Promise<void> {
    const text = this.text;
    this.deaf ||= how === 'denyAll';
    this.denied = how !== 'allow';
    this.text = this.deaf ? null : this.next;
    this.next = null;
    if (how !== 'allow' || text === null) return;
    try {
      await this.write(text);
      this.say(t.terminal.copied);
    } catch {
      this.say(t.terminal.notCopied);
    }
  }
}
