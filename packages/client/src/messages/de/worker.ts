import type { Messages } from '../index.ts';

export const worker: Messages['worker'] = {
  allow: 'Erlauben',
  deny: 'Ablehnen',
  maybeArrived: 'Vielleicht ist es nicht angekommen. Öffne es, um nachzusehen.',
  notKept: 'Nicht behalten',
  open: 'Offdesk öffnen',
  tooMany: (count) => `${count} geteilte Dinge warten schon. Sende sie oder lass sie in Offdesk weg, dann teile das nochmal.`,
  noRoom: 'Was du geteilt hast, ließ sich auf diesem Gerät nicht behalten; vielleicht ist kein Platz. Es wurde nirgendwohin gesendet. Teil es nochmal, wenn Platz ist.',
};
