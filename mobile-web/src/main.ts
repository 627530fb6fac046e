import { speakAsKept } from '@offdesk/client';
import { mount } from 'svelte';
import App from './App.svelte';
import { appear, appearance } from './appearance.ts';
import { keepPlace } from './place.ts';
import { shell } from './shell.svelte.ts';
import '@offdesk/ui/look.css';

appear(appearance());
keepPlace();
const target = document.getElementById('app');
// Nothing is drawn before there are words for it.
if (target) void speakAsKept().then(() => mount(App, { target }));
void shell.start();
