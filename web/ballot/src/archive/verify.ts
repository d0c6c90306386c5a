/**
 * The universal verification of a secret election, from the bytes of its archive and the name of its chain: certificates,
 * handovers, proven state, census, credentials, every ballot's proof, what is opened, the trustees' shares and the result
 * (docs/formats.md, "Archive of an election"). Whatever does not hold is told by its step: {@link ArchiveFault}.
 */
import { concat, equal, fromLittleEndian, toHex } from "../bytes.js";
import { readCertificate, readHeader } from "../ledger/certificate.js";
import type { Header } from "../ledger/certificate.js";
import type { Decoder } from "../ledger/codec.js";
import { Log } from "../ledger/merkle.js";
import { hashUnder } from "../ledger/names.js";
import { requireDecided } from "../ledger/trust.js";
import { open, verifyShare } from "../opening.js";
import { type Urn, pieces, totalsOf, urnOfTotals } from "../urn.js";
import { type VerifiedBallot, verify } from "../verify.js";
import { type Tally, encodedResult, talliesOf, talliesOfRankings } from "./counting.js";
import { Credentials } from "./credentials.js";
import type { Question } from "./definition.js";
import { during, require } from "./fault.js";
import { type Entry, entryBytes, recordsOf } from "./file.js";
import { BYTES_MAX, type Ground, Groundwork, trustAt } from "./groundwork.js";
import { type BallotTx, type Tx, ceremonyOf, idOf, readTx, sealedBallot } from "./transaction.js";

const BLOCK_TXS_MAX = 1 << 20;
const [SEQUENCE_STEP_MAX, BALLOTS_PER_RIGHT_MAX] = [64, 1_024];
/** Tags of the state's keys. */
const TAG = { turnout: 0x15, result: 0x16, ballots: 0x17, émargements: 0x18, share: 0x58 };

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

/** An urn of sealed ballots filled again, block by block. */
class Recount {
  /** By entry: its last sequence and ballot. */
  readonly #last = new Map<string, { entry: Entry; ballot: VerifiedBallot }>();
  readonly #census: ReadonlySet<string>;
  readonly #randomness = new Set<string>();
  readonly #ballots = new Log();
  readonly #émargements = new Log();
  /** Null where the census holds the keys that vote. */
  readonly #credentials: Credentials | null;
  #height = 0n;
  #blocks = 0;
  constructor(private readonly ground: Ground) {
    this.#census = new Set(ground.entries.map((it) => toHex(entryBytes(it))));
    const { of, election, definition, entries, registrars } = ground;
    const rules = definition.credentials;
    this.#credentials = rules && new Credentials(of.chain, election, definition, rules, entries, registrars);
  }

