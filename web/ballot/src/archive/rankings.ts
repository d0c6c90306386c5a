/**
 * How rankings count (docs/counting.md): the instant runoff, and the single transferable vote as Scotland counts it (Order 2007,
 * schedule 1, rules 45 to 52), one paper at a time, to the ledger's own bytes.
 */
import { blake3 } from "@noble/hashes/blake3.js";
import { concat, fromLittleEndian, u16, u32, u64, utf8 } from "../bytes.js";

/** What is drawn from, where equals are drawn and not listed. */
export type LotSeed = Uint8Array | null;
/** Choices from best to worst. */
export type Order = readonly number[];

interface Lot {
  readonly stage: number;
  readonly tied: readonly number[];
  readonly chosen: number;
}
const option = (bytes: Uint8Array | null): Uint8Array => (bytes ? concat([Uint8Array.of(1), bytes]) : Uint8Array.of(0));
export const list = <T>(items: readonly T[], write: (item: T) => Uint8Array): Uint8Array => concat([u64(items.length), ...items.map(write)]);
const lotBytes = ({ stage, tied, chosen }: Lot): Uint8Array => concat([u32(stage), list(tied, u16), u16(chosen)]);

/** One of these: the first, or the one that a seed draws, by numbers of 64 bits of which none favours anybody. */
function draw(seed: LotSeed, purpose: string, stage: number, tied: readonly number[]): Lot {
  let place = 0;
  if (seed) {
    const word = utf8(purpose);
    const asked = concat([seed, u64(word.length), word, u64(stage), ...tied.map((it) => u64(it))]);
    const stream = blake3.create({ context: utf8("urne 2026 public lot v1") }).update(asked);
    const [most, n] = [(1n << 64n) - 1n, BigInt(tied.length)];
    let drawn: bigint;
    do drawn = fromLittleEndian(stream.xof(8));
    while (most - (most % n) <= drawn);
    place = Number(drawn % n);
  }
  return { stage, tied, chosen: tied[place]! };
}

type Votes = ReadonlyMap<number, bigint>;
type Extreme = "most" | "fewest";
/** Who of these had the most, or the fewest, at the latest stage at which they differed; and who are equal at the last one. */
function toldApart(among: readonly number[], stages: readonly Votes[], extreme: Extreme): { tied: number[]; equals: number[] } {
  let tied = [...among];
  let equals: number[] | null = null;
  for (const votes of [...stages].reverse()) {
    const of = tied.map((it) => votes.get(it)!);
    const kept = of.reduce((a, b) => ((extreme === "most") === a < b ? b : a));
    tied = tied.filter((it) => votes.get(it) === kept);
    equals ??= tied;
  }
  return { tied, equals: equals ?? tied };
}

/** An instant runoff, as the ledger writes it behind the number of its kind. */
export function instantRunoff(choices: number, orders: readonly Order[], blank: bigint, stop: "majority" | "last_two", seed: LotSeed): Uint8Array {
  const ballots = BigInt(orders.length) + blank;
  let playing = Array.from({ length: choices }, (_, at) => at);
  const rounds: { votes: Votes; exhausted: bigint; eliminated: number | null }[] = [];
  const lots: Lot[] = [];
  const settle = (extreme: Extreme, purpose: string): number => {
    const { tied } = toldApart(playing, rounds.map((it) => it.votes), extreme);
    if (tied.length === 1) return tied[0]!;
    const lot = draw(seed, purpose, rounds.length, tied);
    lots.push(lot);
    return lot.chosen;
  };
  let winners: readonly number[] | null = null;
  while (!winners) {
    const votes = new Map(playing.map((it) => [it, 0n]));
    let exhausted = blank;
    for (const order of orders) {
      const best = order.find((it) => votes.has(it));
      if (best === undefined) exhausted += 1n;
      else votes.set(best, votes.get(best)! + 1n);
    }
    const round = { votes, exhausted, eliminated: null as number | null };
    rounds.push(round);
    const active = ballots - exhausted;
    const hasMajority = [...votes.values()].some((it) => active < 2n * it) || playing.length === 1;
    if (active === 0n) winners = playing;
    else if (stop === "majority" ? hasMajority : playing.length <= 2) winners = [settle("most", "winner")];
    else {
      const leaver = settle("fewest", "elimination");
      round.eliminated = leaver;
      playing = playing.filter((it) => it !== leaver);
    }
  }
  const roundBytes = ({ votes, exhausted, eliminated }: (typeof rounds)[number]): Uint8Array => {
    const tally = Array.from({ length: choices }, (_, at) => votes.get(at));
    const shown = list(tally, (it) => option(it === undefined ? null : u64(it)));
    return concat([shown, u64(exhausted), option(eliminated === null ? null : u16(eliminated))]);
  };
  const named = blank < ballots ? winners : [];
  return concat([list(rounds, roundBytes), list(named, u16), list(lots, lotBytes), u64(ballots), u64(blank)]);
}

/** Hundred-thousandths in one vote. */
const UNIT = 100_000n;
type Action = "first_preferences" | "surplus" | "exclude";
const ACTIONS: readonly Action[] = ["first_preferences", "surplus", "exclude"];
interface Stage {
  readonly action: Action;
  readonly target: number | null;
  readonly votes: Votes;
  readonly nonTransferable: bigint;
  readonly electedNow: number[];
}
interface Tie {
  readonly stage: number;
  readonly why: Action;
  readonly tied: readonly number[];
  readonly lot: Lot | null;
}
/** Whose it is, which preferences follow, what it is worth. */
interface Paper {
  readonly holder: number;
  readonly rest: Order;
  readonly value: bigint;
}

