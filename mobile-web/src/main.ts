import { mount } from 'svelte';
import App from './App.svelte';
import '@offdesk/ui/look.css';

const target = document.getElementById('app');
if (target) mount(App, { target });

// Only over https with a certificate the browser trusts; where it can't be had the page works without.
if (location.protocol === 'https:') void navigator.serviceWorker?.register('/worker.js').catch(() => undefined);
