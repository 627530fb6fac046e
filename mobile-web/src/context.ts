import type { Link } from '@offdesk/client';
import { getContext, setContext } from 'svelte';

const LINK = Symbol('link');

export const provideLink = (link: Link) => setContext(LINK, link);
export const useLink = () => getContext<Link>(LINK);
