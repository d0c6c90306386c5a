//! A ballot that is sealed verifies, alone and in a batch; whatever is changed in it is refused, and alone or in a batch for
//! the same reason.
#![allow(clippy::unwrap_used, reason = "a test stops at the first error")]
mod support;
use support::*;
use urne_ballot::batch::verify_many;
use urne_ballot::*;
use urne_types::{ChainId, ElectionId};

fn every_kind() -> Vec<(Vec<Question>, Vec<Answer>)> {
    let blank = Blank::Allowed;
    vec![
        (vec![one_of(2, Blank::Refused)], vec![Answer::One(0)]),
        (vec![one_of(2, blank)], vec![Answer::Blank]),
        (vec![one_of(3, Blank::Refused)], vec![Answer::One(2)]),
        (vec![judgment(5, 5)], vec![Answer::Grades(vec![Some(4), Some(0), Some(2), Some(2), Some(1)])]),
        (
            vec![Question::Approval { choices: 4, at_least: 0, at_most: 4, blank }],
            vec![Answer::Chosen(vec![0, 1, 2, 3])],
        ),
        (vec![Question::Approval { choices: 5, at_least: 1, at_most: 3, blank }], vec![Answer::Chosen(vec![1, 4])]),
        (vec![Question::Score { choices: 3, max: 5, points: Some(8), blank }], vec![Answer::Scores(vec![5, 3, 0])]),
        (vec![Question::Condorcet { choices: 5, blank }], vec![Answer::Ranked(vec![3, 0, 4, 1, 2])]),
        (vec![Question::Budget { costs: vec![30, 50, 20], budget: 70, blank }], vec![Answer::Chosen(vec![1, 2])]),
        (vec![Question::Ranking { choices: 4, ranks: 3, at_least: 0 }], vec![Answer::Ranked(vec![2, 0])]),
        (
            vec![one_of(3, blank), judgment(2, 3), Question::Condorcet { choices: 3, blank }],
            vec![Answer::One(1), Answer::Grades(vec![Some(2), Some(0)]), Answer::Blank],
        ),
    ]
}

#[test]
fn a_sealed_ballot_of_every_kind_verifies_alone_and_in_a_batch() {
    for (questions, answers) in every_kind() {
        let statement = statement(&questions);
        let ballots: Vec<SealedBallot> = (1..4).map(|n| cast(&statement, &voter(n), 1, answers.clone())).collect();
        for ballot in &ballots {
            let verified = statement.verify(ballot.candidate()).unwrap_or_else(|e| panic!("{questions:?}: {e}"));
            assert_eq!(*verified.tracker(), ballot.tracker);
            assert_eq!(verified.ciphertext().b().len(), statement.compiled().cells());
        }
        let candidates: Vec<CandidateBallot<'_>> = ballots.iter().map(SealedBallot::candidate).collect();
        let verdicts = verify_many(&statement, &candidates, &mut Chance::named("batch"));
        assert!(verdicts.iter().all(Result::is_ok), "{questions:?}");
    }
}

#[test]
fn sizes_are_those_of_the_design_and_96_bytes_for_credential_and_signature() {
    let size = |questions: &[Question]| statement(questions).ballot_length();
    assert_eq!(size(&[one_of(3, Blank::Refused)]), 448 + 96);
    assert_eq!(size(&[judgment(5, 5)]), 1_600 + 96);
    assert_eq!(size(&[Question::Condorcet { choices: 10, blank: Blank::Refused }]), 5_824 + 96);
}

#[test]
fn every_changed_word_is_refused_and_for_the_same_reason_alone_and_in_a_batch() {
    let questions =
        [one_of(3, Blank::Refused), Question::Approval { choices: 3, at_least: 1, at_most: 2, blank: Blank::Allowed }];
    let statement = statement(&questions);
    let ballot = cast(&statement, &voter(1), 1, vec![Answer::One(0), Answer::Chosen(vec![1])]);
    let good = cast(&statement, &voter(2), 1, vec![Answer::One(1), Answer::Blank]);
    let points = 1 + statement.compiled().cells() + 6;
    let words = ballot.bytes.len() / 32;
    for word in 0..words {
        let mut bytes = ballot.bytes.clone();
        let is_point = word < points || word == words - 3 || word == words - 2;
        let other: [u8; 32] = if is_point {
            *group::generator("other", 0).bytes()
        } else {
            let mut one = [0; 32];
            one[0] = 1;
            one
        };
        bytes[32 * word..][..32].copy_from_slice(&other);
        let candidate = CandidateBallot { sequence: 1, bytes: &bytes };
        let alone = statement.verify(candidate).map(|_| ()).unwrap_err();
        let batch = verify_many(&statement, &[good.candidate(), candidate, good.candidate()], &mut Chance::named("b"));
        assert!(batch[0].is_ok() && batch[2].is_ok(), "word {word}: the honest neighbours stay");
        assert_eq!(batch[1].as_ref().map(|_| ()).unwrap_err(), &alone, "word {word}");
    }
}

