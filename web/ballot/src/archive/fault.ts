/** Why an archive proves nothing: the step that fails, by the names of `urne election verify`, and the number of the rule. */
import { ProofFault } from "../ledger/fault.js";
import { Refusal } from "../refusal.js";

export const STEPS = {
  file: "it is no archive, or it is cut off or goes on",
  chain: "its genesis is another chain's",
  handover: "the validators do not follow from those before them",
  certificate: "a header was not decided by the quorum of its height",
  state: "an entry is not in the state",
  count: "the election was not counted when the state was shown",
  keys: "the keys are not those that the election is named after",
  opening: "the trustees' shares do not open the sum of these ballots",
  definition: "the definition is not one that is counted here",
  census: "the list of members is not the census that the election names",
  block: "a block's transactions are not those that its header says, or not of the election",
  credentials: "an approval or a credential is refused by a rule, or the ledger counts them otherwise",
  ballot: "a ballot is refused by a rule",
  log: "the ballots are not those of the log",
  émargements: "the émargements are not those of the ballots",
  result: "the result on the ledger is not what the ballots give",
} as const;
export type Step = keyof typeof STEPS;

/** A step of the verification fails. */
export class ArchiveFault extends Error {
  override readonly name = "ArchiveFault";
  constructor(
    readonly step: Step,
    /** The number of the rule, where there is one. */
    readonly refusal: number | null = null,
    why = "",
  ) {
    super(why ? `${STEPS[step]}: ${why}` : STEPS[step]);
  }
}

/** Runs a part of the verification: what it refuses is a fault of this step. */
export function during<T>(step: Step, run: () => T): T {
  try {
    return run();
  } catch (fault) {
    if (fault instanceof Refusal) throw new ArchiveFault(step, fault.code, fault.message);
    if (fault instanceof ProofFault || fault instanceof TypeError) throw new ArchiveFault(step, null, fault.message);
    throw fault;
  }
}
export function require(holds: boolean, step: Step, refusal: number | null = null, why = ""): asserts holds {
  if (!holds) throw new ArchiveFault(step, refusal, why);
}
