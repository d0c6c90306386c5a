//! An expert cheat: proofs of values that the question does not allow, each equation spoilt alone, complaints about right
//! shares. Needs the feature `plants`, where the lying prover lives.
#![allow(clippy::unwrap_used, reason = "a test stops at the first error")]
mod support;
use support::*;
use urne_ballot::batch::verify_many;
use urne_ballot::forge::{Forgery, seal_values, spoil};
use urne_ballot::*;

fn verdict(statement: &Statement, ballot: &SealedBallot) -> Result<(), Refusal> {
    let alone = statement.verify(ballot.candidate()).map(|_| ());
    let many = [ballot.candidate(), ballot.candidate()];
    for batched in verify_many(statement, &many, &mut Chance::named("forgery")) {
        assert_eq!(batched.map(|_| ()), alone, "a batch and one alone agree");
    }
    alone
}
fn sealed(statement: &Statement, values: &[i64], more: i64) -> Result<(), Refusal> {
    verdict(statement, &seal_values(statement, &voter(1), 1, values, more, &[4; 32]))
}

#[test]
fn the_lying_prover_is_believed_when_it_does_not_lie() {
    assert_eq!(sealed(&statement(&[one_of(3, Blank::Refused)]), &[1, 0], 0), Ok(()));
}

#[test]
fn values_that_the_question_does_not_allow_are_refused_by_their_equation() {
    let blank = Blank::Refused;
    let one = statement(&[one_of(3, blank)]);
    for values in [[2, 0], [1, 1], [-1, 0], [0, 1_000_000], [2, -1]] {
        assert_eq!(sealed(&one, &values, 0), Err(Refusal::NotABit), "{values:?}");
    }
    assert_eq!(sealed(&one, &[1, 0], 1), Err(Refusal::WrongCells), "a cell that says one more than its bits");
    assert_eq!(sealed(&one, &[1, 0], -1), Err(Refusal::WrongCells));
    // 5 is the best score, with digits 1, 2, 2: three ones are 5, and a digit of 2 is no bit.
    let score = statement(&[Question::Score { choices: 1, max: 5, points: None, blank }]);
    assert_eq!(sealed(&score, &[1, 1, 1], 0), Ok(()));
    assert_eq!(sealed(&score, &[1, 1, 2], 0), Err(Refusal::NotABit));
    assert_eq!(sealed(&score, &[1, 1, 1], 2), Err(Refusal::WrongCells), "7 where 5 is the most");
    // One or two of three: three marks need a slack of −1, none a slack of 2.
    let some = statement(&[Question::Approval { choices: 3, at_least: 1, at_most: 2, blank }]);
    assert_eq!(sealed(&some, &[1, 0, 1, 0], 0), Ok(()));
    assert_eq!(sealed(&some, &[1, 1, 1, 0], 0), Err(Refusal::NotZero));
    assert_eq!(sealed(&some, &[1, 1, 1, -1], 0), Err(Refusal::NotABit));
    assert_eq!(sealed(&some, &[0, 0, 0, 1], 0), Err(Refusal::NotZero));
    // A cycle: 0 before 1, 1 before 2, 2 before 0, with any matrix of wins.
    let pairs = statement(&[Question::Condorcet { choices: 3, blank }]);
    assert_eq!(sealed(&pairs, &[1, 1, 1, 0, 0, 0, 1], 0), Ok(()), "0, 1, 2");
    for wins in [[0, 0, 0, 1], [1, 0, 0, 1], [0, 1, 1, 0], [0, 1, 0, 0]] {
        let values = [&[1, 0, 1], &wins[..]].concat();
        assert!(sealed(&pairs, &values, 0).is_err(), "a cycle with wins {wins:?}");
    }
    let budget = statement(&[Question::Budget { costs: vec![3, 5], budget: 7, blank }]);
    assert_eq!(sealed(&budget, &[1, 1, 0, 0, 0], 0), Err(Refusal::NotZero), "8 of 7");
}

#[test]
fn each_equation_spoilt_alone_earns_its_own_number() {
    let statement = statement(&[one_of(3, Blank::Refused)]);
    let ballot = cast(&statement, &voter(1), 1, vec![Answer::One(0)]);
    let spoilt = |forgery| verdict(&statement, &spoil(&statement, &ballot, &voter(1), forgery).unwrap());
    assert_eq!(spoilt(Forgery::Bits), Err(Refusal::WrongBits));
    assert_eq!(spoilt(Forgery::Randomness), Err(Refusal::WrongRandomness));
    assert_eq!(spoilt(Forgery::Squares), Err(Refusal::NotABit));
    assert_eq!(spoilt(Forgery::Signature), Err(Refusal::BadBallotSignature));
    let with_zero =
        self::statement(&[Question::Approval { choices: 3, at_least: 1, at_most: 2, blank: Blank::Refused }]);
    let chosen = cast(&with_zero, &voter(1), 1, vec![Answer::Chosen(vec![0])]);
    let spoilt_u = spoil(&with_zero, &chosen, &voter(1), Forgery::Zero).unwrap();
    assert_eq!(verdict(&with_zero, &spoilt_u), Err(Refusal::NotZero));
    let stolen = spoil(&statement, &ballot, &voter(2), Forgery::Bits).unwrap();
    assert!(verdict(&statement, &stolen).is_err());
}

#[test]
fn a_complaint_about_a_right_share_is_unjustified() {
    use support::ceremony::{Meeting, invitation};
    let meeting = Meeting::<Trustees>::of(invitation(&[1, 2, 3, 4], 2));
    let recorded = meeting.record();
    let share = recorded.shares.iter().find(|it| (it.dealer(), it.recipient()) == (1, 2)).unwrap();
    let dealt = &recorded.commitments[0];
    let bytes = forge::complain(&meeting.secrets[1].1, &meeting.invitation, &meeting.ceremony, dealt, share).unwrap();
    let judged = meeting.ceremony.verify_complaint(2, dealt, share, &bytes);
    assert_eq!(judged, Err(Refusal::UnjustifiedComplaint));
}
