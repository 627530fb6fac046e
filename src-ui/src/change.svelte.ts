import { desktop } from '@offdesk/client/messages/desktop.ts';
import { inOneLine, troubleOf } from '@offdesk/ui/offering.svelte.ts';

const SAID_MS = 2_500;

/** One change a person makes: on its way, kept, or refused and why. */
export class Change {
  state = $state<'calm' | 'busy' | 'kept'>('calm');
  refused = $state('');
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** Makes it; `back` shows the old value again when it was refused. True: it holds. */
  async make(what: () => Promise<unknown>, back: () => void = () => undefined): Promise<boolean> {
    clearTimeout(this.timer);
    this.state = 'busy';
    this.refused = '';
    try {
      await what();
      this.state = 'kept';
      this.timer = setTimeout(() => (this.state = 'calm'), SAID_MS);
      return true;
    } catch (error) {
      this.state = 'calm';
      this.refused = inOneLine(troubleOf(error, desktop.field.maybeNotChanged));
      back();
      return false;
    }
  }
}
