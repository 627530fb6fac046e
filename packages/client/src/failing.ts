import { HandshakeFailed, OtherVersion } from './link/noise.ts';
import { NoAnswer, NotLetIn } from './link/link.ts';
import { t } from './messages/index.ts';

/** Why a way to the host did not work, for a person. The link itself speaks to programmers. */
export function failureWords(error: unknown): string {
  if (error instanceof NotLetIn) return t.link.notLetIn;
  if (error instanceof NoAnswer) return t.link[error.kind];
  if (error instanceof OtherVersion) return t.link.otherVersion(error.lowest, error.highest);
  if (error instanceof HandshakeFailed) return t.link.otherGateway;
  return error instanceof Error ? error.message : String(error);
}
