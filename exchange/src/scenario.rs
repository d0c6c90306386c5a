//! Kind `ledger_scenario`: a story of ballots, each with its second, run through the contract block by block. What each
//! operation became, and the result, are the contract's.

use std::collections::BTreeMap;

use num_rational::BigRational;
use urne_types::ballot::{Answer, Ballot, BallotBody};
use urne_types::bounded::List;
use urne_types::election::{Base, EarlyClose, ElectionDefinition, Method, Question, RevotePolicy, Secrecy, Threshold};
use urne_types::transaction::{Payload, VerifiedTx};
use urne_types::{CensusId, CollegeId, ElectionId, Rejection, UnixMs};
use urne_vote_contract::QuestionResult;
use urne_vote_contract::result::Verdict;

use crate::rehearsal::{Rehearsal, bounded, instant};
use crate::{CountRefusal, Json, read};

/// What the format calls an outcome, where the contract has another name for it; every other rule keeps the contract's name.
const CALLED: [(Rejection, &str); 3] = [
    (Rejection::NotOpenYet, "not_open"),
    (Rejection::ElectionClosed, "closed"),
    (Rejection::UnknownChoice, "invalid_choice"),
];

/// The answers of a referendum, as the format writes them. What is not among them is a choice the question does not have.
const CHOICES: [(&str, Answer); 3] =
    [("pour", Answer::Choice(0)), ("contre", Answer::Choice(1)), ("blanc", Answer::Blank)];
const UNKNOWN_CHOICE: Answer = Answer::Choice(u16::MAX);

/// What the election is, before the contract has seen it.
struct Setup<'a> {
    voters: Vec<String>,
    open: UnixMs,
    close: UnixMs,
    revote: RevotePolicy,
    question: &'a str,
    quorum: Option<BigRational>,
}

/// One ballot of the story.
struct Operation<'a> {
    second: UnixMs,
    voter: &'a str,
    answer: Answer,
    sequence: u32,
}

pub(crate) fn count(input: &Json) -> Result<Json, CountRefusal> {
    let setup = Setup::read(read::field(input, "setup", None)?)?;
    let operations = operations(read::list(input, "ops")?)?;
    let mut ledger = Rehearsal::new()?;
    let voters: Vec<_> = setup.voters.iter().map(|it| (CollegeId::new(1), it.clone())).collect();
    let census = ledger.adopt_census(&voters)?;
    let election = ledger.schedule(setup.definition(census)?)?;

    let mut outcomes = Vec::with_capacity(operations.len());
    for at_once in operations.chunk_by(|a, b| a.second == b.second) {
        let ballots = at_once.iter().map(|it| it.ballot(&ledger, election));
        let ballots = ballots.collect::<Result<Vec<_>, Rejection>>()?;
        outcomes.extend(ledger.block(at_once[0].second, &ballots));
    }
    let accepted: u64 = outcomes.iter().map(|it| u64::from(it.is_ok())).sum();
    let result = ledger.result(election, setup.close).ok_or(Rejection::WrongElectionState)?;
    let [QuestionResult::Referendum { favour, against, blank, verdict, .. }] = &result.questions[..] else {
        return Err(Rejection::WrongAnswerKind.into()); // one referendum was asked
    };
    let (voted, registered) = (result.turnout.voted.get(), result.turnout.registered.get());
    let quorum_met = setup.quorum.as_ref().is_none_or(|least| {
        BigRational::from(num_bigint::BigInt::from(voted)) >= least * num_bigint::BigInt::from(registered)
    });
    let tally = [("pour", favour), ("contre", against), ("blanc", blank)];
    Ok(Json::object([
        (
            "results",
            Json::list(outcomes.iter().map(|it| Json::text(it.as_ref().map_or_else(|e| called(*e), |_| "ok")))),
        ),
        ("tally", Json::object(tally.map(|(choice, count)| (choice, Json::number(count.get()))))),
        ("emargement", Json::number(voted)),
        ("expressed", Json::number(favour.get() + against.get())),
        ("replaced", Json::number(accepted - voted)),
        ("quorum_met", Json::Bool(quorum_met)),
        ("adopted", Json::Bool(*verdict == Verdict::Adopted && quorum_met)),
    ]))
}

