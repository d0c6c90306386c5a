/**
 * Credentials that registrars sign blind (docs/ballots.md, section 6), followed again: who approved whose request, which
 * credentials were registered, each under its registrars' signature, and that in each college, at every step, registered ≤
 * approved ≤ census. What does not hold is a fault of the step `credentials`, with the number of the rule.
 */
import { decodeRequest, verifyCredentials } from "../blind.js";
import { compare, concat, equal, toHex, u16, u64 } from "../bytes.js";
import type { Header } from "../ledger/certificate.js";
import { Decoder } from "../ledger/codec.js";
import { Log } from "../ledger/merkle.js";
import type { RegistrarKeys } from "../registrars.js";
import type { CredentialRules, Definition } from "./definition.js";
import { during, require } from "./fault.js";
import { type Entry, entryBytes } from "./file.js";
import { type ApprovalTx, type CredentialsTx, requireSigned } from "./transaction.js";

const RECORD_BYTES_MAX = 4_096;

/** What is known of a college's credentials so far. */
class College {
  approved = 0;
  registered = 0;
  late = 0;
  /** The first credential above the approved requests, as the ledger writes it. */
  alarm: Uint8Array = Uint8Array.of(0);
  readonly #registrars: ReadonlyMap<string, number>;
  constructor(
    readonly keys: RegistrarKeys,
    registrars: readonly Uint8Array[],
    readonly members: number,
  ) {
    const numbered = registrars.map((key, at) => [toHex(key), at + 1] as const);
    this.#registrars = new Map(numbered.filter(([, number]) => keys.shares.has(number)));
  }
  registrar(key: Uint8Array): number | undefined {
    return this.#registrars.get(toHex(key));
  }
  /** The ledger's count, but for the number of answers, which are the members' own business. */
  counts(record: Decoder): boolean {
    const [members, approved, , registered, late] = Array.from({ length: 5 }, () => Number(record.u64()));
    const isSame = members === this.members && approved === this.approved && registered === this.registered && late === this.late;
    return isSame && equal(record.allBut(0), this.alarm);
  }
}

/** What the ledger says: a record of the state by its tag. */
type State = (tag: number, ...more: readonly Uint8Array[]) => Uint8Array | null;
const TAG = { approvals: 0x60, credentials: 0x61, issued: 0x63 };

/** Credentials on their way, block by block. */
export class Credentials {
  readonly #colleges = new Map<number, College>();
  /** By entry: the request that each registrar approved. */
  readonly #entries = new Map<string, Map<number, string>>();
  /** The college of each. */
  readonly #registered = new Map<string, number>();
  readonly #approvals = new Log();
  readonly #credentials = new Log();
  readonly #census: ReadonlySet<string>;

  /** `keys` by scope, which is 1 + college. */
  constructor(
    private readonly chain: Uint8Array,
    private readonly election: Uint8Array,
    private readonly definition: Definition,
    private readonly rules: CredentialRules,
    census: readonly Entry[],
    keys: ReadonlyMap<number, RegistrarKeys>,
  ) {
    this.#census = new Set(census.map((it) => toHex(entryBytes(it))));
    for (const [scope, own] of keys) {
      const members = census.filter((it) => it.college === scope - 1).length;
      if (0 < members) this.#colleges.set(scope - 1, new College(own, rules.registrars, members));
    }
  }

  /** A registrar says that a member asked for this request: once for each entry, and for ever. */
  approve(header: Header, tx: ApprovalTx): void {
    const { entry, request } = tx;
    requireSigned(tx);
    during("credentials", () => decodeRequest(request));
    const college = this.college(entry.college);
    this.requireInTime(header, this.rules.issuanceAt, 275);
    const registrar = college.registrar(tx.sender);
    require(registrar !== undefined, "credentials", 277, "its sender is no registrar of that college");
    const name = toHex(entryBytes(entry));
    require(this.#census.has(name), "credentials", 204);
    const approvals = this.#entries.get(name) ?? new Map<number, string>();
    require(!approvals.has(registrar), "credentials", 646);
    const isApproved = (): boolean => {
      const requests = [...approvals.values()];
      return requests.some((one) => college.keys.threshold <= requests.filter((it) => it === one).length);
    };
    require(!isApproved(), "credentials", 278, "a request of that entry has its approvals");
    this.#entries.set(name, approvals.set(registrar, toHex(request)));
    if (isApproved()) college.approved += 1;
    this.#approvals.append(concat([entryBytes(entry), u16(registrar), request]));
  }

  /** Credentials, as far as there are approved requests; the first one above goes on record as an alarm. */
  register(header: Header, tx: CredentialsTx): void {
    const { chain, election, definition } = this;
    requireSigned(tx);
    const college = this.college(tx.college);
    during("credentials", () => verifyCredentials(tx.credentials, chain, election, college.keys));
    this.requireInTime(header, this.rules.registrationAt, 276);
    const isRising = tx.credentials.every((it, at) => at === 0 || compare(tx.credentials[at - 1]!.credential, it.credential) < 0);
    require(0 < tx.credentials.length && isRising, "credentials", 281, "they are not in order");
    const isLate = definition.opensAt <= header.time;
    const together = Math.min(definition.minimumGroup, college.members);
    require(isLate || together <= tx.credentials.length, "credentials", 282, "they are too few to hide among each other");
    require(!tx.credentials.some((it) => this.#registered.has(toHex(it.credential))), "credentials", 283);
    const room = college.approved - college.registered;
    const [taken, above] = [tx.credentials.slice(0, room), tx.credentials[room]];
    const isAlarmed = college.alarm.length !== 1;
    require(0 < taken.length || !isAlarmed, "credentials", 284);
    college.registered += taken.length;
    if (isLate) college.late += taken.length;
    if (above && !isAlarmed) {
      const moment = [u64(header.height), u64(header.time)];
      college.alarm = concat([Uint8Array.of(1), ...moment, above.credential, above.signature, u64(college.registered)]);
    }
    for (const { credential, signature } of taken) {
      this.#registered.set(toHex(credential), tx.college);
      this.#credentials.append(concat([u16(tx.college), credential, signature]));
    }
  }

  /** Whether a credential may vote for a college by now. Fault: `ballot`, 285. */
  judge({ college, member }: Entry): void {
    require(this.#registered.get(toHex(member)) === college, "ballot", 285, "its credential is not registered for that college");
  }

  /** Lays what was followed beside the ledger's logs and counts. */
  finish(state: State): void {
    for (const [log, tag] of [[this.#approvals, TAG.approvals], [this.#credentials, TAG.credentials]] as const) {
      require(equal(state(tag) ?? new Log().head(), log.head()), "credentials", null, "they are not those of the log");
    }
    for (const [number, college] of this.#colleges) {
      const said = state(TAG.issued, Uint8Array.of(number >> 8, number & 0xff));
      require(said !== null, "state", null, `the count of the credentials of college ${number} is missing`);
      const holds = during("state", () => college.counts(new Decoder(said, RECORD_BYTES_MAX)));
      require(holds, "credentials", null, `the ledger counts those of college ${number} otherwise`);
    }
  }

  private college(number: number): College {
    const college = this.#colleges.get(number);
    require(college !== undefined, "credentials", 204, "its college has no registrars");
    return college;
  }
  private requireInTime({ time }: Header, since: bigint, number: number): void {
    require(since <= time, "credentials", number, "it is too early");
    require(time < this.definition.closesAt, "credentials", 202, "it comes after the close");
  }
}
