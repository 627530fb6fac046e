import type { DesktopMessages } from '../../desktop.ts';

export const field: DesktopMessages['field'] = {
  kept: '✓ Gemerkt',
  maybeNotChanged: 'Niemand hat geantwortet, vielleicht hat sich nichts geändert. Sieh nochmal nach, wenn das Gateway wieder da ist.',
};
