//! The ceremony gives keys that enough holders can use and fewer cannot; whoever deals badly is out; whoever is silent does
//! not block; false complaints convict nobody.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "a test stops at the first error")]
mod support;
use support::ceremony::*;
use urne_ballot::ceremony::*;
use urne_ballot::threshold::ThresholdGroup;
use urne_ballot::*;

const FOUR: [u16; 4] = [1, 2, 3, 4];

fn participants(colleges: &[u16]) -> Vec<Participant> {
    invitation(colleges, 1).candidates
}
/// The threshold when everybody takes part.
fn full<G: ThresholdRule>(colleges: &[u16]) -> Result<u16, Refusal> {
    G::threshold(&participants(colleges), &participants(colleges))
}

#[test]
fn the_threshold_lets_no_college_open_alone_and_none_block() {
    let t = |colleges: &[u16]| full::<Trustees>(colleges);
    assert_eq!(t(&[1, 2, 3, 4]), Ok(3), "4 − max(1, 1)");
    assert_eq!(t(&[1, 1, 2, 2, 3, 3, 4, 4]), Ok(6), "8 − max(2, 2)");
    assert_eq!(t(&[1, 2, 3, 4, 5, 6, 7]), Ok(5), "7 − max(1, 2)");
    assert_eq!(t(&[1, 2, 3]), Ok(2));
    assert_eq!(t(&[1, 1, 2, 3]), Err(Refusal::ThresholdTooLow), "4 − 2 = 2: the first college would have both");
    assert_eq!(t(&[1, 2]), Err(Refusal::ThresholdTooLow));
    assert_eq!(t(&[1]), Err(Refusal::ThresholdTooLow));
    assert_eq!(t(&[]), Err(Refusal::TooFewTrustees));
    // The rule's own words, on every small assembly.
    for n in 1..9_usize {
        for colleges in 1..=n {
            let assembly: Vec<u16> = (0..n).map(|at| (at % colleges) as u16).collect();
            let largest = n.div_ceil(colleges);
            match t(&assembly) {
                Ok(t) => assert!(largest < t.into() && usize::from(t) <= n - largest, "{assembly:?}: {t}"),
                Err(refusal) => assert_eq!(refusal, Refusal::ThresholdTooLow),
            }
        }
    }
}

#[test]
fn registrars_need_more_than_half_and_at_least_two() {
    let k = |n: u16| full::<Registrars>(&(1..=n).collect::<Vec<_>>());
    assert_eq!([k(2), k(3), k(4), k(5), k(7)], [Ok(2), Ok(2), Ok(3), Ok(3), Ok(4)]);
    assert_eq!(k(1), Err(Refusal::WeakRegistrars));
    assert_eq!(k(0), Err(Refusal::WeakRegistrars));
}

#[test]
fn one_college_never_has_as_many_registrars_as_sign_together() {
    let k = |colleges: &[u16]| full::<Registrars>(colleges);
    assert_eq!(k(&[1, 1, 2, 3]), Ok(3), "the first college has two of three");
    assert_eq!(k(&[1, 1, 2]), Err(Refusal::WeakRegistrars), "it has two of two");
    assert_eq!(k(&[1, 1]), Err(Refusal::WeakRegistrars));
}

/// The threshold when some of the declared ones are silent.
fn without<G: ThresholdRule>(colleges: &[u16], silent: &[u16]) -> Result<u16, Refusal> {
    let declared = participants(colleges);
    let present: Vec<Participant> = declared.iter().copied().filter(|it| !silent.contains(&it.number)).collect();
    G::threshold(&declared, &present)
}

#[test]
fn silencing_registrars_does_not_let_fewer_of_them_sign() {
    let k = |silent: &[u16]| without::<Registrars>(&[1, 2, 3, 4, 5], silent);
    assert_eq!([k(&[]), k(&[1]), k(&[1, 2])], [Ok(3); 3], "the majority of the five that were declared");
    assert_eq!(k(&[1, 2, 3]), Err(Refusal::WeakRegistrars), "two of two would stuff alone");
    let k = |silent: &[u16]| without::<Registrars>(&[1, 1, 2, 3], silent);
    assert_eq!([k(&[]), k(&[1]), k(&[4])], [Ok(3); 3]);
}

