import type { Messages } from '../index.ts';

export const receipt: Messages['receipt'] = {
  denied: 'Abgelehnt',
  outOfTime: 'Zeit abgelaufen',
  takenBack: 'Zurückgenommen',
  allowed: 'Erlaubt',
  answered: 'Beantwortet',
  answeredIn: (name) => `Beantwortet in ${name}`,
  byPerson: (name) => `von ${name}`,
  byAgent: 'vom Agenten',
  byRule: (rule) => `durch die Regel „${rule}“`,
  withAgent: 'der Agent hat es',
  onItsWay: 'unterwegs',
  done: 'erledigt',
  failed: 'fehlgeschlagen',
  unknown: 'wie es ausging, ist nicht bekannt',
  thenFailed: 'dann fehlgeschlagen',
  letterIs: (letter, number) => `${letter} ist ${number}`,
};
