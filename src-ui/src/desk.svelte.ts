import type { Desk, DeskSettings } from './contract.ts';

/** What a window needs of the app to know it. */
export interface DeskSource {
  desk(): Promise<Desk>;
  onDesk(heard: (desk: Desk) => void): Promise<() => void>;
  changeDesk(change: Partial<DeskSettings>): Promise<Desk>;
}

/** The app as this window knows it, kept up to date. */
export class DeskStore {
  now = $state.raw<Desk | null>(null);
  /** An answer that was asked for before something newer was told is old. */
  private told = 0;

  constructor(
    private readonly source: DeskSource,
    private readonly onchange: (desk: Desk, before: Desk | null) => void = () => undefined,
  ) {}

  /** Listens first and asks then, so that nothing falls between; ends by what it returns. */
  follow(): () => void {
    const listening = this.source.onDesk((desk) => {
      this.told++;
      this.take(desk);
    });
    void listening.then(() => this.ask(), () => this.ask());
    return () => void listening.then((end) => end(), () => undefined);
  }

  private async ask(): Promise<void> {
    const told = this.told;
    try {
      const desk = await this.source.desk();
      if (told === this.told) this.take(desk);
    } catch {
      // The app tells of itself when something changes.
    }
  }

  async change(change: Partial<DeskSettings>): Promise<void> {
    this.take(await this.source.changeDesk(change));
  }

  private take(desk: Desk): void {
    const before = this.now;
    this.now = desk;
    this.onchange(desk, before);
  }

  /** A gateway answers, of this version or another. */
  get runs(): boolean {
    return this.now?.gateway.state === 'running' || this.now?.gateway.state === 'otherVersion';
  }
}