/** A single transferable vote, as the ledger writes it behind the number of its kind. */
export function scottishStv(choices: number, orders: readonly Order[], blank: bigint, seats: number, seed: LotSeed): Uint8Array {
  const count = new Transfer(choices, orders, seats, seed);
  count.run();
  const { quota, stages, ties } = count;
  const stageBytes = (it: Stage): Uint8Array => {
    const votes = list([...it.votes.values()], u64);
    const target = option(it.target === null ? null : u16(it.target));
    return concat([u32(ACTIONS.indexOf(it.action)), target, votes, u64(it.nonTransferable), list(it.electedNow, u16)]);
  };
  const tieBytes = (it: Tie): Uint8Array =>
    concat([u32(it.stage), u32(ACTIONS.indexOf(it.why)), list(it.tied, u16), option(it.lot ? lotBytes(it.lot) : null)]);
  const elected = 0 < orders.length ? count.elected : [];
  return concat([u64(orders.length), u64(blank), u64(quota), list(elected, u16), list(stages, stageBytes), list(ties, tieBytes)]);
}

/** A count under way. */
class Transfer {
  readonly quota: bigint;
  readonly elected: number[] = [];
  readonly stages: Stage[] = [];
  readonly ties: Tie[] = [];
  readonly #valid: bigint;
  readonly #votes: Map<number, bigint>;
  readonly #continuing: Set<number>;
  /** Elected, with a surplus still to move. */
  readonly #waiting = new Set<number>();
  #papers: Paper[] = [];

  constructor(
    choices: number,
    orders: readonly Order[],
    private readonly seats: number,
    private readonly seed: LotSeed,
  ) {
    const all = Array.from({ length: choices }, (_, at) => at);
    this.#votes = new Map(all.map((it) => [it, 0n]));
    this.#continuing = new Set(all);
    this.#valid = BigInt(orders.length);
    this.quota = this.#valid / BigInt(seats + 1) + 1n; // rule 46
    for (const order of orders) this.give(order, UNIT);
    this.close("first_preferences", null);
  }

  run(): void {
    for (;;) {
      this.elect([...this.#continuing].filter((it) => this.quota * UNIT <= this.#votes.get(it)!)); // rule 47
      const vacancies = this.seats - this.elected.length;
      if (this.#continuing.size <= vacancies) return this.elect([...this.#continuing]); // rule 52
      if (vacancies <= 0) return;
      if (0 < this.#waiting.size) this.move(this.choose(this.#waiting, "surplus"), "surplus");
      else this.move(this.choose(this.#continuing, "exclude"), "exclude");
    }
  }

  /** A surplus, or all that somebody held who leaves. */
  private move(source: number, action: "surplus" | "exclude"): void {
    const [total, quota] = [this.#votes.get(source)!, this.quota * UNIT];
    this.#waiting.delete(source);
    this.#continuing.delete(source);
    this.#votes.set(source, action === "surplus" ? quota : 0n);
    const moving = this.#papers.filter((it) => it.holder === source);
    this.#papers = this.#papers.filter((it) => it.holder !== source);
    // Rule 48(3): five decimals, whatever remains is ignored.
    for (const { rest, value } of moving) this.give(rest, action === "surplus" ? ((total - quota) * value) / total : value);
    this.close(action, source);
  }
  /** To the next preference that still receives; to nobody when there is none. */
  private give(order: Order, value: bigint): void {
    const at = order.findIndex((it) => this.#continuing.has(it));
    if (at < 0) return;
    const holder = order[at]!;
    this.#votes.set(holder, this.#votes.get(holder)! + value);
    this.#papers.push({ holder, rest: order.slice(at + 1), value });
  }
  private close(action: Action, target: number | null): void {
    const held = [...this.#votes.values()].reduce((sum, it) => sum + it, 0n);
    const nonTransferable = this.#valid * UNIT - held;
    this.stages.push({ action, target, votes: new Map(this.#votes), nonTransferable, electedNow: [] });
  }
  private elect(chosen: readonly number[]): void {
    const votes = (it: number): bigint => this.#votes.get(it)!;
    const order = [...chosen].sort((a, b) => (votes(a) === votes(b) ? a - b : votes(a) < votes(b) ? 1 : -1));
    for (const it of order) {
      this.#continuing.delete(it);
      if (this.quota * UNIT < votes(it)) this.#waiting.add(it);
      this.elected.push(it);
      this.stages.at(-1)!.electedNow.push(it);
    }
  }
  /** Whose surplus moves first, or who leaves: rules 49 and 51, then the lot. */
  private choose(among: ReadonlySet<number>, why: "surplus" | "exclude"): number {
    const [extreme, purpose] = why === "surplus" ? (["most", "surplus"] as const) : (["fewest", "exclusion"] as const);
    const sorted = [...among].sort((a, b) => a - b);
    const { tied, equals } = toldApart(sorted, this.stages.map((it) => it.votes), extreme);
    const lot = 1 < tied.length ? draw(this.seed, purpose, this.stages.length, tied) : null;
    if (1 < equals.length) this.ties.push({ stage: this.stages.length, why, tied: equals, lot });
    return lot ? lot.chosen : tied[0]!;
  }
}