#[test]
fn silencing_trustees_never_makes_fewer_traitors_suffice_than_agreement_takes() {
    let seven = [1, 2, 3, 4, 5, 6, 7];
    let t = |silent: &[u16]| without::<Trustees>(&seven, silent);
    assert_eq!([t(&[]), t(&[1]), t(&[1, 2]), t(&[1, 2, 3])], [Ok(5), Ok(5), Ok(4), Ok(3)]);
    assert_eq!(t(&[1, 2, 3, 4]), Err(Refusal::ThresholdTooLow), "two of three, where agreement bears two of seven");
    let t = |silent: &[u16]| without::<Trustees>(&[1, 1, 2, 2, 3, 3], silent);
    assert_eq!(t(&[]), Ok(4));
    assert_eq!(t(&[1, 3]), Err(Refusal::ThresholdTooLow), "4 − 2 = 2: the third college's trustees would open alone");
    assert_eq!(
        t(&[1, 3, 5]),
        Err(Refusal::ThresholdTooLow),
        "two of three: as many as a college has, once they are back"
    );
}

#[test]
fn a_ceremony_of_too_few_registrars_is_refused_and_one_of_enough_keeps_the_threshold() {
    let declared = participants(&[1, 2, 3, 4, 5]);
    let of = |present: &[u16]| {
        let mut invitation = invitation(&[1, 2, 3, 4, 5], 1);
        invitation.candidates.retain(|it| present.contains(&it.number));
        assert_eq!(invitation.declared, declared);
        let joined = invitation.candidates.iter().map(|it| {
            let bytes = secret(it.number).join::<Registrars>(&invitation, it.number).unwrap();
            invitation.verify_joining::<Registrars>(it.number, &bytes).unwrap()
        });
        Ceremony::<Registrars>::begin(&invitation, joined.collect()).map(|it| it.threshold())
    };
    assert_eq!(of(&[1, 2, 3, 4, 5]), Ok(3));
    assert_eq!(of(&[1, 4, 5]), Ok(3));
    assert_eq!(of(&[4, 5]), Err(Refusal::WeakRegistrars));
}

#[test]
fn registrars_that_fall_silent_on_the_way_leave_keys_of_the_same_threshold_or_none() {
    let meeting = Meeting::<Registrars>::of(invitation(&[1, 2, 3, 4, 5], 1));
    let recorded = meeting.record();
    let qualify = |most: usize| meeting.ceremony.qualify(&recorded.commitments[..most], &recorded.shares, &[]);
    let Ok(Qualification::Keys(keys)) = qualify(3) else { panic!("three of five are enough") };
    assert_eq!((keys.threshold(), keys.holders()), (3, &[1, 2, 3][..]));
    assert_eq!(qualify(2), Err(Refusal::WeakRegistrars));
}

#[test]
fn keys_worked_out_with_pauses_are_those_worked_out_at_once() {
    fn run<G: ThresholdGroup + ThresholdRule>(keys: u16) {
        let meeting = Meeting::<G>::of(invitation(&[1, 2, 3, 4, 5, 6, 7], keys));
        let recorded = meeting.record();
        let committed = recorded.commitments.iter().map(Commitments::dealer).collect();
        let Ok(Qualified::Dealers(mut it)) = meeting.ceremony.qualified(&committed, &recorded.shares, &[]) else {
            panic!("all qualify")
        };
        assert_eq!(it.clone().keys(), Err(Refusal::WrongStep), "no keys before all is added up");
        let mut steps = 0;
        while !it.is_whole() {
            match it.next_dealer() {
                Some(dealer) => {
                    let at = usize::from(dealer) - 1;
                    assert_eq!(it.add(&recorded.commitments[(at + 1) % 7]), Err(Refusal::NotAParticipant));
                    it.add(&recorded.commitments[at]).unwrap();
                }
                None => it.evaluate(),
            }
            it = Qualifying::restore_from_state(&it.encode()).unwrap();
            steps += 1;
        }
        assert_eq!(steps, 14, "each dealer and each holder once");
        assert_eq!(it.keys().unwrap(), meeting.keys(&recorded));
    }
    run::<Trustees>(3);
    run::<Registrars>(1);
}

#[test]
fn a_holders_keys_are_those_of_its_secret_share_whatever_its_number() {
    // Numbers with several bits, so that every step of the evaluation is taken.
    let colleges: Vec<u16> = (1..=13).collect();
    let meeting = Meeting::<Trustees>::of(invitation(&colleges, 2));
    let recorded = meeting.record();
    let keys = meeting.keys(&recorded);
    // A share that does not give its holder's keys is refused.
    colleges.iter().for_each(|number| assert_eq!(meeting.share(*number, &recorded, &keys).holder(), *number));
}

