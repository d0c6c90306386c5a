/**
 * The universal verification of a secret election, from the bytes of its archive and the name of its chain: certificates,
 * handovers, proven state, census, every ballot's proof, the sums, the trustees' shares and the result (docs/formats.md,
 * "Archive of an election"). Whatever does not hold is told by its step: {@link ArchiveFault}.
 */
import { concat, equal, fromLittleEndian, toHex, u16, u64 } from "../bytes.js";
import { readCertificate, readHeader } from "../ledger/certificate.js";
import { Decoder } from "../ledger/codec.js";
import { Log } from "../ledger/merkle.js";
import { hashUnder } from "../ledger/names.js";
import { requireInState } from "../ledger/state.js";
import { type Trust, handOver, requireDecided } from "../ledger/trust.js";
import { readValidatorSet } from "../ledger/validators.js";
import { open, verifyShare } from "../opening.js";
import { type Statement, statement } from "../statement.js";
import { type TrusteeKeys, decodeTrusteeKeys, electionId } from "../trustees.js";
import { totalsOf, urnOfTotals } from "../urn.js";
import { type VerifiedBallot, verify } from "../verify.js";
import { type Tally, encodedResult, talliesOf } from "./counting.js";
import { type Definition, type Question, asSealed, readDefinition } from "./definition.js";
import { during, require } from "./fault.js";
import { type Entry, compareEntries, entryBytes, readEntries, recordsOf } from "./file.js";
import { readGenesis } from "./genesis.js";
import { type SealedTx, ceremonyOf, readTx } from "./transaction.js";

const VERSION = 1;
const BYTES_MAX = 4 << 20;
const STATE_ENTRIES_MAX = 64;
const BLOCK_TXS_MAX = 1 << 20;
const [SEQUENCE_STEP_MAX, BALLOTS_PER_RIGHT_MAX] = [64, 1_024];
/** Tags of the state's keys. */
const TAG = { definition: 0x13, life: 0x14, turnout: 0x15, result: 0x16, ballots: 0x17, émargements: 0x18, urn: 0x54, share: 0x58 };

/** What was verified: anyone may repeat it. */
export interface VerifiedElection {
  readonly chain: Uint8Array;
  readonly election: Uint8Array;
  readonly questions: readonly Question[];
  readonly tallies: readonly Tally[];
  readonly registered: number;
  readonly voted: number;
  /** Those that later ones replaced included. */
  readonly ballots: number;
  readonly blocks: number;
}

/** Verifies an archive of this chain. Throws an {@link ArchiveFault} that names the step that fails. */
export function verifyArchive(file: Uint8Array, chain: Uint8Array): VerifiedElection {
  let urn: Recount | null = null;
  const groundwork = new Groundwork(chain);
  for (const { kind, decoder } of recordsOf(file)) {
    if (kind === "opening") during("file", () => groundwork.open(decoder));
    else if (kind === "handover") during("handover", () => groundwork.follow(decoder));
    else if (kind === "state") groundwork.believe(decoder);
    else if (kind === "census") during("census", () => groundwork.enrol(decoder));
    else {
      urn ??= new Recount(groundwork.finish());
      if (kind === "block") urn.block(decoder);
      else during("file", () => decoder.end());
    }
  }
  return urn!.finish();
}

/** What is known before the first ballot. */
interface Ground {
  readonly election: Uint8Array;
  readonly trusts: readonly Trust[];
  readonly definition: Definition;
  readonly draft: Uint8Array;
  readonly life: Life;
  readonly entries: readonly Entry[];
  readonly keys: TrusteeKeys;
  readonly of: Statement;
  readonly state: (tag: number, ...more: readonly Uint8Array[]) => Uint8Array | null;
  readonly memberOf: (key: Uint8Array) => Uint8Array;
}

