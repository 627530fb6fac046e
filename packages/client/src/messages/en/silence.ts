export const silence = {
  plain: 'The gateway does not answer.',
  tryAgain: 'The gateway does not answer. Try again.',
  tryLater: 'The gateway does not answer. Try again when the line is back.',
  lookLater: 'The gateway does not answer. Look again when the line is back.',
  listLater: 'The gateway does not answer. The list comes when the line is back.',
  figuresLater: 'The gateway does not answer. The figures come when the line is back.',
  unknownArrived: 'The gateway does not answer, so it is not known whether that arrived. Look again when the line is back.',
  maybeDone: 'The gateway did not answer. Look again before you repeat it: it may have been done.',
  unknownNow: 'Not known while the gateway does not answer.',
  without: (status: number) => `The gateway answered ${status}, without a word why.`,
};