#[test]
fn everybody_qualifies_and_holds_a_share_in_both_groups() {
    fn run<G: ThresholdGroup + ThresholdRule>(keys: u16) {
        let (keys, shares) = shared_keys::<G>(&FOUR, keys);
        assert_eq!(keys.holders(), FOUR);
        assert_eq!(shares.len(), 4);
        assert_eq!(ThresholdKeys::<G>::decode(&keys.encode()), Ok(keys.clone()));
        assert_eq!(ThresholdKeys::<G>::holders_in(&keys.encode()), Ok(keys.holders().to_vec()));
        assert_eq!(ThresholdKeys::<G>::holders_in(&keys.encode()[..7]), Err(Refusal::WrongShape));
        let mut bytes = keys.encode();
        bytes.pop();
        assert_eq!(ThresholdKeys::<G>::decode(&bytes).unwrap_err(), Refusal::WrongShape);
    }
    run::<Trustees>(3);
    run::<Registrars>(1);
}

#[test]
fn a_participant_that_starts_again_says_the_same_and_in_another_ceremony_something_else() {
    let meeting = Meeting::<Trustees>::of(invitation(&FOUR, 2));
    assert_eq!(secret(1).deal(&meeting.ceremony, 1).unwrap(), meeting.dealings[0].1);
    let other = Meeting::<Trustees>::of(Invitation { attempt: 1, ..invitation(&FOUR, 2) });
    assert_ne!(other.dealings[0].1.commitments, meeting.dealings[0].1.commitments);
}

#[test]
fn a_dealer_whose_share_is_wrong_is_convicted_by_its_recipient() {
    let mut meeting = Meeting::<Trustees>::of(invitation(&[1, 2, 3, 4, 5, 6, 7], 2));
    // Dealer 3 spoils the share of participant 5.
    meeting.dealings[2].1.shares[4].1[0] ^= 1;
    let recorded = meeting.record();
    let complaints = |number: u16| {
        let (_, secret) = &meeting.secrets[usize::from(number) - 1];
        let found =
            secret.judge(&meeting.invitation, &meeting.ceremony, number, &recorded.commitments, &recorded.shares);
        found.unwrap()
    };
    assert!((1..8).filter(|it| *it != 5).all(|it| complaints(it).is_empty()), "the others have nothing to say");
    let [(3, bytes)] = &complaints(5)[..] else { panic!("one complaint, against dealer 3") };
    let share = recorded.shares.iter().find(|it| (it.dealer(), it.recipient()) == (3, 5)).unwrap();
    let dealt = &recorded.commitments[2];
    let convicted = meeting.ceremony.verify_complaint(5, dealt, share, bytes).unwrap();
    assert_eq!((convicted.dealer(), convicted.complainer()), (3, 5));
    // t(7) = 5, t(6) = 6 − max(1, 1) = 5: the rest need not deal again.
    let outcome = meeting.ceremony.qualify(&recorded.commitments, &recorded.shares, &[convicted]).unwrap();
    let Qualification::Keys(keys) = outcome else { panic!("the threshold is the same") };
    assert_eq!(keys.holders(), [1, 2, 4, 5, 6, 7]);
    let holder = meeting.share(5, &recorded, &keys);
    assert_eq!(holder.holder(), 5, "its share of the keys leaves the bad dealer out");
    // A lie about the shared key convicts nobody, nor does another's complaint.
    let mut lie = bytes.clone();
    lie[..32].copy_from_slice(group::generator("lie", 0).bytes());
    assert_eq!(meeting.ceremony.verify_complaint(5, dealt, share, &lie), Err(Refusal::BadComplaint));
    assert_eq!(meeting.ceremony.verify_complaint(4, dealt, share, bytes), Err(Refusal::BadComplaint));
    assert_eq!(meeting.ceremony.verify_complaint(9, dealt, share, bytes), Err(Refusal::NotAParticipant));
}