  block(decoder: Decoder): void {
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
    during("certificate", () => requireDecided(trustAt(this.ground.trusts, header.height), header, certificate));
    const body = new Log();
    for (const { hash } of txs) body.append(hash);
    require(equal(body.root(), header.txRoot), "block");
    require(this.#height < header.height, "block", null, "blocks are not in order");
    [this.#height, this.#blocks] = [header.height, this.#blocks + 1];
    for (const { hash, bytes } of txs) {
      // That the messages of the ceremony make the keys is for `urne election verify` to show.
      const draft = bytes && during("block", () => ceremonyOf(bytes));
      const isOfCeremony = draft && equal(draft, this.ground.draft);
      if (bytes && !isOfCeremony) this.take(header, during("block", () => readTx(bytes)), hash);
    }
  }

  private take(header: Header, tx: Tx, hash: Uint8Array): void {
    const { election, of } = this.ground;
    require(equal(tx.chain, of.chain) && equal(tx.election, election), "block");
    if (tx.kind === "ballot") return this.cast(header, tx, hash);
    const credentials = this.#credentials;
    require(credentials !== null, "block", null, "it is about credentials, and the election issues none");
    if (tx.kind === "approval") credentials.approve(header, tx);
    else credentials.register(header, tx);
  }

  private cast({ time, height }: Header, tx: BallotTx, hash: Uint8Array): void {
    const { of, definition, life } = this.ground;
    const ballot = during("ballot", () => verify(of, tx.sequence, sealedBallot(tx)));
    const isInTime = definition.opensAt <= time && time < definition.cutoff;
    const isBetween = life.opened !== null && life.opened <= height && life.last !== null && height <= life.last;
    require(isInTime && isBetween, "ballot", null, "it is out of time");
    const entry = this.voter(tx);
    const name = toHex(entryBytes(entry));
    const before = this.#last.get(name);
    const least = before?.ballot.sequence ?? 0;
    require(!before || definition.mayRevote, "ballot", 205);
    require(least < tx.sequence, "ballot", 206);
    require(tx.sequence <= least + SEQUENCE_STEP_MAX, "ballot", 207);
    require(tx.sequence <= BALLOTS_PER_RIGHT_MAX, "ballot", 218);
    const A = toHex(ballot.A.bytes);
    require(!this.#randomness.has(A), "ballot", 262);
    this.#randomness.add(A);
    this.#last.set(name, { entry, ballot });
    this.#ballots.append(concat([idOf(tx), hash]));
    if (!before) this.#émargements.append(entryBytes(entry));
  }
  /** Whose right it is: of a registered credential, or of a member, by the key in her place where there is one. */
  private voter({ college, sender }: BallotTx): Entry {
    const { definition, memberOf } = this.ground;
    if (this.#credentials) {
      this.#credentials.judge({ college, member: sender });
      return { college, member: sender };
    }
    const entry = { college, member: memberOf(sender) };
    require(this.#census.has(toHex(entryBytes(entry))), "ballot", 204);
    // A sealed ballot's proof does not name its college.
    const isElsewhere = (college: number) => college !== entry.college && this.#census.has(toHex(entryBytes({ ...entry, college })));
    require(!definition.groups.flat().some(isElsewhere), "ballot", 264);
    return entry;
  }

  /** Lays the count beside the ledger's. */
  finish(): VerifiedElection {
    const { ground } = this;
    const { definition, state, entries } = ground;
    this.#credentials?.finish(state);
    for (const [log, tag, step] of [[this.#ballots, TAG.ballots, "log"], [this.#émargements, TAG.émargements, "émargements"]] as const) {
      require(equal(state(tag) ?? new Log().head(), log.head()), step);
    }
    const cast = [...this.#last.values()];
    for (const college of new Set(entries.map((it) => it.college))) {
      const voted = cast.filter(({ entry }) => entry.college === college).length;
      require(BigInt(voted) === fromLittleEndian(state(TAG.turnout, big(college, 2)) ?? new Uint8Array()), "émargements");
    }
    const tallies = this.tallies(BigInt(cast.length));
    definition.questions.forEach((question, at) => {
      const encoded = encodedResult(question, tallies[at]!, BigInt(entries.length), ground.seed);
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

  /** What the urns hold, question by question. Every share that was sent must hold for the very urn that the ballots make. */
  private tallies(ballots: bigint): Tally[] {
    const { definition, keys, of, state } = this.ground;
    const numbers = Array.from({ length: definition.trustees }, (_, at) => at + 1);
    return during("opening", () => {
      const rows = this.urns().flatMap((urn) => {
        const sent = numbers.map((trustee) => state(TAG.share, big(urn.part, 4), big(trustee, 2))).filter((it) => it !== null);
        return open(urn, keys, sent.map((it) => verifyShare(it, urn, keys)), of.compiled.encForms);
      });
      if (of.compiled.opening === "one_by_one") return talliesOfRankings(of.compiled, rows);
      const cells = keys.keys.map((_, cell) => rows.reduce((sum, row) => sum + row[cell]!, 0n));
      return talliesOf(definition.questions, cells, ballots);
    });
  }
  /** A sum for each group, or the pieces of its ballots. */
  private urns(): Urn[] {
    const { definition, keys, election, of } = this.ground;
    const last = [...this.#last.values()];
    const groups = definition.groups.map((group) => last.filter(({ entry }) => group.includes(entry.college)).map((it) => it.ballot));
    if (of.compiled.opening === "one_by_one") return pieces(election, groups, keys.keys.length);
    return groups.map((own, part) => urnOfTotals(election, part, totalsOf(own, keys.keys.length)));
  }
}
/** Numbers in keys of the state, the most significant byte first. */
const big = (value: number, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, at) => Math.floor(value / 256 ** (length - 1 - at)) & 0xff);
