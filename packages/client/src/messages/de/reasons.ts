import type { Messages } from '../index.ts';

export const reasons: Messages['reasons'] = {
  decision: '… etwas tun möchte und du entscheiden musst',
  question: '… eine Frage hat',
  finished: '… fertig ist',
  failed: '… gescheitert ist',
  silent: '… arbeitet und lange nichts sagt',
  limit: '… ein Limit erreicht oder weitermachen kann',
  device: 'Ein Gerät bekommt Zugang',
  reach: 'Handys erreichen den Rechner vielleicht nicht',
};