#[test]
fn a_complaint_against_a_right_share_convicts_nobody() {
    let good = Meeting::<Trustees>::of(invitation(&FOUR, 2));
    let recorded = good.record();
    // What participant 2 would say if dealer 1's share had been spoilt in transit on its side only.
    let mut spoilt = recorded.shares.clone();
    let at = spoilt.iter().position(|it| (it.dealer(), it.recipient()) == (1, 2)).unwrap();
    let mut bytes = spoilt[at].bytes().to_vec();
    bytes[0] ^= 1;
    spoilt[at] = good.ceremony.verify_encrypted_share(1, 2, &bytes).unwrap();
    let said = good.secrets[1].1.judge(&good.invitation, &good.ceremony, 2, &recorded.commitments, &spoilt).unwrap();
    let refused = good.ceremony.verify_complaint(2, &recorded.commitments[0], &recorded.shares[at], &said[0].1);
    assert_eq!(refused, Err(Refusal::BadComplaint), "the proof is about the share that was complained about");
}

#[test]
fn a_silent_or_incomplete_dealer_is_out_and_the_rest_deal_again_when_the_threshold_changes() {
    let meeting = Meeting::<Trustees>::of(invitation(&FOUR, 1));
    let recorded = meeting.record();
    let silent: Vec<Commitments<Trustees>> =
        recorded.commitments.iter().filter(|it| it.dealer() != 2).cloned().collect();
    let outcome = meeting.ceremony.qualify(&silent, &recorded.shares, &[]).unwrap();
    assert_eq!(outcome, Qualification::Again(vec![1, 3, 4]), "t(4) = 3 and t(3) = 2");
    let incomplete: Vec<EncryptedShare> =
        recorded.shares.iter().filter(|it| (it.dealer(), it.recipient()) != (2, 4)).cloned().collect();
    let outcome = meeting.ceremony.qualify(&recorded.commitments, &incomplete, &[]).unwrap();
    assert_eq!(outcome, Qualification::Again(vec![1, 3, 4]));
    // The rest, under the next attempt.
    let mut again = Invitation { attempt: 1, ..invitation(&FOUR, 1) };
    again.candidates.retain(|it| it.number != 2);
    let meeting = Meeting::<Trustees>::of(again);
    let recorded = meeting.record();
    assert_eq!(meeting.keys(&recorded).threshold(), 2);
    // Two are too few.
    let two: Vec<Commitments<Trustees>> = recorded.commitments[..2].to_vec();
    assert_eq!(meeting.ceremony.qualify(&two, &recorded.shares, &[]), Err(Refusal::ThresholdTooLow));
}

#[test]
fn each_wrong_message_has_its_number() {
    let meeting = Meeting::<Trustees>::of(invitation(&FOUR, 2));
    let (invitation, ceremony) = (&meeting.invitation, &meeting.ceremony);
    let joining = secret(1).join::<Trustees>(invitation, 1).unwrap();
    let join =
        |number: u16, bytes: &[u8]| invitation.verify_joining::<Trustees>(number, bytes).map(|_| ()).unwrap_err();
    assert_eq!(join(9, &joining), Refusal::NotAParticipant);
    assert_eq!(join(0, &joining), Refusal::NotAParticipant, "a share at 0 would be the secret itself");
    assert_eq!(join(2, &joining), Refusal::BadPossession, "another participant's key");
    assert_eq!(join(1, &joining[..95]), Refusal::WrongShape);
    assert_eq!(join(1, &[vec![0; 32], joining[32..].to_vec()].concat()), Refusal::IdentityPoint);
    let registrar = invitation.verify_joining::<Registrars>(1, &joining).map(|_| ()).unwrap_err();
    assert_eq!(registrar, Refusal::BadPossession, "the other kind of ceremony");
    let elsewhere = Invitation { draft: urne_types::DraftId([9; 32]), ..invitation.clone() };
    assert_eq!(elsewhere.verify_joining::<Trustees>(1, &joining).map(|_| ()), Err(Refusal::BadPossession));

    let joined: Vec<Joined> = ceremony.participants().to_vec();
    let twice = [joined.clone(), joined[..1].to_vec()].concat();
    assert_eq!(Ceremony::<Trustees>::begin(invitation, twice).map(|_| ()), Err(Refusal::MessageExists));
    let huge = Invitation { keys: 1_000, ..invitation.clone() };
    assert_eq!(Ceremony::<Trustees>::begin(&huge, joined.clone()).map(|_| ()), Err(Refusal::WrongShape));

    let dealing = &meeting.dealings[0].1;
    let commit = |dealer: u16, bytes: &[u8]| {
        let hash = ceremony.commitment_hash(dealer, bytes);
        ceremony.verify_commitments(dealer, hash, bytes).map(|_| ()).unwrap_err()
    };
    let other = meeting.dealings[1].1.hash;
    let rushed = ceremony.verify_commitments(1, other, &dealing.commitments).map(|_| ());
    assert_eq!(rushed, Err(Refusal::WrongCommitmentHash));
    assert_eq!(commit(2, &dealing.commitments), Refusal::BadPossession, "another dealer's, ephemeral key included");
    assert_eq!(commit(9, &dealing.commitments), Refusal::NotAParticipant);
    let mut bytes = dealing.commitments.clone();
    bytes.push(0);
    assert_eq!(commit(1, &bytes), Refusal::WrongShape);
    let mut bytes = dealing.commitments.clone();
    bytes[96..128].copy_from_slice(group::generator("rogue", 0).bytes());
    assert_eq!(commit(1, &bytes), Refusal::BadPossession, "a constant term whose logarithm the dealer does not know");
    bytes[96..128].fill(0);
    assert_eq!(commit(1, &bytes), Refusal::IdentityPoint);
    let cut = ceremony.verify_encrypted_share(1, 2, &[0; 40]).map(|_| ());
    assert_eq!(cut, Err(Refusal::WrongShape));
    assert_eq!(ceremony.verify_encrypted_share(1, 9, &[0; 80]).map(|_| ()), Err(Refusal::NotAParticipant));
}

