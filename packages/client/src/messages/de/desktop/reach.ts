import type { DesktopMessages } from '../../desktop.ts';

export const reach: DesktopMessages['reach'] = {
  fixed: 'Das Gateway wurde so gestartet, dass seine Befehlszeile das festlegt; es ändert sich mit dem nächsten Start.',
  keysUnread: 'Die Schlüssel dieses Rechners lassen sich nicht lesen, darum kommt niemand von außen herein.',
  unlock: 'Öffne den Schlüsselbund und starte Offdesk neu. Arbeit hier geht weiter.',
  paused: 'Der Fernzugriff ist angehalten: Nichts kommt von außen herein, bis er fortgesetzt wird.',
  lanAt: (url) => `Handys in diesem Netz erreichen ihn unter ${url}.`,
  notToNetwork: 'In diesem Netz nicht erreichbar.',
  networkFails: (why) => `In diesem Netz geht es nicht: ${why}`,
  earlier: 'Das laufende Gateway ist eine frühere Version. Benutze die neue, um das von hier einzuschalten.',
  asking: 'Frage das Gateway.',
  lookingAddress: 'Suche die Adresse dieses Rechners im Netz.',
  outsideAt: (url) => `Von außen erreichbar unter ${url}; dieser Rechner hat es gerade geprüft.`,
  notBack: (why) => `Der Tunnel steht, aber eine Anfrage durch ihn kommt nicht zurück: ${why}`,
  tryingAt: (url) => `Der Tunnel steht unter ${url}; prüfe ihn von außen.`,
  askingCloudflare: 'Frage Cloudflare nach einer Adresse.',
  notOutside: 'Von außen nicht erreichbar.',
  startingTunnel: 'Starte den Tunnel.',
};
