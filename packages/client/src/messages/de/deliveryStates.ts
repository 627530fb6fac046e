import type { Messages } from '../index.ts';

export const deliveryStates: Messages['deliveryStates'] = {
  queued: 'wartet aufs Senden',
  dropped: 'nicht mehr nötig',
  failed: 'fehlgeschlagen',
  gone: 'nicht mehr da',
  accepted: 'von seinem Dienst angenommen',
  shown: 'gezeigt',
  opened: 'geöffnet',
};
