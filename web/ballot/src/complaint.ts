/**
 * Rounds 3 to 5 of the ceremony, as everybody can judge them: an encrypted share of which its recipient complains is opened with
 * the key that she reveals, and a dealer whose share does not fit its commitments is out (docs/ballots.md, section 7). Only that
 * one share becomes known.
 */
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { Reader, equal, u16 } from "./bytes.js";
import type { Ceremony, Commitments } from "./ceremony.js";
import { type Element, G, WORD, decodeElement, decodeScalar, publicSum } from "./group.js";
import { Refusal } from "./refusal.js";
import { SecretSource, Transcript } from "./transcript.js";

const TAG_BYTES = 16;
const NONCE = new Uint8Array(12);

declare const judged: unique symbol;
/** One dealer's shares for one recipient. Only {@link verifyEncryptedShare} makes one. */
export interface EncryptedShare {
  readonly [judged]: true;
  readonly dealer: number;
  readonly recipient: number;
  readonly bytes: Uint8Array;
}
/** A dealer convicted by a recipient. Only {@link verifyComplaint} makes one. */
export interface JustifiedComplaint {
  readonly [judged]: true;
  readonly dealer: number;
  readonly complainer: number;
}

/** Round 3: 32 bytes for each key, and a tag. What is in it shows only when somebody complains. Refuses 661 and 664. */
export function verifyEncryptedShare<P>(ceremony: Ceremony<P>, dealer: number, recipient: number, bytes: Uint8Array): EncryptedShare {
  ceremony.participant(dealer);
  ceremony.participant(recipient);
  if (bytes.length !== WORD * ceremony.keyCount + TAG_BYTES) throw new Refusal("wrong_shape");
  return { dealer, recipient, bytes } as EncryptedShare;
}

/**
 * Round 4: `S ‖ R1 ‖ R2 ‖ z`, with S = eX and log_G E = log_X S. Refuses `not_a_participant`, `bad_complaint`, what a point or a
 * scalar earns, and `unjustified_complaint` when the share is right.
 */
export function verifyComplaint<P>(
  ceremony: Ceremony<P>,
  complainer: number,
  commitments: Commitments<P>,
  share: EncryptedShare,
  bytes: Uint8Array,
): JustifiedComplaint {
  const { E } = ceremony.participant(complainer);
  const { X } = commitments;
  if (share.recipient !== complainer || share.dealer !== commitments.dealer) throw new Refusal("bad_complaint");
  const reader = new Reader(bytes, "bad_complaint");
  const point = (): Element => decodeElement(reader.take(WORD));
  const [S, R1, R2, z] = [point(), point(), point(), decodeScalar(reader.take(WORD))];
  reader.end();
  const c = new Transcript("urne.v1 ceremony complaint")
    .append("ceremony", ceremony.digest)
    .append("dealer", u16(share.dealer))
    .append("complainer", u16(complainer))
    .appendWords("points", [E.bytes, X.bytes, S.bytes])
    .append("share", share.bytes)
    .append("R1", R1.bytes)
    .append("R2", R2.bytes)
    .challenge("c");
  // zG = R1 + cE, and zX = R2 + cS
  const isKeyShown = publicSum([[z, G], [-c, E.point]]).equals(R1.point) && publicSum([[z, X.point], [-c, S.point]]).equals(R2.point);
  if (!isKeyShown) throw new Refusal("bad_complaint");
  if (fits(ceremony, commitments, share, E, S)) throw new Refusal("unjustified_complaint");
  return { dealer: share.dealer, complainer } as JustifiedComplaint;
}

/** Whether a share decrypts, and gives what the commitments say of its recipient. */
function fits<P>(ceremony: Ceremony<P>, commitments: Commitments<P>, share: EncryptedShare, E: Element, S: Element): boolean {
  const plain = decrypted(ceremony, commitments, share, E, S);
  const { group } = ceremony;
  if (!plain) return false;
  return commitments.C.every((row, k) => {
    try {
      const value = group.scalar(plain.slice(WORD * k, WORD * (k + 1)));
      const weights = row.map((C, j): readonly [bigint, P] => [BigInt(share.recipient) ** BigInt(j) % group.order, C]);
      return equal(group.encode(group.sum([[value, group.base]])), group.encode(group.sum(weights)));
    } catch (fault) {
      if (fault instanceof Refusal) return false;
      throw fault;
    }
  });
}
function decrypted<P>(
  ceremony: Ceremony<P>,
  { dealer, X }: Commitments<P>,
  { recipient, bytes }: EncryptedShare,
  E: Element,
  S: Element,
): Uint8Array | null {
  const key = new SecretSource("urne.v1 ceremony share encryption", S.bytes)
    .append("ceremony", ceremony.digest)
    .append("dealer", u16(dealer))
    .append("recipient", u16(recipient))
    .append("X", X.bytes)
    .append("E", E.bytes)
    .bytes("key");
  try {
    return chacha20poly1305(key.slice(0, 32), NONCE).decrypt(bytes);
  } catch {
    return null;
  }
}

/**
 * Round 5: the dealers that qualify, by number: with a share for each participant and no justified complaint. Their keys are
 * {@link Ceremony.keys}; null when without the others the threshold is another, so that they deal again. Refuses what the
 * threshold does.
 */
export function qualified<P>(
  ceremony: Ceremony<P>,
  commitments: readonly Commitments<P>[],
  shares: readonly EncryptedShare[],
  complaints: readonly JustifiedComplaint[],
): Commitments<P>[] | null {
  const isServed = (dealer: number): boolean =>
    ceremony.participants.every((it) => shares.some((share) => share.dealer === dealer && share.recipient === it.number));
  const left = commitments
    .filter(({ dealer }) => isServed(dealer) && !complaints.some((it) => it.dealer === dealer))
    .sort((a, b) => a.dealer - b.dealer);
  return ceremony.thresholdOf(left.map(({ dealer }) => ceremony.participant(dealer))) === ceremony.threshold ? left : null;
}
