import { visible } from '@offdesk/client';

/** Saved as what it is called, and never opened by this page. */
export function saveAs(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = visible(name);
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** The phone's own sheet takes files. */
export const shares = typeof navigator.canShare === 'function' && navigator.canShare({ files: [new File([''], 'a.txt', { type: 'text/plain' })] });