#[test]
fn a_wrong_dealer_cannot_hide_behind_another_ones_ephemeral_key() {
    // Dealer 2 sends dealer 1's X: its proof of possession is bound to dealer 1.
    let meeting = Meeting::<Trustees>::of(invitation(&FOUR, 1));
    let mut bytes = meeting.dealings[1].1.commitments.clone();
    bytes[..96].copy_from_slice(&meeting.dealings[0].1.commitments[..96]);
    let hash = meeting.ceremony.commitment_hash(2, &bytes);
    let refused = meeting.ceremony.verify_commitments(2, hash, &bytes).map(|_| ());
    assert_eq!(refused, Err(Refusal::BadPossession));
}

#[test]
fn participants_secrets_print_nothing() {
    let (_, shares) = shared_keys::<Trustees>(&FOUR, 1);
    assert_eq!(format!("{:?} {:?}", shares[0], secret(1)), "SecretShare(of holder 1) CeremonySecret(secret)");
}

#[test]
fn keys_that_are_repeated_or_no_keys_are_refused() {
    let (keys, _) = shared_keys::<Trustees>(&FOUR, 2);
    let first = 6 + 2 * 4;
    let mut repeated = keys.encode();
    repeated.copy_within(first..first + 32, first + 32);
    assert_eq!(ThresholdKeys::<Trustees>::decode(&repeated), Err(Refusal::DegenerateKey));
    let mut identity = keys.encode();
    identity[first..first + 32].fill(0);
    assert_eq!(ThresholdKeys::<Trustees>::decode(&identity), Err(Refusal::IdentityPoint));
    let mut all = keys.encode();
    all[0] = 5;
    assert_eq!(ThresholdKeys::<Trustees>::decode(&all), Err(Refusal::TooFewTrustees), "five of four");
}

#[test]
fn a_participant_takes_no_share_that_does_not_fit() {
    let meeting = Meeting::<Trustees>::of(invitation(&FOUR, 1));
    let mut recorded = meeting.record();
    let keys = meeting.keys(&recorded);
    let at = recorded.shares.iter().position(|it| (it.dealer(), it.recipient()) == (3, 2)).unwrap();
    let mut bytes = recorded.shares[at].bytes().to_vec();
    bytes[0] ^= 1;
    recorded.shares[at] = meeting.ceremony.verify_encrypted_share(3, 2, &bytes).unwrap();
    let share = |number: u16| {
        let (_, secret) = &meeting.secrets[usize::from(number) - 1];
        let shares = (&recorded.commitments, &recorded.shares);
        secret.share(&meeting.invitation, &meeting.ceremony, number, shares.0, shares.1, &keys).map(|it| it.holder())
    };
    assert_eq!(share(2), Err(Refusal::WrongShare));
    assert_eq!(share(1), Ok(1));
    assert_eq!(share(4), Ok(4));
}