/** The records before the blocks. */
class Groundwork {
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
    const { keys, name } = during("keys", () => keysOf(needed(TAG.urn), chain, draft));
    require(equal(name, election), "keys", 261);
    const of = during("keys", () =>
      statement(
        definition.questions.map(asSealed),
        chain,
        election,
        keys.keys.map((it) => it.bytes),
      ),
    );
    require(equal(censusOf(entries), definition.census), "census");
    const life = during("state", () => readLife(new Decoder(needed(TAG.life), BYTES_MAX)));
    require(life.tallied !== null && this.#oldest !== null && life.tallied <= this.#oldest, "count");
    const memberOf = (key: Uint8Array) => this.#state.get(toHex(concat([Uint8Array.of(0x41), key]))) ?? key;
    return { election, trusts: this.#trusts, definition, draft, life, entries, keys, of, state, memberOf };
  }
}

/** What happened to an election, by the heights of blocks. */
interface Life {
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

/** The set that decides a height. */
const trustAt = (trusts: readonly Trust[], height: bigint): Trust =>
  trusts.filter((it) => it.since <= height).at(-1) ?? trusts[0]!;

/** The trustees' keys of `draft 32 ‖ trustees ‖ registrars`, and the election that they make with this definition. */
function keysOf(record: Uint8Array, chain: Uint8Array, draft: Uint8Array): { keys: TrusteeKeys; name: Uint8Array } {
  const decoder = new Decoder(record, BYTES_MAX);
  const own = decoder.hash();
  const trustees = decoder.bytesOf(BYTES_MAX);
  const registrars = decoder.list(1_000, () => ({ scope: decoder.u32(), keys: decoder.bytesOf(BYTES_MAX) }));
  decoder.end();
  require(equal(own, draft), "keys", 261);
  return { keys: decodeTrusteeKeys(trustees), name: electionId(chain, draft, trustees, registrars) };
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

/** An urn of sealed ballots filled again, block by block. */
class Recount {
  /** By entry: its last sequence and ballot. */
  readonly #last = new Map<string, { entry: Entry; ballot: VerifiedBallot }>();
  readonly #census: ReadonlySet<string>;
  readonly #randomness = new Set<string>();
  readonly #ballots = new Log();
  readonly #émargements = new Log();
  #height = 0n;
  #blocks = 0;
  constructor(private readonly ground: Ground) {
    this.#census = new Set(ground.entries.map((it) => toHex(entryBytes(it))));
  }

  block(decoder: Decoder): void {
    const { trusts, definition, draft, life } = this.ground;
    const { header, certificate, txs } = during("file", () => {
      const [header, certificate] = [readHeader(decoder), readCertificate(decoder)];
      const txs = decoder.list(BLOCK_TXS_MAX, () => {
        if (decoder.variant(2) === 0) return { hash: decoder.hash(), bytes: null };
        const bytes = decoder.bytesOf(BYTES_MAX);
        return { hash: hashUnder("urne.v1 transaction hash", bytes), bytes };
      });
      decoder.end();
      return { header, certificate, txs };
    });
    during("certificate", () => requireDecided(trustAt(trusts, header.height), header, certificate));
    const body = new Log();
    for (const { hash } of txs) body.append(hash);
    require(equal(body.root(), header.txRoot), "block");
    require(this.#height < header.height, "block", null, "blocks are not in order");
    [this.#height, this.#blocks] = [header.height, this.#blocks + 1];
    for (const { hash, bytes } of txs) {
      if (!bytes) continue;
      // That the messages of the ceremony make the keys is for `urne election verify` to show.
      const ceremony = during("block", () => ceremonyOf(bytes));
      if (ceremony && equal(ceremony, draft)) continue;
      const isInTime = definition.opensAt <= header.time && header.time < definition.cutoff;
      const isBetween = life.opened !== null && life.opened <= header.height && life.last !== null && header.height <= life.last;
      require(isInTime && isBetween, "ballot", null, "it is out of time");
      this.cast(during("block", () => readTx(bytes)), hash);
    }
  }

  private cast(tx: SealedTx, hash: Uint8Array): void {
    const { election, of, definition, memberOf } = this.ground;
    require(equal(tx.chain, of.chain) && equal(tx.election, election), "block");
    const ballot = during("ballot", () => verify(of, tx.sequence, tx.ballot));
    const entry = { college: tx.college, member: memberOf(tx.sender) };
    const name = toHex(entryBytes(entry));
    require(this.#census.has(name), "ballot", 204);
    const before = this.#last.get(name);
    const least = before?.ballot.sequence ?? 0;
    require(!before || definition.mayRevote, "ballot", 205);
    require(least < tx.sequence, "ballot", 206);
    require(tx.sequence <= least + SEQUENCE_STEP_MAX, "ballot", 207);
    require(tx.sequence <= BALLOTS_PER_RIGHT_MAX, "ballot", 218);
    const A = toHex(ballot.A.bytes);
    require(!this.#randomness.has(A), "ballot", 262);
    this.#randomness.add(A);
    // A sealed ballot's proof does not name its college.
    const isElsewhere = (college: number) => college !== entry.college && this.#census.has(toHex(entryBytes({ ...entry, college })));
    require(!definition.groups.flat().some(isElsewhere), "ballot", 264);
    this.#last.set(name, { entry, ballot });
    this.#ballots.append(concat([tx.id, hash]));
    if (!before) this.#émargements.append(entryBytes(entry));
  }

  /** Lays the count beside the ledger's. */
  finish(): VerifiedElection {
    const { ground } = this;
    const { definition, state, entries } = ground;
    for (const [log, tag, step] of [[this.#ballots, TAG.ballots, "log"], [this.#émargements, TAG.émargements, "émargements"]] as const) {
      const said = state(tag) ?? concat([u64(0), new Log().root()]);
      require(equal(said, concat([u64(log.size), log.root()])), step);
    }
    const cast = [...this.#last.values()];
    for (const college of new Set(entries.map((it) => it.college))) {
      const voted = cast.filter(({ entry }) => entry.college === college).length;
      require(BigInt(voted) === fromLittleEndian(state(TAG.turnout, big(college, 2)) ?? new Uint8Array()), "émargements");
    }
    const tallies = talliesOf(definition.questions, this.opened(), BigInt(cast.length));
    definition.questions.forEach((question, at) => {
      const encoded = encodedResult(question, tallies[at]!, BigInt(entries.length));
      const said = state(TAG.result, big(at, 2));
      require(said !== null && equal(said, encoded), "result");
    });
    return {
      chain: ground.of.chain,
      election: ground.election,
      questions: definition.questions,
      tallies,
      registered: entries.length,
      voted: cast.length,
      ballots: Number(this.#ballots.size),
      blocks: this.#blocks,
    };
  }

  /** The cells of all groups together. Every share that was sent must hold for the very sum of the ballots. */
  private opened(): bigint[] {
    const { definition, keys, election, of, state } = this.ground;
    const cells = keys.keys.map(() => 0n);
    definition.groups.forEach((group, part) => {
      const own = [...this.#last.values()].filter(({ entry }) => group.includes(entry.college));
      const urn = urnOfTotals(election, part, totalsOf(own.map((it) => it.ballot), cells.length));
      const numbers = Array.from({ length: definition.trustees }, (_, at) => at + 1);
      const sent = numbers.map((trustee) => state(TAG.share, big(part, 4), big(trustee, 2))).filter((it) => it !== null);
      during("opening", () => {
        const shares = sent.map((it) => verifyShare(it, urn, keys));
        open(urn, keys, shares, of.compiled.encForms)[0]!.forEach((it, cell) => (cells[cell]! += it));
      });
    });
    return cells;
  }
}
/** Numbers in keys of the state, the most significant byte first. */
const big = (value: number, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, at) => Math.floor(value / 256 ** (length - 1 - at)) & 0xff);
