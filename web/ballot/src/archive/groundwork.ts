/**
 * The ground on which a secret election is counted again: what the chain says of it, and who may vote, each proven from the
 * genesis up before a single ballot is looked at.
 */
import { concat, equal, toHex, u16, u64 } from "../bytes.js";
import { admit } from "../compile.js";
import { readCertificate, readHeader } from "../ledger/certificate.js";
import { Decoder } from "../ledger/codec.js";
import { Log } from "../ledger/merkle.js";
import { hashUnder } from "../ledger/names.js";
import { requireInState } from "../ledger/state.js";
import { type Trust, handOver, requireDecided } from "../ledger/trust.js";
import { readValidatorSet } from "../ledger/validators.js";
import { type RegistrarKeys, decodeRegistrarKeys } from "../registrars.js";
import { type Statement, statement } from "../statement.js";
import { type TrusteeKeys, decodeTrusteeKeys, electionId } from "../trustees.js";
import { type Definition, asSealed, readDefinition } from "./definition.js";
import { during, require } from "./fault.js";
import { type Entry, compareEntries, entryBytes, readEntries } from "./file.js";
import { readGenesis } from "./genesis.js";
import type { LotSeed } from "./rankings.js";

const VERSION = 1;
export const BYTES_MAX = 4 << 20;
const STATE_ENTRIES_MAX = 64;
/** Tags of the state's keys. */
const TAG = { definition: 0x13, life: 0x14, basis: 0x1a, urn: 0x54 };

/** What is known before the first ballot. */
export interface Ground {
  readonly election: Uint8Array;
  readonly trusts: readonly Trust[];
  readonly definition: Definition;
  readonly draft: Uint8Array;
  readonly life: Life;
  readonly entries: readonly Entry[];
  readonly keys: TrusteeKeys;
  /** By scope. */
  readonly registrars: ReadonlyMap<number, RegistrarKeys>;
  readonly of: Statement;
  /** What lots are drawn from, where a method draws them from a block. */
  readonly seed: LotSeed;
  readonly state: (tag: number, ...more: readonly Uint8Array[]) => Uint8Array | null;
  readonly memberOf: (key: Uint8Array) => Uint8Array;
}

/** The records before the blocks. */
export class Groundwork {
  #election: Uint8Array = new Uint8Array();
  readonly #trusts: Trust[] = [];
  readonly #state = new Map<string, Uint8Array | null>();
  readonly #entries: Entry[] = [];
  #oldest: bigint | null = null;
  constructor(private readonly chain: Uint8Array) {}

