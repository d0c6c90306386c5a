/**
 * How long a voter waits: the time to make (seal and cast) and to verify one ballot, in whatever engine runs this. Uses no
 * function of node, so a browser measures the same code.
 */
import { type Answer, type Question, RootSecret, seal, statement, verify } from "../src/index.js";
import { generator } from "../src/generators.js";

interface Case {
  readonly name: string;
  readonly questions: readonly Question[];
  readonly answers: readonly Answer[];
  readonly cells: number;
}
const CASES: readonly Case[] = [
  {
    name: "one of three",
    questions: [{ kind: "one_of", choices: 3, blank: "refused" }],
    answers: [{ kind: "one", choice: 1 }],
    cells: 2,
  },
  {
    name: "majority judgment, 5 candidates x 5 grades",
    questions: [{ kind: "judgment", choices: 5, grades: 5, noOpinion: "refused", blank: "refused" }],
    answers: [{ kind: "grades", grades: [4, 0, 2, 3, 1] }],
    cells: 20,
  },
];

/** Milliseconds. */
export interface Measured {
  readonly name: string;
  /** The very first ballot of the page: generators, tables and code that is not compiled yet. */
  readonly first: number;
  readonly make: Spread;
  readonly verify: Spread;
}
export interface Spread {
  readonly least: number;
  readonly median: number;
}

/** Measures each kind of ballot `times` times; `now` gives milliseconds. */
export function measure(times: number, now: () => number): Measured[] {
  const [chain, election] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  const secret = new RootSecret(new Uint8Array(32).fill(3)).credential(chain, election, 1);
  return CASES.map(({ name, questions, answers, cells }) => {
    const keys = Array.from({ length: cells }, (_, i) => generator("benchmark key", i).bytes);
    const begun = now();
    const of = statement(questions, chain, election, keys);
    const make = () => seal(of, answers, secret.public.bytes, 1).cast(secret);
    const ballot = make();
    const first = now() - begun;
    return {
      name,
      first,
      make: spread(times, now, make),
      verify: spread(times, now, () => verify(of, 1, ballot.bytes)),
    };
  });
}
function spread(times: number, now: () => number, run: () => unknown): Spread {
  const all = Array.from({ length: times }, () => {
    const begun = now();
    run();
    return now() - begun;
  }).sort((a, b) => a - b);
  return { least: all[0]!, median: all[times >> 1]! };
}

/** One line for each kind. */
export function report(measured: readonly Measured[]): string {
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  const one = ({ name, first, make, verify }: Measured): string =>
    `${name}: make ${ms(make.least)} least, ${ms(make.median)} median, ${ms(first)} the first; ` +
    `verify ${ms(verify.least)} least, ${ms(verify.median)} median`;
  return measured.map(one).join("\n");
}