#[test]
fn wherever_the_wrong_ballots_of_a_batch_stand_they_are_found_and_no_other() {
    let statement = statement(&[one_of(3, Blank::Refused)]);
    let good = cast(&statement, &voter(1), 1, vec![Answer::One(0)]);
    let wrong = CandidateBallot { sequence: 2, ..good.candidate() };
    for n in 1..8_usize {
        for pattern in 0..1_usize << n {
            let is_wrong = |at: usize| pattern >> at & 1 == 1;
            let candidates: Vec<_> = (0..n).map(|at| if is_wrong(at) { wrong } else { good.candidate() }).collect();
            let verdicts = verify_many(&statement, &candidates, &mut Chance::named("search"));
            assert!((0..n).all(|at| verdicts[at].is_err() == is_wrong(at)), "{n} ballots, {pattern:b} wrong");
        }
    }
}

#[test]
fn a_ballot_counts_in_its_own_election_chain_and_sequence_only() {
    let questions = [one_of(3, Blank::Refused)];
    let statement = statement(&questions);
    let ballot = cast(&statement, &voter(1), 7, vec![Answer::One(0)]);
    assert!(statement.verify(ballot.candidate()).is_ok());
    assert!(statement.verify(CandidateBallot { sequence: 8, ..ballot.candidate() }).is_err(), "another sequence");
    assert!(statement_of(&questions, ElectionId([9; 32])).verify(ballot.candidate()).is_err(), "another election");
    let keys = statement.keys();
    let chain = Statement::new(statement.compiled().clone(), ChainId([9; 32]), ELECTION, keys).unwrap();
    assert!(chain.verify(ballot.candidate()).is_err(), "another chain");
    let swapped: Vec<Element> = keys.iter().rev().copied().collect();
    let keyed = Statement::new(statement.compiled().clone(), CHAIN, ELECTION, &swapped).unwrap();
    assert!(keyed.verify(ballot.candidate()).is_err(), "other keys");
    let blank = statement_of(&[one_of(2, Blank::Allowed)], ELECTION);
    assert_eq!(blank.ballot_length(), statement.ballot_length());
    assert!(blank.verify(ballot.candidate()).is_err(), "another question with the same bits");
}

#[test]
fn lengths_encodings_identities_and_repetitions_have_their_own_numbers() {
    let statement = statement(&[one_of(3, Blank::Refused)]);
    let ballot = cast(&statement, &voter(1), 1, vec![Answer::One(0)]);
    let refusal = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = ballot.bytes.clone();
        change(&mut bytes);
        statement.verify(CandidateBallot { sequence: 1, bytes: &bytes }).map(|_| ()).unwrap_err()
    };
    let words = ballot.bytes.len() / 32;
    let put = |bytes: &mut Vec<u8>, word: usize, value: [u8; 32]| bytes[32 * word..][..32].copy_from_slice(&value);
    // The order ℓ of the group: zero, written in a second way.
    let order = {
        let mut bytes = [0; 32];
        hex::decode_to_slice("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010", &mut bytes).unwrap();
        bytes
    };
    assert_eq!(refusal(&|it| it.truncate(it.len() - 1)), Refusal::BallotLength);
    assert_eq!(refusal(&|it| it.push(0)), Refusal::BallotLength);
    assert_eq!(refusal(&|it| it.clear()), Refusal::BallotLength);
    assert_eq!(refusal(&|it| put(it, 1, [0xff; 32])), Refusal::NotAPoint);
    assert_eq!(refusal(&|it| put(it, 1, order)), Refusal::NotAPoint);
    assert_eq!(refusal(&|it| put(it, words - 1, order)), Refusal::NotAScalar);
    assert_eq!(refusal(&|it| put(it, 0, [0; 32])), Refusal::IdentityRandomness);
    assert_eq!(refusal(&|it| put(it, words - 3, [0; 32])), Refusal::IdentityCredential);
    assert_eq!(refusal(&|it| it.copy_within(32..64, 64)), Refusal::RepeatedPoint);
    assert_eq!(refusal(&|it| put(it, words - 1, [0; 32])), Refusal::BadBallotSignature);
}

#[test]
fn nobody_can_cast_a_ballot_sealed_for_another_credential() {
    let statement = statement(&[one_of(3, Blank::Refused)]);
    let mut rng = Chance::named("theft");
    let unsigned = statement.seal(vec![Answer::One(0)], voter(1).public(), 1, Seed::generate(&mut rng)).unwrap();
    assert_eq!(unsigned.cast(&statement, &voter(2), &mut rng), Err(Refusal::BadBallotSignature));
}

