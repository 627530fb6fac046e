import { Refused, t, type Host, type MakeOffer, type PairingOffer } from '@offdesk/client';

export interface Trouble {
  message: string;
  hint: string | null;
}

/** What went wrong, for a person: the gateway's own words, or that there were none. */
export function troubleOf(error: unknown, silence: string): Trouble {
  return error instanceof Refused
    ? { message: error.problem.message, hint: error.problem.hint ?? null }
    : { message: silence, hint: null };
}

/** The same in one line. */
export const inOneLine = ({ message, hint }: Trouble) => [message, hint].filter(Boolean).join(' ');

/** `75` as `1:15`. */
export const clockOf = (seconds: number) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;

/** One pairing code on a screen: asked for, running out, used. */
export class Offering {
  offer = $state.raw<PairingOffer | null>(null);
  trouble = $state.raw<Trouble | null>(null);
  busy = $state(false);
  private used = $state(false);
  private now = $state(Date.now());
  private shownAt = $state(0);
  /** Who waited before the code was made. */
  private before: ReadonlySet<string> = new Set();

  /** Whole seconds it still works. */
  readonly left = $derived(this.offer ? Math.max(0, Math.ceil((Date.parse(this.offer.expiresAt) - this.now) / 1000)) : 0);
  /** How much of its time is left, 1 to 0. */
  readonly share = $derived.by(() => {
    if (!this.offer) return 0;
    const whole = Date.parse(this.offer.expiresAt) - this.shownAt;
    return whole > 0 ? Math.min(1, (this.left * 1000) / whole) : 0;
  });
  readonly state = $derived<'none' | 'live' | 'used' | 'over'>(!this.offer ? 'none' : this.used ? 'used' : this.left > 0 ? 'live' : 'over');

  constructor(private readonly host: Host) {}

  private waiting = () => this.host.pairings.map((request) => request.device + request.askedAt);

  /** Asks for a new code in place of this one. */
  async make(wish: MakeOffer): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.trouble = null;
    try {
      this.before = new Set(this.waiting());
      this.offer = await this.host.api.offer(wish);
      this.used = false;
      this.now = this.shownAt = Date.now();
    } catch (error) {
      this.offer = null;
      this.trouble = troubleOf(error, t.connection.noCode);
    } finally {
      this.busy = false;
    }
  }

  forget(): void {
    this.offer = null;
    this.trouble = null;
  }

  /** Lets it grow old; call it while it is shown, until the returned function is called. */
  run(): () => void {
    const timer = setInterval(() => (this.now = Date.now()), 500);
    return () => clearInterval(timer);
  }

  /** A code serves once: who waits now and did not before came by it. */
  notice(): void {
    if (this.state === 'live' && this.waiting().some((request) => !this.before.has(request))) this.used = true;
  }
}
