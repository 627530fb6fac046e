// What the app and its windows say to each other; the other side is src-tauri.

/** The app as its windows know it. */
export interface Desk {
  /** Of the app. */
  version: string;
  /** The data folder. */
  data: string;
  /** This machine's name. */
  host: string;
  gateway: {
    /** `otherVersion`: it runs and is used, but is not this app's version. */
    state: 'looking' | 'starting' | 'running' | 'down' | 'otherVersion';
    /** This app started it; else a service, a terminal or an earlier app did. */
    ours: boolean;
    sentence: string;
    fix: string | null;
    retryAt: string | null;
    version: string | null;
    pid: number | null;
    /** The last lines it said, when it is down. */
    log: string[];
  };
  /** `missing`: this desktop has no place for tray icons; the window is all there is. */
  tray: 'shown' | 'missing';
  shortcut: { keys: string; state: 'ready' | 'taken' | 'unsupported' | 'off'; text: string | null };
  startAtLogin: { on: boolean; problem: string | null };
  update: { state: 'none' | 'available' | 'unsupported'; version: string | null; text: string | null };
  /** What a person should know of the app's own settings. */
  note: string | null;
  settings: DeskSettings;
}

/** What the app keeps; the gateway's settings are its own. */
export interface DeskSettings {
  /** As `CommandOrControl+Shift+Space`; empty: none. */
  shortcut: string;
  startAtLogin: boolean;
  appearance: Appearance;
  onQuit: 'ask' | 'keep' | 'stop';
  notify: { needsYou: boolean; finished: boolean; reach: boolean };
}

export type Appearance = 'system' | 'light' | 'dark';

/** An answer of the gateway, as the app carries it. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** What a live connection brings; output frames come as bytes. */
export type News = { type: 'open' } | { type: 'text'; text: string } | { type: 'closed'; code: number } | ArrayBuffer;
