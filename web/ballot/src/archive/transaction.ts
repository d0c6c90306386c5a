/**
 * What is the election's in a block (docs/formats.md, "Transaction"): sealed ballots, whose K, R and σ are their transaction's
 * sender and signature, registrars' approvals, and credentials that somebody registers, the last two signed by their sender.
 */
import type { Registration } from "../blind.js";
import { concat } from "../bytes.js";
import { isSigned } from "../ledger/certificate.js";
import { Decoder } from "../ledger/codec.js";
import { ProofFault } from "../ledger/fault.js";
import { hashUnder } from "../ledger/names.js";
import { require } from "./fault.js";
import { type Entry, readEntry } from "./file.js";

const TX_BYTES_MAX = 64 << 10;
const REGISTRATIONS_MAX = 256;
const SIGNATURE_BYTES = 64;
const G1_BYTES = 48;

type Payload =
  | { readonly kind: "ballot"; readonly college: number; readonly sequence: number; readonly body: Uint8Array }
  | { readonly kind: "approval"; readonly entry: Entry; readonly request: Uint8Array }
  | { readonly kind: "credentials"; readonly college: number; readonly credentials: readonly Registration[] };
interface Sent {
  readonly chain: Uint8Array;
  /** K of a sealed ballot. */
  readonly sender: Uint8Array;
  readonly election: Uint8Array;
  readonly signature: Uint8Array;
  /** All but the signature. */
  readonly unsigned: Uint8Array;
}
export type Tx = Sent & Payload;
export type BallotTx = Extract<Tx, { kind: "ballot" }>;
export type ApprovalTx = Extract<Tx, { kind: "approval" }>;
export type CredentialsTx = Extract<Tx, { kind: "credentials" }>;

/** The payload of a message of a ceremony. */
const CEREMONY = 9;
/** The draft for whose ceremony a transaction speaks; null where it does something else. Fault: `malformed`. */
export function ceremonyOf(data: Uint8Array): Uint8Array | null {
  const decoder = new Decoder(data, TX_BYTES_MAX);
  if (decoder.u16() !== 1) throw new ProofFault("malformed");
  decoder.take(2 * 32); // chain, sender
  return decoder.u32() === CEREMONY ? decoder.hash() : null;
}

/** Reads a transaction of a secret election. Fault: `malformed`, for any other. */
export function readTx(data: Uint8Array): Tx {
  const decoder = new Decoder(data, TX_BYTES_MAX);
  const { bytes: unsigned, ...told } = decoder.withBytes(() => {
    if (decoder.u16() !== 1) throw new ProofFault("malformed");
    const [chain, sender, kind] = [decoder.hash(), decoder.hash(), decoder.u32()] as const;
    return { chain, sender, election: decoder.hash(), ...readPayload(kind, decoder) };
  });
  const signature = decoder.take(SIGNATURE_BYTES);
  decoder.end();
  return { ...told, signature, unsigned };
}
/** The payload, behind its election, with which all three begin. */
function readPayload(kind: number, decoder: Decoder): Payload {
  switch (kind) {
    case 0: {
      const [college, sequence] = [decoder.u16(), decoder.u32()] as const;
      if (decoder.u32() !== 1) throw new ProofFault("malformed");
      return { kind: "ballot", college, sequence, body: decoder.bytesOf(TX_BYTES_MAX) };
    }
    case 11:
      return { kind: "approval", entry: readEntry(decoder), request: decoder.take(G1_BYTES) };
    case 13: {
      const college = decoder.u16();
      const credentials = decoder.list(REGISTRATIONS_MAX, () => ({ credential: decoder.hash(), signature: decoder.take(G1_BYTES) }));
      return { kind: "credentials", college, credentials };
    }
    default:
      throw new ProofFault("malformed");
  }
}

/** The whole sealed ballot. */
export const sealedBallot = ({ body, sender, signature }: BallotTx): Uint8Array => concat([body, sender, signature]);
/** The transaction's name, which does not depend on its signature. */
export const idOf = ({ unsigned }: Sent): Uint8Array => hashUnder("urne.v1 transaction id", unsigned);
/** Whether its sender signed it. Fault: `credentials`, 103. */
export function requireSigned({ sender, signature, unsigned }: Sent): void {
  require(isSigned(signature, hashUnder("urne.v1 sign transaction", unsigned), sender), "credentials", 103, "it is not signed by its sender");
}
