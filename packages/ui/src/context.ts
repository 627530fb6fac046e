import type { DeviceRole, Host, StoryStore, Way } from '@offdesk/client';
import { getContext, setContext } from 'svelte';
import type { SharedThings } from './sharing.ts';

/** Where the person sits: what differs between a phone, a page on this machine, and the window of the app. */
export interface Seat {
  /** What the ladder calls it: `This phone`. */
  readonly name: string;
  /** The device it is; none for the app, which is the machine itself. */
  readonly device: string | null;
  readonly role: DeviceRole;
  /** It is on the machine, and so may let devices in. */
  readonly atMachine: boolean;
  /** It has a keyboard with all keys: none need to be drawn, and Enter sends. */
  readonly keyboard: boolean;
  /** The way in use now; none while there is none. */
  readonly way: Way | null;
  /** What was tried without success. */
  readonly tried: { way: Way; error: unknown }[];
  /** What other apps shared with it, where they can. */
  readonly shared?: SharedThings;
  /** Where it keeps the ends of stories for a time without a line, if it does. */
  readonly stories?: StoryStore;
  /** How far it gets while it is not connected, in a sentence. */
  look(): Promise<string>;
  /** It gives up its access itself; taken back when that was not done. */
  leaving(leaves: boolean): void;
}

const HOST = Symbol('host');
export const provideHost = (host: Host) => setContext(HOST, host);
export const useHost = () => getContext<Host>(HOST);

const SEAT = Symbol('seat');
export const provideSeat = (seat: Seat) => setContext(SEAT, seat);
export const useSeat = () => getContext<Seat>(SEAT);
