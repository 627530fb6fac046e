export const worker = {
  allow: 'Allow',
  deny: 'Deny',
  maybeArrived: 'It may not have arrived. Open it to see.',
  notKept: 'Not kept',
  open: 'Open Offdesk',
  tooMany: (count: number) => `${count} things that were shared wait already. Send them or leave them out in Offdesk, then share this again.`,
  noRoom: 'What you shared could not be kept on this device; it may be out of room. It was sent nowhere. Share it again when there is room.',
};
