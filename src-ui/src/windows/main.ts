import '@offdesk/ui/look.css';
import { mount } from 'svelte';
import App from '../App.svelte';
import { appearAsBefore } from '../appearance.ts';
import '../desk.css';

appearAsBefore();
const target = document.getElementById('app');
if (target) mount(App, { target });
