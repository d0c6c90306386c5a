/**
 * Every rule of this package that can refuse something: one name, one stable number, one sentence. The numbers are those of
 * every implementation (docs/ballots.md): 600-619 a ballot, 620-639 questions and choices, 640-659 credentials, and the few
 * of 660-699 that a voter's device meets. Proofs of vote have named faults instead: {@link "./proof_of_vote.js"}.
 */
export const REFUSALS = {
  ballot_length: [600, "the sealed ballot has not the length that this election's questions give"],
  not_a_point: [601, "32 bytes are not the canonical encoding of a group element"],
  not_a_scalar: [602, "32 bytes are not the canonical encoding of a scalar"],
  identity_credential: [603, "the credential key is the identity, which anybody could sign for"],
  identity_randomness: [604, "the ballot's randomness point is the identity, which would show its content"],
  repeated_point: [605, "two points of the ballot are equal: randomness was reused"],
  wrong_bits: [606, "equation (1) fails: the responses do not open the committed bits"],
  wrong_randomness: [607, "equation (2) fails: the randomness of the cells is not known"],
  wrong_cells: [608, "equation (3) fails: the cells do not encrypt the committed bits"],
  not_a_bit: [609, "equation (4) fails: a form that must be 0 or 1 is neither"],
  not_zero: [610, "equation (5) fails: a form that must be zero is not"],
  bad_ballot_signature: [611, "equation (6) fails: the credential did not sign this ballot"],

  no_sealed_question: [620, "there is no question"],
  bad_question: [621, "a question's choices, grades, bounds or costs are empty, contradictory or too many"],
  form_too_large: [622, "a form's coefficients sum to 2^62 or more, and could wrap around"],
  too_many_cells: [623, "the questions need more bits and cells than a ballot may carry"],
  cell_too_large: [624, "one ballot could add more to a cell than can be read back from a total"],
  mixed_opening: [625, "ranked questions are opened ballot by ballot and cannot share an election with others"],
  ranking_with_published_keys: [626, "ranked ballots are opened one by one: with published keys every choice would have a name"],
  wrong_answers: [627, "the answers are not one valid answer to each question"],
  wrong_keys: [628, "the election's keys are not one distinct key, never the identity, for each cell"],

  bad_credential_point: [640, "the bytes are not a point of the prime-order subgroup"],
  identity_point: [641, "the point is the identity"],
  wrong_blind_answer: [642, "the answer is not the registrar's signature on this blinded request"],
  too_few_answers: [643, "there are fewer distinct registrars' answers than the threshold"],
  wrong_credential: [644, "the signature is not the registrars' on this credential key"],
  bad_possession: [645, "the proof of possession of the key fails"],
  second_request: [646, "this registrar has approved a request of this entry already"],
  not_yet_approved: [647, "the request has fewer finalised approvals than the threshold"],
  weak_registrars: [648, "fewer registrars are left than sign together, which is more than half of those declared and at least two, or one college has as many"],

  not_a_participant: [661, "the sender takes no part in this ceremony"],
  message_exists: [662, "the sender has sent its message of this step already"],
  wrong_commitment_hash: [663, "the commitments are not those whose hash was sent before"],
  wrong_shape: [664, "the message has not the length that this ceremony gives"],
  unjustified_complaint: [665, "the share complained about is right"],
  bad_complaint: [666, "the complaint does not prove the shared key it reveals"],
  threshold_too_low: [667, "one college, or as many trustees as agreement bears to be corrupt, could open the urn alone"],
  too_few_trustees: [668, "too few participants are left"],
  degenerate_key: [669, "a key of the ceremony is the identity or repeated"],

  not_a_trustee: [680, "the share's sender is not a qualified trustee"],
  wrong_decryption_share: [681, "the proof of the decryption share fails"],
  too_few_shares: [682, "there are fewer distinct trustees' shares than the threshold"],
  no_discrete_logarithm: [683, "a total is not a number that the ballots could add up to"],
  second_tally: [684, "this signer has answered another tally of this election already"],
  audit_mismatch: [685, "the revealed seed and choices do not give this ballot"],
  totals_mismatch: [686, "the totals have not one cell for each cell of the ballots"],
  bad_tracker: [687, "the tracker is mistyped"],
  other_urn: [688, "the share is for another urn"],
} as const satisfies Record<string, readonly [number, string]>;

/** The stable name of a rule. */
export type RefusalName = keyof typeof REFUSALS;

/** Refused by a numbered rule. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  /** The stable number. */
  readonly code: number;
  constructor(
    /** The stable name. */
    readonly rule: RefusalName,
  ) {
    super(REFUSALS[rule][1]);
    this.code = REFUSALS[rule][0];
  }
}
