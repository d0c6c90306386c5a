//! From sealed ballots to totals: the sum of what was cast, with revotes, by any threshold of trustees; nothing with fewer;
//! wrong shares are refused and change nothing.
#![allow(clippy::unwrap_used, reason = "a test stops at the first error")]
mod support;
use support::{CHAIN, ELECTION, ceremony::*, judgment, one_of};
use urne_ballot::*;
use urne_types::ElectionId;

struct Election {
    statement: Statement,
    keys: ThresholdKeys<Trustees>,
    shares: Vec<SecretShare<Trustees>>,
}
impl Election {
    fn new(questions: &[Question]) -> Self {
        let compiled = Compiled::new(questions).unwrap();
        let (keys, shares) = shared_keys::<Trustees>(&[1, 2, 3, 4], u16::try_from(compiled.cells()).unwrap());
        let statement = Statement::new(compiled, CHAIN, ELECTION, &keys.elements()).unwrap();
        Self { statement, keys, shares }
    }
    fn cast(&self, voter: u8, sequence: u32, answers: Vec<Answer>) -> Ciphertext {
        let ballot = support::cast(&self.statement, &support::voter(voter), sequence, answers);
        self.statement.verify(ballot.candidate()).unwrap().ciphertext().clone()
    }
    fn share(&self, urn: &Urn, holder: usize) -> DecryptionShare {
        let bytes = self.shares[holder - 1].decrypt(urn).unwrap().encode();
        CandidateShare::decode(&bytes, urn).unwrap().verify(urn, &self.keys).unwrap()
    }
    fn open(&self, urn: &Urn, holders: &[usize]) -> Result<Vec<Vec<u64>>, Refusal> {
        let shares: Vec<DecryptionShare> = holders.iter().map(|it| self.share(urn, *it)).collect();
        tally::open(urn, &self.keys, &shares, self.statement.compiled())
    }
}

#[test]
fn the_tally_is_the_count_of_the_last_ballots() {
    let election = Election::new(&[one_of(3, Blank::Allowed), judgment(2, 3)]);
    let answers = |choice: Option<u16>, grades: [u16; 2]| {
        let choice = choice.map_or(Answer::Blank, Answer::One);
        vec![choice, Answer::Grades(grades.map(Some).to_vec())]
    };
    let mut totals = Totals::empty(election.statement.compiled().cells());
    let first = election.cast(1, 1, answers(Some(0), [0, 0]));
    totals.add(&first).unwrap();
    totals.add(&election.cast(2, 1, answers(Some(2), [1, 2]))).unwrap();
    totals.add(&election.cast(3, 1, answers(None, [2, 2]))).unwrap();
    totals.replace(&first, &election.cast(1, 2, answers(Some(2), [2, 1]))).unwrap();
    let restored = Totals::restore_from_state(&totals.encode(), totals.cells()).unwrap();
    assert_eq!(restored, totals);

    let urn = Urn::totals(ELECTION, 0, &restored);
    for holders in [&[1, 2, 3][..], &[1, 2, 4], &[1, 3, 4], &[2, 3, 4], &[4, 3, 2, 1]] {
        let opened = election.open(&urn, holders).unwrap();
        let tallies = election.statement.compiled().tally(&opened[0], urn.ballots()).unwrap();
        let expected = [
            QuestionTally::Marks { by_choice: vec![0, 0, 2], blank: 1 },
            QuestionTally::Grades { by_choice: vec![vec![0, 1, 2], vec![0, 1, 2]], no_opinion: vec![0, 0], blank: 0 },
        ];
        assert_eq!(tallies, expected, "{holders:?}");
    }
    assert_eq!(election.open(&urn, &[1, 2]), Err(Refusal::TooFewShares));
    assert_eq!(election.open(&urn, &[1, 2, 2, 2]), Err(Refusal::TooFewShares), "one trustee counts once");
}

#[test]
fn an_election_without_ballots_opens_to_zero_without_shares() {
    let election = Election::new(&[one_of(3, Blank::Refused)]);
    let urn = Urn::totals(ELECTION, 0, &Totals::empty(2));
    assert!(urn.is_empty());
    assert_eq!(election.open(&urn, &[]), Ok(vec![vec![0, 0]]));
}

#[test]
fn scores_and_comparisons_open_to_their_sums() {
    let score = Question::Score { choices: 2, max: 100, points: None, blank: Blank::Refused };
    let pairs = Question::Condorcet { choices: 3, blank: Blank::Allowed };
    let election = Election::new(&[score, pairs]);
    let mut totals = Totals::empty(election.statement.compiled().cells());
    totals.add(&election.cast(1, 1, vec![Answer::Scores(vec![100, 7]), Answer::Ranked(vec![0, 1, 2])])).unwrap();
    totals.add(&election.cast(2, 1, vec![Answer::Scores(vec![99, 0]), Answer::Ranked(vec![2, 0, 1])])).unwrap();
    totals.add(&election.cast(3, 1, vec![Answer::Scores(vec![1, 100]), Answer::Blank])).unwrap();
    let urn = Urn::totals(ELECTION, 0, &totals);
    let opened = election.open(&urn, &[1, 2, 3]).unwrap();
    let expected = [
        QuestionTally::Scores { by_choice: vec![200, 107], blank: 0 },
        QuestionTally::Pairwise { wins: vec![vec![0, 2, 1], vec![0, 0, 1], vec![1, 1, 0]], blank: 1 },
    ];
    assert_eq!(election.statement.compiled().tally(&opened[0], 3).unwrap(), expected);
}

