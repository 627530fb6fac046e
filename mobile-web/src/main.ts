import { speakAsKept } from '@offdesk/client';
import { mount } from 'svelte';
import App from './App.svelte';
import { appear, appearance } from './appearance.ts';
import '@offdesk/ui/look.css';

appear(appearance());
const target = document.getElementById('app');
// Nothing is drawn before there are words for it.
if (target) void speakAsKept().then(() => mount(App, { target }));

// Only over https with a certificate the browser trusts; where it can't be had the page works without.
if (location.protocol === 'https:') void navigator.serviceWorker?.register('/worker.js').catch(() => undefined);
/** The page has what it needs for itself by then. */
const QUIET_MS = 3_000;
void navigator.serviceWorker?.ready.then(({ active }) => setTimeout(() => active?.postMessage({ type: 'offdesk.keep' }), QUIET_MS));
