import type { Messages } from '../index.ts';

export const silence: Messages['silence'] = {
  plain: 'Das Gateway antwortet nicht.',
  tryAgain: 'Das Gateway antwortet nicht. Versuch es nochmal.',
  tryLater: 'Das Gateway antwortet nicht. Versuch es nochmal, wenn die Verbindung wieder da ist.',
  lookLater: 'Das Gateway antwortet nicht. Sieh nochmal nach, wenn die Verbindung wieder da ist.',
  listLater: 'Das Gateway antwortet nicht. Die Liste kommt, wenn die Verbindung wieder da ist.',
  figuresLater: 'Das Gateway antwortet nicht. Die Zahlen kommen, wenn die Verbindung wieder da ist.',
  unknownArrived: 'Das Gateway antwortet nicht. Ob das angekommen ist, ist nicht bekannt. Sieh nochmal nach, wenn die Verbindung wieder da ist.',
  maybeDone: 'Das Gateway hat nicht geantwortet. Sieh nach, bevor du es wiederholst: Vielleicht ist es schon geschehen.',
  unknownNow: 'Nicht bekannt, solange das Gateway nicht antwortet.',
  without: (status) => `Das Gateway hat mit ${status} geantwortet, ohne zu sagen, warum.`,
};
