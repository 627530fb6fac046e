import { number } from '../../formats.ts';
import type { DesktopMessages } from '../../desktop.ts';

export const quit: DesktopMessages['quit'] = {
  appSilent: 'Offdesk antwortet nicht. Versuch es nochmal.',
  title: 'Offdesk beenden?',
  silent: 'Das Gateway antwortet nicht, darum weiß niemand, welche Läufe leben. Die leben, gehen weiter.',
  looking: 'Sehe nach, welche Läufe leben.',
  none: 'Kein Lauf arbeitet.',
  oneLives: 'Ein Lauf lebt',
  live: (count) => `${number(count)} Läufe leben`,
  eachTime: 'Jedes Mal so',
  keepBackground: 'Im Hintergrund weiterlaufen lassen',
  quit: 'Beenden',
  linger: 'Beim Abmelden gehen sie nur weiter, wenn dein Konto bleiben darf (loginctl enable-linger).',
  logoutEnds: 'Beim Abmelden enden sie.',
  survives: (logout) => `Sie gehen weiter, wenn Offdesk beendet wird, abstürzt oder ein Update bekommt. ${logout} Ein Neustart des Rechners beendet sie: Dann gelten sie als verloren und lassen sich fortsetzen.`,
};
