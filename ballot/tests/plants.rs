//! Faults planted in the cryptography, each with the attack that it opens: without the fault the attack is refused, with it
//! the attack goes through, so the test that asserts the refusal would see the fault. The last column names that test.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "a test stops at the first error")]
mod support;
use support::{ceremony::*, *};
use urne_ballot::batch::verify_many;
use urne_ballot::ceremony::*;
use urne_ballot::plant::{Plant, during};
use urne_ballot::*;
use urne_types::ElectionId;

/// The attack fails on honest code and succeeds under the plant.
#[track_caller]
fn caught(plant: Plant, attack: impl Fn() -> bool) {
    assert!(!attack(), "honest code stops the attack");
    assert!(during(plant, attack), "{plant:?} lets it through");
}
fn one() -> Statement {
    statement(&[one_of(3, Blank::Refused)])
}
fn accepts(statement: &Statement, sequence: u32, bytes: &[u8]) -> bool {
    statement.verify(CandidateBallot { sequence, bytes }).is_ok()
}
fn ballot() -> SealedBallot {
    cast(&one(), &voter(1), 1, vec![Answer::One(0)])
}
fn put(bytes: &mut [u8], word: usize, value: &[u8; 32]) {
    bytes[32 * word..][..32].copy_from_slice(value);
}

// ballot.rs: a_ballot_counts_in_its_own_election_chain_and_sequence_only
#[test]
fn a_context_that_is_not_hashed_lets_anybody_replay_an_older_ballot_as_a_newer_one() {
    caught(Plant::ContextNotHashed, || {
        let ballot = ballot();
        accepts(&one(), 2, &ballot.bytes)
            && accepts(&statement_of(&[one_of(3, Blank::Refused)], ElectionId([9; 32])), 1, &ballot.bytes)
    });
}

// This file, with the forger's own proof of knowledge: a ballot copied under another key.
#[test]
fn a_credential_that_is_not_hashed_lets_a_ballot_be_copied_under_another_key() {
    caught(Plant::CredentialNotHashed, || {
        let ballot = ballot();
        let k = ballot.bytes.len() / 32 - 3;
        let mut copied = ballot.clone();
        put(&mut copied.bytes, k, voter(2).public().bytes());
        let signed = forge::spoil(&one(), &copied, &voter(2), forge::Forgery::Signature).unwrap();
        let mut bytes = signed.bytes;
        let sigma = bytes.len() - 32;
        bytes[sigma] ^= 1; // undo the spoilt signature: only K and its signature differ from the victim's ballot
        accepts(&one(), 1, &bytes)
    });
}

/// The cells may be chosen after y when y does not depend on them: +1 in one, −y in the other, nothing in the sum.
// ballot.rs: every_changed_word_is_refused…
#[test]
fn cells_that_are_not_hashed_can_be_exchanged_after_the_challenge() {
    caught(Plant::CellsNotHashed, || {
        let honest = ballot();
        let moved = forge::move_between_cells(&one(), &honest, &voter(1)).unwrap();
        moved.bytes != honest.bytes && accepts(&one(), 1, &moved.bytes)
    });
}

// ballot.rs: every_changed_word_is_refused… (weak Fiat-Shamir: Helios)
#[test]
fn masks_that_are_not_hashed_can_be_chosen_after_the_challenge() {
    caught(Plant::MasksNotHashed, || {
        let forged = forge::choose_mask_last(&one(), &voter(1));
        accepts(&one(), 1, &forged.bytes)
    });
}

// forgeries.rs: each_equation_spoilt_alone…; here the trustee's attack itself
#[test]
fn merged_equations_let_a_trustee_stuff_a_cell() {
    let log_key = {
        let mut bytes = [0; 32];
        bytes[0] = 5;
        bytes
    };
    let compiled = || Compiled::new(&[one_of(2, Blank::Refused)]).unwrap();
    let key = forge::element_of(&log_key).unwrap();
    let statement = Statement::new(compiled(), CHAIN, ELECTION, &[key]).unwrap();
    caught(Plant::MergedEquations, || {
        let stuffed = forge::stuff_merged(&statement, &voter(1), &[1], &log_key).unwrap();
        accepts(&statement, 1, &stuffed.bytes)
    });
}

/// f_j − f_k = x(b_j − b_k): with one mask for all bits the responses show which bits are equal. A Cardano voting chain.
#[test]
fn one_mask_for_all_bits_shows_which_bits_are_equal() {
    caught(Plant::ReusedMasks, || {
        let statement = statement(&[judgment(2, 3)]);
        let ballot = cast(&statement, &voter(1), 1, vec![Answer::Grades(vec![Some(0), Some(1)])]);
        let f = |j: usize| ballot.bytes[32 * (1 + 4 + 6 + j)..][..32].to_vec();
        f(0) == f(3) && f(1) == f(2)
    });
}

// ballot.rs: one_seed_for_two_choices_shares_no_component
#[test]
fn randomness_without_the_choices_gives_two_ballots_of_one_seed_the_same_randomness() {
    caught(Plant::ChoicesNotInRandomness, || {
        let seal = |choice| {
            let statement = one();
            let unsigned = statement.seal(vec![Answer::One(choice)], voter(1).public(), 1, Seed::from_bytes([5; 32]));
            unsigned.unwrap().audit().bytes
        };
        seal(0)[..32] == seal(1)[..32]
    });
}

/// Two signatures with one nonce, from a seed used twice: σ − σ' = (e − e')k gives the secret away.
#[test]
fn a_nonce_from_the_seed_is_the_same_for_two_ballots_of_one_seed() {
    caught(Plant::NonceFromSeed, || {
        let r = |choice| {
            let statement = one();
            let seed = Seed::from_bytes([5; 32]);
            let unsigned = statement.seal(vec![Answer::One(choice)], voter(1).public(), 1, seed).unwrap();
            let bytes = unsigned.cast(&statement, &voter(1), &mut Chance::named("nonce")).unwrap().bytes;
            bytes[bytes.len() - 64..bytes.len() - 32].to_vec()
        };
        r(0) == r(1)
    });
}

