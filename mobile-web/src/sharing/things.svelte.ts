import { openShared, type Shared } from '@offdesk/client';
import type { SharedThings } from '@offdesk/ui/sharing.ts';

/** What the service worker keeps of what was shared, as this page sees it. */
class Things implements SharedThings {
  list = $state.raw<Shared[]>([]);
  private readonly store = openShared();

  constructor() {
    void this.look();
    // Shared while this page is open.
    navigator.serviceWorker?.addEventListener('message', ({ data }) => {
      if ((data as { type?: string } | null)?.type === 'offdesk.shared') void this.look();
    });
    document.addEventListener('visibilitychange', () => void this.look());
  }

  async wordsTaken(id: string): Promise<void> {
    const one = this.list.find((shared) => shared.id === id);
    if (!one) return;
    if (one.files.length === 0) return this.remove(id);
    await this.store.put({ ...one, text: '' });
    await this.look();
  }

  async remove(id: string): Promise<void> {
    await this.store.remove(id);
    await this.look();
  }

  private async look(): Promise<void> {
    try {
      this.list = await this.store.list();
    } catch {
      // A browser that keeps nothing has nothing to show.
    }
  }
}

export const things = new Things();
