/** A sealed ballot as it travels: K, R and σ are its transaction's sender and signature (docs/formats.md, "Transaction"). */
import { concat } from "../bytes.js";
import { Decoder } from "../ledger/codec.js";
import { ProofFault } from "../ledger/fault.js";
import { hashUnder } from "../ledger/names.js";

const TX_BYTES_MAX = 64 << 10;
const SIGNATURE_BYTES = 64;
/** The payload of a message of a ceremony. */
const CEREMONY = 9;

export interface SealedTx {
  readonly chain: Uint8Array;
  /** K */
  readonly sender: Uint8Array;
  readonly election: Uint8Array;
  readonly college: number;
  readonly sequence: number;
  /** The whole sealed ballot. */
  readonly ballot: Uint8Array;
  /** The transaction's name, which does not depend on its signature. */
  readonly id: Uint8Array;
}

/** The draft for whose ceremony a transaction speaks; null where it does something else. Fault: `malformed`. */
export function ceremonyOf(data: Uint8Array): Uint8Array | null {
  const decoder = new Decoder(data, TX_BYTES_MAX);
  if (decoder.u16() !== 1) throw new ProofFault("malformed");
  decoder.take(2 * 32); // chain, sender
  return decoder.u32() === CEREMONY ? decoder.hash() : null;
}

/** Reads the transaction of a sealed ballot. Fault: `malformed`, for any other. */
export function readTx(data: Uint8Array): SealedTx {
  const decoder = new Decoder(data, TX_BYTES_MAX);
  const unsigned = decoder.withBytes(() => {
    if (decoder.u16() !== 1) throw new ProofFault("malformed");
    const [chain, sender] = [decoder.hash(), decoder.hash()];
    if (decoder.u32() !== 0) throw new ProofFault("malformed");
    const [election, college, sequence] = [decoder.hash(), decoder.u16(), decoder.u32()] as const;
    if (decoder.u32() !== 1) throw new ProofFault("malformed");
    return { chain, sender, election, college, sequence, body: decoder.bytesOf(TX_BYTES_MAX) };
  });
  const signature = decoder.take(SIGNATURE_BYTES);
  decoder.end();
  const { bytes, body, ...told } = unsigned;
  return { ...told, ballot: concat([body, told.sender, signature]), id: hashUnder("urne.v1 transaction id", bytes) };
}
