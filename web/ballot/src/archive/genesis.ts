/** The first validators of a chain, out of its genesis: whose hash is the chain's name, so that nothing else need be trusted. */
import { compare, concat, u16, u32, u64 } from "../bytes.js";
import type { Decoder } from "../ledger/codec.js";
import { ProofFault } from "../ledger/fault.js";
import { hashUnder } from "../ledger/names.js";
import { type HaltingPolicy, type Trust, trust } from "../ledger/trust.js";

const TEXT_MAX = 4_096;
const LIST_MAX = 10_000;
const SCALE = 1_000_000n;
/** The most of a set's power that one of four or more colleges may hold. */
const CAP = 300_000n;

interface College {
  readonly id: number;
  /** In the agreement: its own weight, or the statutory one. */
  readonly weight: bigint;
}
interface Member {
  readonly college: number;
  readonly key: Uint8Array;
  readonly id: Uint8Array;
}

/** Reads a genesis, and trusts its validators from the first height on. Faults: `malformed`, `college_rule`. */
export function readGenesis(decoder: Decoder): Trust {
  const { bytes, halting, colleges, members } = decoder.withBytes(() => {
    decoder.u16(); // version of the protocol
    decoder.text(TEXT_MAX);
    decoder.u64(); // time
    const halting = decoder.variant(2) === 0 ? "no_college_halts" : "one_college_may_halt";
    decoder.take(2 + 3 * 8 + 4 * 4 + 2 + 8); // parameters
    const colleges = decoder.list(LIST_MAX, (): College => {
      const id = decoder.u16();
      decoder.text(TEXT_MAX);
      const statutory = decoder.u16();
      return { id, weight: BigInt(decoder.option(() => decoder.u32()) ?? statutory) };
    });
    decoder.list(LIST_MAX, () => decoder.take(2 + 32)); // administrators
    const members = decoder.list(LIST_MAX, (): Member => {
      const college = decoder.u16();
      decoder.text(TEXT_MAX);
      const key = decoder.hash();
      decoder.hash(); // its node
      decoder.list(4, () => decoder.text(TEXT_MAX));
      decoder.take(64); // its signature
      return { college, key, id: hashUnder("urne.v1 validator id", key).slice(0, 20) };
    });
    return { halting: halting as HaltingPolicy, colleges, members };
  });
  const chain = hashUnder("urne.v1 genesis", bytes);
  return trust(chain, 1n, firstSet(colleges, members, halting), halting);
}

/** The canonical bytes of the set: each college's share of the power, split equally among its members. */
function firstSet(colleges: readonly College[], members: readonly Member[], halting: HaltingPolicy): Uint8Array {
  const present = colleges.filter((it) => members.some(({ college }) => college === it.id));
  if (members.some(({ college }) => !present.some((it) => it.id === college)) || present.some((it) => it.weight === 0n)) {
    throw new ProofFault("malformed");
  }
  const powers = pour(present, halting);
  const rows = [...members].sort((a, b) => compare(a.id, b.id)).map(({ id, key, college }) => {
    const own = members.filter((it) => it.college === college);
    const [power, n] = [powers.get(college)!, BigInt(own.length)];
    const isFirst = own.every((it) => compare(id, it.id) <= 0);
    return concat([id, key, u16(college), u64(power / n + (isFirst ? power % n : 0n)), u32(0)]);
  });
  return concat([u64(rows.length), ...rows]);
}

/** Water into glasses: in proportion to the weights, none above the cap, what rounding leaves to the lowest numbers. */
function pour(colleges: readonly College[], halting: HaltingPolicy): Map<number, bigint> {
  if (colleges.length < 4 && halting === "no_college_halts") throw new ProofFault("college_rule");
  const cap = [0n, SCALE, SCALE / 2n, SCALE / 2n - 1n][colleges.length] ?? CAP;
  const powers = new Map<number, bigint>();
  const sumOf = (some: readonly College[]): bigint => some.reduce((sum, { weight }) => sum + weight, 0n);
  let [open, rest] = [[...colleges].sort((a, b) => a.id - b.id), SCALE];
  for (;;) {
    const sum = sumOf(open);
    const overflowing = open.filter(({ weight }) => cap * sum < rest * weight);
    if (overflowing.length === 0) break;
    for (const { id } of overflowing) {
      powers.set(id, cap);
      rest -= cap;
    }
    open = open.filter((it) => !overflowing.includes(it));
  }
  const sum = sumOf(open);
  for (const { id, weight } of open) powers.set(id, (rest * weight) / sum);
  let left = rest - open.reduce((total, { id }) => total + powers.get(id)!, 0n);
  for (const { id } of open) {
    const power = powers.get(id)!;
    if (0n < left && power < cap) {
      powers.set(id, power + 1n);
      left -= 1n;
    }
  }
  return powers;
}
