import { many, number } from '../formats.ts';
import type { Messages } from '../index.ts';

export const ruleSheet: Messages['ruleSheet'] = {
  inRun: 'in diesem Lauf',
  inProject: 'in diesem Projekt',
  always: 'immer, in jedem Lauf',
  nothingElse: 'Sonst wurde dort bisher nichts gefragt.',
  covered: (covers, all) => `Sie hätte ${number(covers)} der letzten ${number(all)} Anfragen dort abgedeckt.`,
  coveredDenied: (covers, all, denied) => `Sie hätte ${number(covers)} der letzten ${number(all)} Anfragen dort abgedeckt; ${number(denied)} davon hat ein Mensch abgelehnt.`,
  waitingAllowed: (count) => many(count, { one: '# weitere, die jetzt wartet, wird damit erlaubt.', other: '# weitere, die jetzt warten, werden damit erlaubt.' }),
  waitingDenied: (count) => many(count, { one: '# weitere, die jetzt wartet, wird damit abgelehnt.', other: '# weitere, die jetzt warten, werden damit abgelehnt.' }),
  allowByRule: 'Mit einer Regel erlauben',
  denyByRule: 'Mit einer Regel ablehnen',
  lookingCover: 'Sehe nach, was sie abdecken würde …',
  noRule: 'Dafür lässt sich keine Regel machen: Das entscheidest du jedes Mal selbst.',
  fromNowAllow: 'Von jetzt an ohne Nachfrage erlauben',
  fromNowDeny: 'Von jetzt an ohne Nachfrage ablehnen',
  where: 'Wo',
  wordsEachTime: 'Worte für den Agenten, jedes Mal',
  wordsOptional: 'Worte für den Agenten, jedes Mal (wenn du willst)',
  wouldHave: 'Was sie abgedeckt hätte',
  underRules: 'Unter Regeln siehst du sie und kannst sie zurücknehmen.',
  allowAndMake: 'Erlauben und diese Regel machen',
  denyAndMake: 'Ablehnen und diese Regel machen',
};
