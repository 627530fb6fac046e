export const deliveryStates = {
  queued: 'waits to be sent',
  dropped: 'not needed any more',
  failed: 'failed',
  gone: 'not there any more',
  accepted: 'taken by its service',
  shown: 'shown',
  opened: 'opened',
};