// ballot.rs: lengths_encodings_identities_and_repetitions_have_their_own_numbers
#[test]
fn the_identity_as_a_credential_lets_anybody_sign() {
    caught(Plant::IdentityCredentialAccepted, || Credential::decode(&[0; 32]).is_ok());
}
#[test]
fn repeated_points_are_a_sign_of_reused_randomness() {
    caught(Plant::RepeatedPointAccepted, || {
        let mut bytes = ballot().bytes;
        bytes.copy_within(32..64, 64);
        one().verify(CandidateBallot { sequence: 1, bytes: &bytes }).map(|_| ()) != Err(Refusal::RepeatedPoint)
    });
}
#[test]
fn scalars_that_are_reduced_make_ballots_malleable() {
    caught(Plant::ScalarsReduced, || {
        let order = hex::decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010").unwrap();
        let mut bytes = ballot().bytes;
        let sigma = bytes.len() - 32;
        let mut carry = 0_u16;
        for (byte, add) in bytes[sigma..].iter_mut().zip(order) {
            let sum = u16::from(*byte) + u16::from(add) + carry;
            *byte = (sum & 0xff) as u8;
            carry = sum >> 8;
        }
        accepts(&one(), 1, &bytes)
    });
}

// ballot.rs: every_changed_word_is_refused_and_for_the_same_reason_alone_and_in_a_batch
#[test]
fn zero_coefficients_accept_any_batch() {
    caught(Plant::ZeroBatchCoefficients, || {
        let wrong = forge::seal_values(&one(), &voter(1), 1, &[2, 0], 0, &[4; 32]);
        let verdicts = verify_many(&one(), &[wrong.candidate(), wrong.candidate()], &mut Chance::named("zero"));
        verdicts.iter().all(Result::is_ok)
    });
}
/// φ + 1 in one ballot and φ − 1 in the other: with equal coefficients they cancel.
#[test]
fn equal_coefficients_let_two_errors_cancel() {
    caught(Plant::EqualBatchCoefficients, || {
        let ballots = forge::cancelling_pair(&one(), [&voter(1), &voter(2)]);
        let candidates = [ballots[0].candidate(), ballots[1].candidate()];
        verify_many(&one(), &candidates, &mut Chance::named("equal")).iter().all(Result::is_ok)
    });
}

// compile.rs: scores_go_from_zero_to_the_maximum_exactly…
#[test]
fn plain_powers_of_two_let_a_score_of_seven_pass_where_five_is_the_most() {
    caught(Plant::PlainPowersOfTwo, || {
        let score = statement(&[Question::Score { choices: 1, max: 5, points: None, blank: Blank::Refused }]);
        score.compiled().enc_forms()[0].of_bits(&[1, 1, 1]) == 7
    });
}
// forgeries.rs: values_that_the_question_does_not_allow…
#[test]
fn an_unproven_last_cell_lets_a_ballot_mark_two() {
    caught(Plant::ImplicitCellUnproven, || {
        let statement = one();
        let forged = forge::seal_values(&statement, &voter(1), 1, &[1, 1], 0, &[4; 32]);
        accepts(&statement, 1, &forged.bytes)
    });
}

// blind.rs: points_of_small_order_the_identity_and_second_encodings_are_refused
#[test]
fn a_request_outside_the_subgroup_would_leak_bits_of_a_registrars_key() {
    caught(Plant::SubgroupUnchecked, || {
        // Small x of which there is a point on the curve; none of them is in the subgroup.
        (1..20_u8).any(|x| {
            let mut outside = [0; 48];
            (outside[0], outside[47]) = (0x80, x);
            BlindRequest::decode(&outside).is_ok()
        })
    });
}

// opening.rs: a_wrong_share_is_refused_whatever_is_wrong_in_it
#[test]
fn a_share_proof_without_its_urn_serves_for_another_election() {
    caught(Plant::UrnNotHashed, || {
        let (keys, shares) = shared_keys::<Trustees>(&[1, 2, 3, 4], 1);
        let totals = Totals::empty(1);
        let urn = |election| Urn::totals(election, 0, &totals);
        let bytes = shares[0].decrypt(&urn(ELECTION)).unwrap().encode();
        let other = urn(ElectionId([9; 32]));
        CandidateShare::decode(&bytes, &other).unwrap().verify(&other, &keys).is_ok()
    });
}
// ceremony.rs: each_wrong_message_has_its_number
#[test]
fn a_rogue_constant_term_lets_the_last_dealer_choose_the_key() {
    caught(Plant::PossessionUnchecked, || {
        let meeting = Meeting::<Trustees>::of(invitation(&[1, 2, 3, 4], 1));
        let mut bytes = meeting.dealings[0].1.commitments.clone();
        bytes[96..128].copy_from_slice(group::generator("rogue", 0).bytes());
        let hash = meeting.ceremony.commitment_hash(1, &bytes);
        meeting.ceremony.verify_commitments(1, hash, &bytes).is_ok()
    });
}
#[test]
fn commitments_that_need_no_hash_can_be_chosen_after_seeing_the_others() {
    caught(Plant::RushedCommitments, || {
        let meeting = Meeting::<Trustees>::of(invitation(&[1, 2, 3, 4], 1));
        let dealing = &meeting.dealings[0].1;
        meeting.ceremony.verify_commitments(1, CommitmentHash([0; 32]), &dealing.commitments).is_ok()
    });
}
