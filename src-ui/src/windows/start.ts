import '@offdesk/ui/look.css';
import { mount } from 'svelte';
import { appearAsBefore } from '../appearance.ts';
import '../desk.css';
import StartBar from '../screens/StartBar.svelte';

appearAsBefore();
const target = document.getElementById('app');
if (target) mount(StartBar, { target });
