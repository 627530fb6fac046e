export const link = {
  late: 'The gateway did not answer in time.',
  quicker: 'Another way was quicker.',
  notLetIn: 'The gateway does not let this device in.',
  silent: 'The gateway does not answer.',
  otherGateway: 'The gateway is not the one this device was paired with.',
  otherVersion: (lowest: number, highest: number) => `The gateway speaks versions ${lowest} to ${highest} of the link.`,
};
