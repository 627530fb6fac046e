import '@offdesk/ui/look.css';
import { speakAsKept } from '@offdesk/client';
import { mount, type Component } from 'svelte';
import { appearAsBefore } from '../appearance.ts';
import '../desk.css';

/** Draws a window, once there are words for it. */
export function open(window: Component): void {
  appearAsBefore();
  const target = document.getElementById('app');
  if (target) void speakAsKept().then(() => mount(window, { target }));
}
