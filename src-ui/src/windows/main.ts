import App from '../App.svelte';
import { open } from './open.ts';

open(App);
