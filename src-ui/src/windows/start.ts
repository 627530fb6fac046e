import StartBar from '../screens/StartBar.svelte';
import { open } from './open.ts';

open(StartBar);
