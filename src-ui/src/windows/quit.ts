import Quit from '../screens/Quit.svelte';
import { open } from './open.ts';

open(Quit);
