import type { Messages } from '../index.ts';

export const renewal: Messages['renewal'] = {
  thisPage: 'Diese Seite',
  loadAnyway: 'Trotzdem laden',
  later: 'Später',
  load: 'Laden',
  unkept: 'Was hier offen ist, bleibt beim Neuladen der Seite nicht erhalten. Bring es erst zu Ende, sonst ist es weg.',
  offered: 'Eine neue Version dieser Seite ist da. Was du getippt hast, bleibt.',
  computer: 'Offdesk am Rechner',
  computerWith: (version) => `Offdesk am Rechner (${version})`,
  olderComputer: (computer, page) => `${computer} ist älter als diese Seite (${page}): Mach dort ein Update. Was beide kennen, geht.`,
  tooOldComputer: (computer) => `${computer} ist zu alt für diese Seite: Mach dort ein Update. Was du hier schreibst, wartet darauf.`,
  olderPage: (page, computer) => `Diese Seite (${page}) ist älter als ${computer}.`,
  tooOldPage: (computer) => `Diese Seite ist zu alt für ${computer}.`,
  noneNewer: 'Unter ihrer Adresse gibt es keine neuere: Tippe am Rechner „offdesk pair“ und öffne, was er zeigt.',
  loadNew: 'Lade die neue; was du getippt hast, bleibt.',
};
