// The API, typed, from TypeScript: everything of the front ends that is not pixels.
export * from './types.gen.ts';
export * from './api.ts';
export * from './keys.ts';
export * from './live.ts';
export * from './link/bytes.ts';
export * from './link/dial.ts';
export * from './link/link.ts';
export * from './link/offer.ts';
export * from './link/pairing.ts';
export * from './link/vault.ts';
export * from './folders.ts';
export * from './host.svelte.ts';
export * from './outbox.svelte.ts';
export * from './timeline.svelte.ts';
export * from './receipt.ts';
export * from './text.ts';
export * from './ids.ts';