#[test]
fn ranked_ballots_open_one_by_one() {
    let election = Election::new(&[Question::Ranking { choices: 4, ranks: 3, at_least: 0 }]);
    let cast = [vec![Answer::Ranked(vec![3, 0])], vec![Answer::Blank], vec![Answer::Ranked(vec![1, 2, 0])]];
    let ballots = (1..).zip(&cast).map(|(voter, answers)| election.cast(voter, 1, answers.clone())).collect();
    let urn = Urn::one_by_one(ELECTION, 0, ballots);
    let opened = election.open(&urn, &[1, 2, 4]).unwrap();
    let read: Vec<Vec<Answer>> = opened.iter().map(|it| election.statement.compiled().rankings(it).unwrap()).collect();
    assert_eq!(read, cast);
}

#[test]
fn cells_that_no_ranking_has_are_refused_and_the_nearest_ranking_is_read() {
    let compiled = Compiled::new(&[Question::Ranking { choices: 4, ranks: 3, at_least: 1 }]).unwrap();
    assert_eq!(compiled.rankings(&[4, 1, 0]), Ok(vec![Answer::Ranked(vec![3, 0])]));
    for (what, cells) in
        [("a gap", [4, 0, 1]), ("a choice twice", [4, 4, 0]), ("no such choice", [5, 1, 0]), ("too few", [0, 0, 0])]
    {
        assert_eq!(compiled.rankings(&cells), Err(Refusal::WrongAnswers), "{what}");
    }
    assert_eq!(compiled.rankings(&[4, 1]), Err(Refusal::TotalsMismatch));
}

#[test]
fn a_trustee_answers_every_piece_of_one_list_and_no_piece_of_another() {
    let election = Election::new(&[Question::Ranking { choices: 3, ranks: 3, at_least: 0 }]);
    let ballots: Vec<Ciphertext> = (1..=3).map(|it| election.cast(it, 1, vec![Answer::Ranked(vec![2])])).collect();
    let cut = |ballots: &[Ciphertext]| -> Vec<Urn> {
        (0..).zip(ballots).map(|(part, it)| Urn::one_by_one(ELECTION, part, vec![it.clone()])).collect()
    };
    let list = |urns: &[Urn]| Pieces::new(ELECTION, urns.iter().map(|it| *it.digest()).collect());
    let (two, three) = (cut(&ballots[..2]), cut(&ballots));
    let mut guard = TallyGuard::default();
    assert_eq!(guard.permit(&two[0]), Err(Refusal::OtherUrn), "a piece without its list");
    assert_eq!(guard.permit_piece(&list(&two), &three[2]), Err(Refusal::OtherUrn), "no piece of this list");
    assert_eq!(guard, TallyGuard::default());
    for urn in &two {
        guard.permit_piece(&list(&two), urn).unwrap();
    }
    for urn in &three {
        let permitted = TallyGuard::decode(&guard.encode()).unwrap().permit_piece(&list(&three), urn);
        assert_eq!(permitted, Err(Refusal::SecondTally), "the first two pieces are the same, the list is not");
    }
    assert!(guard.permit_piece(&list(&two), &two[1]).is_ok(), "the same again");
    assert!(guard.has_answered(&ELECTION));
}

#[test]
fn a_share_that_was_verified_is_read_back_without_its_proof_and_another_length_is_not() {
    let election = Election::new(&[Question::Ranking { choices: 3, ranks: 2, at_least: 0 }]);
    let urn = Urn::one_by_one(ELECTION, 0, vec![election.cast(1, 1, vec![Answer::Ranked(vec![1, 0])])]);
    let kept: Vec<Vec<u8>> = election.shares[..3].iter().map(|it| it.decrypt(&urn).unwrap().encode()).collect();
    let restored: Vec<_> = kept.iter().map(|it| DecryptionShare::restore_from_state(it, &urn).unwrap()).collect();
    assert_eq!(restored, [1, 2, 3].map(|it| election.share(&urn, it)));
    let opened = tally::open(&urn, &election.keys, &restored, election.statement.compiled()).unwrap();
    assert_eq!(opened, vec![vec![2, 1]]);
    assert_eq!(DecryptionShare::restore_from_state(&kept[0][1..], &urn), Err(Refusal::WrongShape));
}

