//! The numbers of refusals: programs rely on them, so each is written here once more and can only be added to.
use urne_vote_contract::method::CountError;

#[test]
fn every_refusal_keeps_its_number_its_name_and_its_line() {
    let (line, found, expected) = (7, 3, 4);
    let (candidate, candidates, most, rank) = (5, 4, 2, 1);
    let cases = [
        (CountError::NoCandidate, 1, "NoCandidate", None),
        (CountError::UnknownCandidate { line, candidate, candidates }, 2, "UnknownCandidate", Some(7)),
        (CountError::RepeatedCandidate { line, candidate }, 3, "RepeatedCandidate", Some(7)),
        (CountError::WrongLength { line, found, expected }, 4, "WrongLength", Some(7)),
        (CountError::UnknownGrade { line, grade: 9, grades: 6 }, 5, "UnknownGrade", Some(7)),
        (CountError::NoGrade, 6, "NoGrade", None),
        (CountError::TotalTooLarge { line }, 7, "TotalTooLarge", Some(7)),
        (CountError::MoreMarksThanVoters { line, found: 3, voters: 2 }, 8, "MoreMarksThanVoters", Some(7)),
        (CountError::RowNotFull { line, found: 1, voters: 2 }, 9, "RowNotFull", Some(7)),
        (CountError::MorePresentThanRegistered { present: 3, registered: 2 }, 10, "MorePresentThanRegistered", None),
        (CountError::NotAProportion { numerator: 3, denominator: 2 }, 11, "NotAProportion", None),
        (CountError::NoCollege, 12, "NoCollege", None),
        (CountError::NoWeight { line }, 13, "NoWeight", Some(7)),
        (CountError::NoSeat, 14, "NoSeat", None),
        (CountError::WrongNumberOfMarks { line, found, least: 1, most }, 15, "WrongNumberOfMarks", Some(7)),
        (CountError::SharedRank { line, rank }, 16, "SharedRank", Some(7)),
        (CountError::SkippedRank { line, rank }, 17, "SkippedRank", Some(7)),
        (CountError::TooManyCandidates { candidates, most }, 18, "TooManyCandidates", None),
        (CountError::ResultTooLarge { bits: 4096 }, 19, "ResultTooLarge", None),
        (CountError::CostNotPositive { line }, 20, "CostNotPositive", Some(7)),
        (CountError::MoreBallotsThanMembers { line, present: 3, members: 2 }, 21, "MoreBallotsThanMembers", Some(7)),
        (CountError::TooLong, 22, "TooLong", None),
    ];
    for (error, code, name, line) in cases {
        assert_eq!((error.code(), error.name(), error.line()), (code, name, line));
        assert_eq!(error.to_string().contains('7'), line.is_some(), "the sentence names the line: {error}");
    }
}