#[test]
fn an_audit_recomputes_the_ballot_and_sees_every_lie() {
    let statement = statement(&[judgment(2, 3)]);
    let mut rng = Chance::named("audit");
    let answers = vec![Answer::Grades(vec![Some(2), Some(0)])];
    let unsigned = statement.seal(answers, voter(1).public(), 3, Seed::generate(&mut rng)).unwrap();
    let shown = *unsigned.tracker();
    let audited = unsigned.audit();
    assert_eq!(audited.recompute(&statement), Ok(shown));
    let lies: [fn(&mut AuditedBallot); 5] = [
        |it| it.answers = vec![Answer::Grades(vec![Some(1), Some(0)])],
        |it| it.seed[0] ^= 1,
        |it| it.sequence = 4,
        |it| it.credential = *voter(2).public(),
        |it| it.bytes[33] ^= 1,
    ];
    for (at, lie) in lies.iter().enumerate() {
        let mut audited = audited.clone();
        lie(&mut audited);
        assert_eq!(audited.recompute(&statement), Err(Refusal::AuditMismatch), "lie {at}");
    }
    let mut cut = audited;
    cut.answers.clear();
    assert_eq!(cut.recompute(&statement), Err(Refusal::WrongAnswers));
}

#[test]
fn a_tracker_is_copied_by_people_and_a_wrong_or_exchanged_character_is_noticed() {
    let statement = statement(&[one_of(2, Blank::Refused)]);
    let tracker = cast(&statement, &voter(1), 1, vec![Answer::One(0)]).tracker;
    let other = cast(&statement, &voter(2), 1, vec![Answer::One(0)]).tracker;
    let written = tracker.to_string();
    assert_eq!(written.len(), 26, "five groups of four, their dashes and a check character");
    let read = |typed: &str| typed.parse::<ShortTracker>();
    let short = read(&written.to_lowercase().replace('-', "")).unwrap();
    assert_eq!((short, short.is_of(tracker.hash()), short.is_of(other.hash())), (tracker.short(), true, false));
    assert_eq!(short.prefix(), tracker.hash()[..12], "whoever looks it up begins there");
    let characters: Vec<char> = written.replace('-', "").chars().collect();
    for at in 0..characters.len() {
        for wrong in "0123456789ABCDEFGHJKMNPQRSTVWXYZ".chars().filter(|it| *it != characters[at]) {
            let mut typed = characters.clone();
            typed[at] = wrong;
            assert_eq!(read(&typed.iter().collect::<String>()), Err(Refusal::BadTracker));
        }
        if at + 1 < characters.len() && characters[at] != characters[at + 1] {
            let mut typed = characters.clone();
            typed.swap(at, at + 1);
            assert_eq!(read(&typed.iter().collect::<String>()), Err(Refusal::BadTracker), "{at}");
        }
    }
    assert_eq!(read(""), Err(Refusal::BadTracker));
    assert_eq!(read("é"), Err(Refusal::BadTracker));
}

#[test]
fn secrets_print_nothing() {
    let secret = voter(1);
    let seed = Seed::from_bytes([0xab; 32]);
    let shown = format!("{secret:?} {seed:?} {:?} {:?}", RootSecret::from_bytes([0xab; 32]), Answer::One(1));
    assert!(!shown.contains("ab, ab") && !shown.contains("abab") && !shown.contains("171") && !shown.contains("One"));
    let public: String = secret.public().bytes().iter().map(|it| format!("{it:02x}")).collect();
    assert!(shown.contains(&public), "a secret is shown by its public half");
}

#[test]
fn one_seed_for_two_choices_shares_no_component() {
    let statement = statement(&[one_of(3, Blank::Refused)]);
    let seal = |choice| {
        let unsigned = statement.seal(vec![Answer::One(choice)], voter(1).public(), 1, Seed::from_bytes([5; 32]));
        unsigned.unwrap().audit().bytes
    };
    let (a, b) = (seal(0), seal(1));
    let k = a.len() / 32 - 1;
    let shared = (0..k).filter(|word| a[32 * word..][..32] == b[32 * word..][..32]).count();
    assert_eq!(shared, 0, "only K is the same");
}

#[test]
fn keys_must_be_one_distinct_key_for_each_cell() {
    let compiled = Compiled::new(&[one_of(3, Blank::Refused)]).unwrap();
    let key = group::generator("test key", 0);
    let identity = Element::decode(&[0; 32]).unwrap();
    for wrong in [vec![], vec![key], vec![key, key], vec![key, identity]] {
        let refused = Statement::new(compiled.clone(), CHAIN, ELECTION, &wrong).map(|_| ());
        assert_eq!(refused, Err(Refusal::WrongKeys));
    }
}

#[test]
fn no_bit_of_a_ballot_can_be_flipped() {
    let statement = statement(&[one_of(2, Blank::Refused)]);
    let ballot = cast(&statement, &voter(1), 1, vec![Answer::One(0)]);
    for bit in 0..8 * ballot.bytes.len() {
        let mut bytes = ballot.bytes.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(statement.verify(CandidateBallot { sequence: 1, bytes: &bytes }).is_err(), "bit {bit}");
    }
}
