import type { Host } from '@offdesk/client';
import { getContext, setContext } from 'svelte';

const KEY = Symbol('host');

export const provideHost = (host: Host) => setContext(KEY, host);
export const useHost = () => getContext<Host>(KEY);
