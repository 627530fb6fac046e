import { number } from '../formats.ts';

export const now = {
  title: 'Now',
  deviceWants: 'A device wants to come in',
  devicesWant: (count: number) => `${number(count)} devices want to come in`,
  compareDigits: 'Compare the digits, then let it in or not',
  needsYou: (count: number) => `Needs you · ${number(count)}`,
  finished: 'Finished, not looked at',
  nothingNeeds: 'Nothing needs you.',
  nothingRuns: 'Nothing is running.',
  whatAgentsAsk: 'What agents ask comes here, over all runs.',
  putAway: 'Start a run, put the phone away, and come back when it needs you.',
  startRun: 'Start a run',
  runs: 'Runs',
  noRuns: 'No runs yet.',
  listedHere: 'What you start is listed here, until you put it away.',
  didBefore: 'What agents did before',
  new: 'New',
  waitingForYou: 'waiting for you',
  toLetIn: 'to let in',
  notFetched: 'This part of the page could not be fetched. Nothing of what you typed is lost.',
  loadAnew: 'Load the page anew',
};
