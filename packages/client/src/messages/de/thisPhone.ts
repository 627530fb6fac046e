import type { Messages } from '../index.ts';

export const thisPhone: Messages['thisPhone'] = {
  toldNot: 'Dem Browser wurde es verboten. Seine Einstellungen für diese Seite ändern das.',
  cannotTell: 'Dieser Browser lässt diese Seite nichts melden.',
  didNotWork: 'Das hat nicht geklappt. Versuch es nochmal unter Mitteilungen.',
  shall: 'Soll dieses Handy dir sagen, wenn ein Agent dich braucht?',
  tellMe: 'Sag es mir',
  notNow: 'Jetzt nicht',
  serviceFailed: 'Der Browser oder sein Push-Dienst hat es nicht getan. Versuch es gleich nochmal.',
  homeScreenOnly: 'Ein iPhone oder iPad meldet nur Seiten auf dem Home-Bildschirm: Teilen, dann „Zum Home-Bildschirm“, und öffne sie von dort.',
  denied: 'Diesem Browser wurde verboten, Mitteilungen dieser Seite zu zeigen. Seine Einstellungen für die Seite ändern das.',
  notTrusted: 'Nicht unter dieser Adresse: Der Browser traut ihrem Zertifikat nicht. Die Seite unter der Adresse des Tunnels kann es.',
  cannotShow: 'Dieser Browser kann keine Mitteilungen einer Seite zeigen.',
  keysLocked: 'Die Schlüssel des Rechners sind gesperrt, darum lässt sich nichts senden. Unter Verbindung steht, was zu tun ist.',
  tellHere: 'Hier melden',
};
