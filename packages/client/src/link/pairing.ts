// Becoming a device of a host.
import type { Consent, PairingAnswer, PairingEnd, PairingHello } from '../types.gen.ts';
import { fromBase64, fromUtf8, toBase64, utf8, type Bytes } from './bytes.ts';
import { Connection } from './connection.ts';
import { NEWEST, shake, type Dial } from './dial.ts';
import { digits } from './noise.ts';
import type { Offer } from './offer.ts';
import type { KnownHost, Vault } from './vault.ts';

/** This page, about itself. */
export interface Me {
  name: string;
  platform: string;
  build: string;
  origin: string;
}

/** A pairing on its way. */
export interface Pairing {
  host: KnownHost;
  /** What both screens show. */
  digits: string;
  /** What the person at the host says; `approved` at once where nobody has to. */
  consent: Promise<Consent>;
  cancel(): void;
}

async function keyPairs(known: KnownHost | undefined): Promise<[CryptoKeyPair, CryptoKeyPair]> {
  // Known there already: the same keys, so that the host updates what it has.
  if (known) return [known.own, known.signing];
  return [
    (await crypto.subtle.generateKey({ name: 'X25519' }, false, ['deriveBits'])) as CryptoKeyPair,
    (await crypto.subtle.generateKey({ name: 'Ed25519' }, false, ['sign', 'verify'])) as CryptoKeyPair,
  ];
}

/** Takes an offer. What is agreed is kept before anybody has said yes, so that a page that is closed meanwhile loses nothing. */
export async function pair(offer: Offer, me: Me, vault: Vault, dial: Dial): Promise<Pairing> {
  const hostKey = toBase64(offer.hostKey);
  const known = (await vault.list()).find((host) => host.hostKey === hostKey);
  const [own, signing] = await keyPairs(known);
  const signingKey: Bytes = new Uint8Array(await crypto.subtle.exportKey('raw', signing.publicKey));
  const hello: PairingHello = { newest: NEWEST, ...me, signingKey: toBase64(signingKey) };
  const keys = { own, host: offer.hostKey, shared: offer.secret };
  const kind = { kind: 'pairing', offer: offer.id } as const;
  const [carrier, finished] = await shake(dial, me.origin, kind, offer.path, keys, () => utf8(JSON.stringify(hello)));
  const answer = JSON.parse(fromUtf8(finished.payload)) as PairingAnswer;
  const host: KnownHost = {
    hostKey, hostId: answer.host.id, hostName: answer.host.name, signingKey: answer.host.signingKey ?? null,
    device: answer.device, secret: fromBase64(answer.secret), role: answer.role, own, signing, path: offer.path,
    paths: answer.paths ?? null, waiting: answer.state !== 'approved', usedAt: Date.now(),
  };
  await vault.put(host);
  const connection = new Connection(carrier, finished);
  const settle = async (state: Consent): Promise<Consent> => {
    connection.close();
    if (state === 'approved') await vault.put({ ...host, waiting: false, usedAt: Date.now() });
    if (state === 'refused') await vault.remove(hostKey);
    return state;
  };
  const consent = answer.state === 'approved'
    ? settle('approved')
    : connection.fetch('/pairing').then(async (answer) => settle(((await answer.json()) as PairingEnd).state));
  return { host, digits: await digits(finished.hash), consent, cancel: () => connection.close() };
}