  open(decoder: Decoder): void {
    require(decoder.u16() === VERSION, "file", null, "another version of the format");
    const genesis = readGenesis(decoder);
    require(equal(genesis.chain, this.chain), "chain");
    this.#trusts.push(genesis);
    this.#election = decoder.hash();
    decoder.end();
  }
  follow(decoder: Decoder): void {
    const [header, certificate] = [readHeader(decoder), readCertificate(decoder)];
    const next = readValidatorSet(decoder);
    decoder.end();
    this.#trusts.push(handOver(this.#trusts.at(-1)!, header, certificate, next));
  }
  believe(decoder: Decoder): void {
    const { header, certificate } = during("file", () => ({ header: readHeader(decoder), certificate: readCertificate(decoder) }));
    during("certificate", () => requireDecided(trustAt(this.#trusts, header.height), header, certificate));
    const entries = during("file", () => {
      const read = () => [decoder.bytesOf(BYTES_MAX), decoder.option(() => decoder.bytesOf(BYTES_MAX)), decoder.bytesOf(BYTES_MAX)] as const;
      const all = decoder.list(STATE_ENTRIES_MAX, read);
      decoder.end();
      return all;
    });
    for (const [key, value, proof] of entries) {
      during("state", () => requireInState(header.appHash, key, value, proof));
      require(!this.#state.has(toHex(key)), "state", null, "an entry is there twice");
      this.#state.set(toHex(key), value);
    }
    this.#oldest = this.#oldest !== null && this.#oldest < header.height ? this.#oldest : header.height;
  }
  enrol(decoder: Decoder): void {
    for (const entry of readEntries(decoder)) {
      const last = this.#entries.at(-1);
      require(!last || compareEntries(last, entry) < 0, "census");
      this.#entries.push(entry);
    }
    decoder.end();
  }

  /** Whether everything is there that a count rests on. */
  finish(): Ground {
    const [chain, election, entries] = [this.chain, this.#election, this.#entries];
    const asked = (key: Uint8Array): Uint8Array | null => {
      const value = this.#state.get(toHex(key));
      require(value !== undefined, "state", null, `entry ${toHex(key)} is missing`);
      return value;
    };
    const state = (tag: number, ...more: readonly Uint8Array[]) => asked(concat([Uint8Array.of(tag), election, ...more]));
    const needed = (tag: number): Uint8Array => {
      const value = state(tag);
      require(value !== null, "state", null, `entry ${tag.toString(16)} is missing`);
      return value;
    };
    const encoded = needed(TAG.definition);
    const definition = during("state", () => readDefinition(new Decoder(encoded, BYTES_MAX)));
    const draft = hashUnder("urne.v1 draft", encoded);
    const { keys, registrars, name } = during("keys", () => keysOf(needed(TAG.urn), chain, draft));
    require(equal(name, election), "keys", 261);
    const of = during("keys", () =>
      statement(
        definition.questions.map(asSealed),
        chain,
        election,
        keys.keys.map((it) => it.bytes),
      ),
    );
    during("keys", () => admit(of.compiled, definition.credentials ? "blind_credentials" : "published_keys"));
    require(equal(censusOf(entries), definition.census), "census");
    const life = during("state", () => readLife(new Decoder(needed(TAG.life), BYTES_MAX)));
    require(life.tallied !== null && this.#oldest !== null && life.tallied <= this.#oldest, "count");
    const isDrawn = definition.questions.some(({ method }) => "lot" in method && method.lot === "later_block");
    const seed = isDrawn ? during("state", () => readLotSeed(election, needed(TAG.basis))) : null;
    const memberOf = (key: Uint8Array) => this.#state.get(toHex(concat([Uint8Array.of(0x41), key]))) ?? key;
    return { election, trusts: this.#trusts, definition, draft, life, entries, keys, registrars, of, seed, state, memberOf };
  }
}

/** What happened to an election, by the heights of blocks. */
export interface Life {
  readonly opened: bigint | null;
  /** Above this height no block holds a ballot. */
  readonly last: bigint | null;
  readonly tallied: bigint | null;
}
function readLife(decoder: Decoder): Life {
  const moment = (): bigint => {
    const height = decoder.u64();
    decoder.u64(); // time
    return height;
  };
  moment(); // scheduled
  const opened = decoder.option(moment);
  // Closed by its time before any transaction of that block, by an act after some of them.
  const last = decoder.option(() => moment() - (decoder.variant(2) === 0 ? 1n : 0n));
  return { opened, last, tallied: decoder.option(moment) };
}

/** The seed of lots, of `statutes ‖ electorate ‖ persons ‖ seed of draws ‖ seed of lots`. */
function readLotSeed(election: Uint8Array, basis: Uint8Array): Uint8Array {
  const decoder = new Decoder(basis, BYTES_MAX);
  const block = () => ({ height: decoder.u64(), hash: decoder.hash() });
  const isPlain = decoder.option(() => true) === null && decoder.length(0) === 0 && decoder.option(() => decoder.u64()) === null;
  require(isPlain, "state", null, "it is counted under statutes");
  decoder.option(block);
  const closing = decoder.option(block);
  decoder.end();
  require(closing !== null, "state", null, "the block is missing from which equals are drawn");
  return hashUnder("urne.v1 lot seed", election, closing.hash);
}

/** The set that decides a height. */
export const trustAt = (trusts: readonly Trust[], height: bigint): Trust =>
  trusts.filter((it) => it.since <= height).at(-1) ?? trusts[0]!;

/** The keys of `draft 32 ‖ trustees ‖ registrars`, and the election that they make with this definition. */
function keysOf(
  record: Uint8Array,
  chain: Uint8Array,
  draft: Uint8Array,
): { keys: TrusteeKeys; registrars: ReadonlyMap<number, RegistrarKeys>; name: Uint8Array } {
  const decoder = new Decoder(record, BYTES_MAX);
  const own = decoder.hash();
  const trustees = decoder.bytesOf(BYTES_MAX);
  const signing = decoder.list(1_000, () => ({ scope: decoder.u32(), keys: decoder.bytesOf(BYTES_MAX) }));
  decoder.end();
  require(equal(own, draft), "keys", 261);
  const keys = decodeTrusteeKeys(trustees);
  const registrars = new Map(signing.map((it) => [it.scope, decodeRegistrarKeys(it.keys)]));
  return { keys, registrars, name: electionId(chain, draft, trustees, signing) };
}

/** The hash of a census: root of its entries, and how many there are of each college. */
function censusOf(entries: readonly Entry[]): Uint8Array {
  const [log, members] = [new Log(), new Map<number, number>()];
  for (const entry of entries) {
    log.append(entryBytes(entry));
    members.set(entry.college, (members.get(entry.college) ?? 0) + 1);
  }
  const rows = [...members].map(([college, n]) => concat([u16(college), u64(n)]));
  return hashUnder("urne.v1 census", log.root(), u64(rows.length), ...rows);
}

