import { mount } from 'svelte';
import App from './App.svelte';
import { appear, appearance } from './appearance.ts';
import { keepPlace } from './place.ts';
import { shell } from './shell.svelte.ts';
import '@offdesk/ui/look.css';

appear(appearance());
keepPlace();
const target = document.getElementById('app');
if (target) mount(App, { target });
void shell.start();
