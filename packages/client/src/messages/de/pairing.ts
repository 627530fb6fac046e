import type { Messages } from '../index.ts';

export const pairing: Messages['pairing'] = {
  connectPhone: 'Handy verbinden',
  scan: 'Scanne das mit der Kamera des Handys. Es gilt einmal, noch',
  code: 'Kopplungscode',
  thenCompare: 'Dann vergleiche hier die sechs Ziffern und lass es herein.',
  used: 'Dieser Code wurde benutzt. Vergleiche die Ziffern oben.',
  over: 'Dieser Code ist abgelaufen.',
  newCode: 'Neuen Code zeigen',
  showCode: 'Code zeigen',
  moreWays: 'Mehr Wege für dieses Handy',
  secondAddress: 'Eine zweite Adresse, falls die erste nicht geht. Es bleibt dasselbe Gerät.',
  lanWorks: 'Geht ohne den Tunnel, solange beide in diesem Netz sind. Der Browser warnt vor dem Zertifikat, weil der Rechner es selbst gemacht hat.',
  openTab: 'Neuen Tab öffnen',
  openAsAt: (url) => `Als dieses Gerät öffnen: ${url}`,
  openAs: 'Als dieses Gerät öffnen',
  lanNoInstall: 'Von dieser Adresse lässt sie sich nicht auf den Startbildschirm legen, weil der Browser ihrem Zertifikat nicht traut. Öffne sie dafür durch den Tunnel.',
  nowAdd: 'Jetzt hinzufügen: Teilen, dann Zum Home-Bildschirm.',
  codeOnce: 'Der Code darin gilt einmal, zehn Minuten lang. Die installierte App ist dann dieses selbe Gerät.',
  startOver: 'Mit neuem Code beginnen',
  putOnHome: 'Auf den Startbildschirm legen',
  installMenu: 'Auf dem Startbildschirm öffnet sie sich wie eine App, und andere Apps können ihr etwas teilen: Menü des Browsers, dann Installieren.',
};
