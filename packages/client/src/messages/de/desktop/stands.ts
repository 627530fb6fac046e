import type { DesktopMessages } from '../../desktop.ts';

export const stands: DesktopMessages['stands'] = {
  off: 'aus',
  paused: 'angehalten',
  trying: 'wird versucht',
  ready: 'bereit',
  failed: 'fehlgeschlagen',
  unknown: 'nicht bekannt',
};