#[test]
fn the_rehearsal_shows_that_enough_can_open_and_opens_to_zero() {
    let election = Election::new(&[one_of(3, Blank::Refused)]);
    let urn = Urn::rehearsal(ELECTION, &election.keys);
    assert_eq!(election.open(&urn, &[1, 2, 3]), Ok(vec![vec![0, 0]]));
    assert_eq!(election.open(&urn, &[1, 3]), Err(Refusal::TooFewShares));
}

#[test]
fn a_wrong_share_is_refused_whatever_is_wrong_in_it() {
    let election = Election::new(&[one_of(3, Blank::Refused)]);
    let mut totals = Totals::empty(2);
    totals.add(&election.cast(1, 1, vec![Answer::One(0)])).unwrap();
    let urn = Urn::totals(ELECTION, 0, &totals);
    let bytes = election.shares[0].decrypt(&urn).unwrap().encode();
    let verify = |bytes: &[u8], urn: &Urn| {
        CandidateShare::decode(bytes, urn).and_then(|it| it.verify(urn, &election.keys)).map(|_| ())
    };
    assert_eq!(verify(&bytes, &urn), Ok(()));
    for word in 0..(bytes.len() - 2) / 32 {
        let mut wrong = bytes.clone();
        let at = 2 + 32 * word;
        if word == (bytes.len() - 2) / 32 - 1 {
            wrong[at] ^= 1;
        } else {
            wrong[at..at + 32].copy_from_slice(group::generator("wrong", 0).bytes());
        }
        assert_eq!(verify(&wrong, &urn), Err(Refusal::WrongDecryptionShare), "word {word}");
    }
    let claim = |trustee: u16| [&trustee.to_le_bytes()[..], &bytes[2..]].concat();
    assert_eq!(verify(&claim(2), &urn), Err(Refusal::WrongDecryptionShare), "another trustee's name on it");
    assert_eq!(verify(&claim(9), &urn), Err(Refusal::NotATrustee));
    assert_eq!(verify(&bytes[..bytes.len() - 1], &urn), Err(Refusal::WrongShape));
    let mut repeated = bytes.clone();
    repeated.copy_within(2..34, 34);
    assert_eq!(verify(&repeated, &urn), Err(Refusal::WrongDecryptionShare));
    // The same totals as another group, in another election, or one ballot more.
    assert_eq!(verify(&bytes, &Urn::totals(ELECTION, 1, &totals)), Err(Refusal::WrongDecryptionShare));
    assert_eq!(verify(&bytes, &Urn::totals(ElectionId([9; 32]), 0, &totals)), Err(Refusal::WrongDecryptionShare));
    totals.add(&election.cast(2, 1, vec![Answer::One(0)])).unwrap();
    assert_eq!(verify(&bytes, &Urn::totals(ELECTION, 0, &totals)), Err(Refusal::WrongDecryptionShare));
}

#[test]
fn shares_of_two_urns_do_not_combine_and_impossible_totals_are_noticed() {
    let election = Election::new(&[one_of(3, Blank::Refused)]);
    let mut totals = Totals::empty(2);
    totals.add(&election.cast(1, 1, vec![Answer::One(0)])).unwrap();
    let (urn, other) = (Urn::totals(ELECTION, 0, &totals), Urn::totals(ELECTION, 1, &totals));
    let shares = [election.share(&urn, 1), election.share(&urn, 2), election.share(&other, 3)];
    let compiled = election.statement.compiled();
    assert_eq!(tally::open(&urn, &election.keys, &shares, compiled), Err(Refusal::OtherUrn));
    // Totals that no ballots gave: a restored state that was tampered with.
    let mut bytes = totals.encode();
    bytes[40..72].copy_from_slice(group::generator("tampered", 0).bytes());
    let tampered = Urn::totals(ELECTION, 0, &Totals::restore_from_state(&bytes, 2).unwrap());
    assert_eq!(election.open(&tampered, &[1, 2, 3]), Err(Refusal::NoDiscreteLogarithm));
}

#[test]
fn totals_refuse_what_does_not_fit() {
    let election = Election::new(&[one_of(3, Blank::Refused)]);
    let ballot = election.cast(1, 1, vec![Answer::One(0)]);
    assert_eq!(Totals::empty(3).add(&ballot), Err(Refusal::TotalsMismatch));
    assert_eq!(Totals::empty(2).replace(&ballot, &ballot), Err(Refusal::TotalsMismatch), "nothing to replace");
    assert_eq!(Ciphertext::restore_from_state(&ballot.encode(), 3).map(|_| ()), Err(Refusal::TotalsMismatch));
    assert_eq!(Ciphertext::restore_from_state(&ballot.encode(), 2), Ok(ballot.clone()));
    let mut sum = Totals::empty(2);
    let mut part = Totals::empty(2);
    part.add(&ballot).unwrap();
    sum.merge(&part).unwrap();
    assert_eq!(sum, part);
    assert_eq!(sum.merge(&Totals::empty(1)), Err(Refusal::TotalsMismatch));
}
