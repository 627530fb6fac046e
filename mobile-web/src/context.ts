import type { Host, Link } from '@offdesk/client';
import { getContext, setContext } from 'svelte';

const KEY = Symbol('host');

export const provideHost = (host: Host) => setContext(KEY, host);
export const useHost = () => getContext<Host>(KEY);

const LINK = Symbol('link');

export const provideLink = (link: Link) => setContext(LINK, link);
export const useLink = () => getContext<Link>(LINK);