impl<'a> Setup<'a> {
    fn read(setup: &'a Json) -> Result<Self, CountRefusal> {
        let instant_of = |key| {
            instant(read::integer(setup, key, None)?).ok_or_else(|| read::wrong(key, None, "a second of this century"))
        };
        if read::text(setup, "kind", None)? != "referendum" {
            return Err(read::wrong("kind", None, "referendum"));
        }
        for (index, choice) in read::list(setup, "choices")?.iter().enumerate() {
            if !CHOICES.iter().any(|(name, _)| choice.as_text() == Some(name)) {
                return Err(read::wrong("choices", Some(index + 1), "pour, contre or blanc"));
            }
        }
        let quorum = read::optional(setup, "quorum").map(|it| read::share(it, "quorum", None)).transpose()?;
        let revote = match read::text(setup, "revote", None)? {
            "last_counts" => RevotePolicy::LastCounts,
            "forbidden" => RevotePolicy::Forbidden,
            _ => return Err(read::wrong("revote", None, "last_counts or forbidden")),
        };
        Ok(Self {
            voters: read::distinct_texts(setup, "voters")?,
            open: instant_of("open")?,
            close: instant_of("close")?,
            revote,
            question: read::text(setup, "question", None)?,
            quorum,
        })
    }

    fn definition(&self, census: CensusId) -> Result<ElectionDefinition, Rejection> {
        let listed = |_| Rejection::Malformed;
        let choices = vec![bounded("pour")?, bounded("contre")?];
        let question = Question {
            title: bounded(self.question)?,
            choices: List::new(choices).map_err(listed)?,
            method: Method::Referendum { threshold: Threshold::Simple, base: Base::Expressed },
        };
        Ok(ElectionDefinition {
            title: bounded(self.question)?,
            questions: List::new(vec![question]).map_err(listed)?,
            census,
            secrecy: Secrecy::Open,
            opens_at: self.open,
            closes_at: self.close,
            grace_ms: 0,
            revote: self.revote,
            early_close: EarlyClose::Forbidden,
            convened_at: None,
            documents: List::default(),
            statutes: None,
        })
    }
}

/// The operations, in the order of time. Without a `nonce` a voter's ballots are numbered 1, 2, 3.
fn operations(list: &[Json]) -> Result<Vec<Operation<'_>>, CountRefusal> {
    let mut operations: Vec<Operation<'_>> = Vec::with_capacity(list.len());
    let mut sequences: BTreeMap<&str, u32> = BTreeMap::new();
    for (index, operation) in list.iter().enumerate() {
        let line = Some(index + 1);
        if read::text(operation, "op", line)? != "vote" {
            return Err(read::wrong("op", line, "vote"));
        }
        let second = instant(read::integer(operation, "t", line)?);
        let second = second.ok_or_else(|| read::wrong("t", line, "a second of this century"))?;
        if operations.last().is_some_and(|before| second < before.second) {
            return Err(read::wrong("t", line, "a time that is not before the operation above"));
        }
        let voter = read::text(operation, "voter", line)?;
        let choice = read::text(operation, "choice", line)?;
        let answer = CHOICES.iter().find(|it| it.0 == choice).map_or(UNKNOWN_CHOICE, |it| it.1.clone());
        let last = sequences.entry(voter).or_insert(0);
        *last = match read::optional(operation, "nonce") {
            None => last.saturating_add(1),
            Some(nonce) => nonce
                .as_u64()
                .and_then(|it| u32::try_from(it).ok())
                .ok_or_else(|| read::wrong("nonce", line, "an integer from 0 to 2^32 - 1"))?,
        };
        operations.push(Operation { second, voter, answer, sequence: *last });
    }
    Ok(operations)
}

impl Operation<'_> {
    fn ballot(&self, ledger: &Rehearsal, election: ElectionId) -> Result<VerifiedTx, Rejection> {
        let answers = List::new(vec![self.answer.clone()]).map_err(|_| Rejection::Malformed)?;
        let body = BallotBody::Open(answers);
        let (college, sequence) = (CollegeId::new(1), self.sequence);
        ledger.signed(self.voter, Payload::Ballot(Ballot { election, college, sequence, body }))
    }
}

fn called(rule: Rejection) -> &'static str {
    CALLED.iter().find(|it| it.0 == rule).map_or(rule.name(), |it| it.1)
}
