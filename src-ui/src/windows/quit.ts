import '@offdesk/ui/look.css';
import { mount } from 'svelte';
import { appearAsBefore } from '../appearance.ts';
import '../desk.css';
import Quit from '../screens/Quit.svelte';

appearAsBefore();
const target = document.getElementById('app');
if (target) mount(Quit, { target });
