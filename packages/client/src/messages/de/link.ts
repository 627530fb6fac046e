import type { Messages } from '../index.ts';

export const link: Messages['link'] = {
  late: 'Das Gateway hat nicht rechtzeitig geantwortet.',
  quicker: 'Ein anderer Weg war schneller.',
  notLetIn: 'Das Gateway lässt dieses Gerät nicht herein.',
  silent: 'Das Gateway antwortet nicht.',
  otherGateway: 'Das Gateway ist nicht das, mit dem dieses Gerät gekoppelt wurde.',
  otherVersion: (lowest, highest) => `Das Gateway spricht die Versionen ${lowest} bis ${highest} der Verbindung.`,
};
