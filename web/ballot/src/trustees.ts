/** Who holds the keys of an urn, and the name of the election that fixes them. */
import { type Element, WORD, decodeElement, isIdentity } from "./group.js";
import { Refusal } from "./refusal.js";
import { type ThresholdKeys, decodeThresholdKeys } from "./threshold.js";
import { Transcript } from "./transcript.js";

export type TrusteeKeys = ThresholdKeys<Element>;

/** The trustees' keys. Refuses what {@link decodeThresholdKeys} does, `not_a_point` and `identity_point`. */
export const decodeTrusteeKeys = (bytes: Uint8Array): TrusteeKeys =>
  decodeThresholdKeys(bytes, WORD, (point) => {
    const key = decodeElement(point);
    if (isIdentity(key)) throw new Refusal("identity_point");
    return key;
  });

/** The election of these keys: a ballot's context holds it, so a ballot made for other keys proves nothing. */
export function electionId(
  chain: Uint8Array,
  draft: Uint8Array,
  trustees: Uint8Array,
  registrars: readonly { readonly scope: number; readonly keys: Uint8Array }[],
): Uint8Array {
  const transcript = new Transcript("urne.v1 secret election")
    .append("chain", chain)
    .append("draft", draft)
    .append("trustees", trustees);
  for (const { scope, keys } of registrars) transcript.appendU32("scope", scope).append("registrars", keys);
  return transcript.digest();
}
