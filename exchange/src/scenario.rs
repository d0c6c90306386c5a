//! Kind `ledger_scenario`: a story of ballots, each with its second, run through the contract block by block. What each
//! operation became, and the result, are the contract's.

use std::collections::BTreeMap;

use num_rational::BigRational;
use urne_types::ballot::{Answer, Ballot, BallotBody};
use urne_types::bounded::List;
use urne_types::election::{Base, EarlyClose, ElectionDefinition, Method, Question, RevotePolicy, Secrecy, Threshold};
use urne_types::limits::CHOICES_MAX;
use urne_types::transaction::{Payload, VerifiedTx};
use urne_types::{CensusId, CollegeId, ElectionId, Rejection, UnixMs};
use urne_vote_contract::method::CountError;

use crate::counted::Counted;
use crate::rehearsal::{Rehearsal, bounded, instant};
use crate::{CountRefusal, Json, read};

/// What the format calls an outcome, where the contract has another name for it; every other rule keeps the contract's name.
const CALLED: [(Rejection, &str); 3] = [
    (Rejection::NotOpenYet, "not_open"),
    (Rejection::ElectionClosed, "closed"),
    (Rejection::UnknownChoice, "invalid_choice"),
];

/// A blank ballot, as the format writes it, whether the paper offers it or not.
const BLANK: &str = "blanc";
/// The answers of a referendum.
const RESOLUTION: [&str; 2] = ["pour", "contre"];
/// What is not on the paper is a choice that the question does not have.
const UNKNOWN: u16 = u16::MAX;

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Paper {
    method: Method,
    choices: Vec<String>,
}

/// What the election is, before the contract has seen it.
struct Setup<'a> {
    voters: Vec<String>,
    open: UnixMs,
    close: UnixMs,
    revote: RevotePolicy,
    question: &'a str,
    paper: Paper,
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
    let operations = operations(read::list(input, "ops")?, &setup.paper)?;
    let mut ledger = Rehearsal::new()?;
    if setup.voters.is_empty() {
        return Err(Rejection::CensusTooLarge.into()); // the rule of an empty census, before there is none to look for
    }
    let voters: Vec<_> = setup.voters.iter().map(|it| (CollegeId::new(1), it.clone())).collect();
    let census = ledger.adopt_census(&voters)?;
    let definition = setup.definition(census)?;
    let election = ledger.schedule(definition.clone())?;

    let mut outcomes = Vec::with_capacity(operations.len());
    for at_once in operations.chunk_by(|a, b| a.second == b.second) {
        let ballots = at_once.iter().map(|it| it.ballot(&ledger, election));
        let ballots = ballots.collect::<Result<Vec<_>, Rejection>>()?;
        outcomes.extend(ledger.block(at_once[0].second, &ballots));
    }
    let accepted: u64 = outcomes.iter().map(|it| u64::from(it.is_ok())).sum();
    let result = ledger.result(election, setup.close).ok_or(Rejection::WrongElectionState)?;
    let counted = definition.questions.iter().zip(&result.questions).map(|(asked, it)| Counted::of(asked, it)).next();
    let Some(Ok(counted)) = counted else { return Err(Rejection::WrongAnswerKind.into()) }; // one question was asked
    let (voted, registered) = (result.turnout.voted.get(), result.turnout.registered.get());
    let quorum_met = setup.quorum.as_ref().is_none_or(|least| {
        BigRational::from(num_bigint::BigInt::from(voted)) >= least * num_bigint::BigInt::from(registered)
    });
    let (tally, blank, decided) = match &counted {
        Counted::Referendum { tally, blank, adopted, .. } => {
            (tally, blank, ("adopted", Json::Bool(*adopted && quorum_met)))
        }
        Counted::Plurality { tally, blank, winners, .. } | Counted::Approval { tally, blank, winners, .. } => {
            (tally, blank, ("winners", Json::list(winners.iter().map(Json::text))))
        }
        _ => return Err(Rejection::WrongAnswerKind.into()), // no other is asked
    };
    let expressed = voted.saturating_sub(blank.get().unwrap_or(voted));
    let tally = tally.iter().map(|(choice, count)| (choice.as_str(), count)).chain([(BLANK, blank)]);
    Ok(Json::object([
        (
            "results",
            Json::list(outcomes.iter().map(|it| Json::text(it.as_ref().map_or_else(|e| called(*e), |_| "ok")))),
        ),
        ("tally", Json::object(tally.map(|(choice, count)| (choice, Json::number(count))))),
        ("emargement", Json::number(voted)),
        ("expressed", Json::number(expressed)),
        ("replaced", Json::number(accepted - voted)),
        ("quorum_met", Json::Bool(quorum_met)),
        decided,
    ]))
}

impl Paper {
    fn read(setup: &Json) -> Result<Self, CountRefusal> {
        let mut choices = read::distinct_texts(setup, "choices")?;
        let method = match read::text(setup, "kind", None)? {
            "referendum" => {
                let of_another = choices.iter().position(|it| *it != BLANK && !RESOLUTION.contains(&it.as_str()));
                if let Some(index) = of_another {
                    return Err(read::wrong("choices", Some(index + 1), "pour, contre or blanc"));
                }
                choices = RESOLUTION.map(str::to_owned).to_vec();
                Method::Referendum { threshold: Threshold::Simple, base: Base::Expressed }
            }
            "plurality" => Method::Plurality,
            "approval" => Method::Approval,
            _ => {
                let expected = "referendum, plurality or approval: the format does not say how a story writes the \
                                ballots of other kinds";
                return Err(read::wrong("kind", None, expected));
            }
        };
        choices.retain(|it| it != BLANK);
        if CHOICES_MAX < choices.len() {
            return Err(CountError::TooManyCandidates { candidates: choices.len(), most: CHOICES_MAX }.into());
        }
        Ok(Self { method, choices })
    }

    /// A choice by its name; where several may be approved, a list of names too.
    fn answer(&self, operation: &Json, line: Option<usize>) -> Result<Answer, CountRefusal> {
        let choice = read::field(operation, "choice", line)?;
        if choice.as_text() == Some(BLANK) {
            return Ok(Answer::Blank);
        }
        if self.method != Method::Approval {
            return Ok(Answer::Choice(self.place(read::text(operation, "choice", line)?)));
        }
        let refusal = || read::wrong("choice", line, "a name, or a list of names");
        let place = |it: &Json| it.as_text().map(|it| self.place(it)).ok_or_else(refusal);
        let mut approved = match choice.as_list() {
            Some(names) => names.iter().map(place).collect::<Result<Vec<_>, _>>()?,
            None => vec![place(choice)?],
        };
        if approved.is_empty() {
            return Ok(Answer::Blank);
        }
        approved.sort_unstable();
        Ok(Answer::Approvals(List::new(approved).map_err(|_| Rejection::TooLarge)?))
    }

    fn place(&self, name: &str) -> u16 {
        self.choices.iter().position(|it| it == name).and_then(|it| u16::try_from(it).ok()).unwrap_or(UNKNOWN)
    }
}

impl<'a> Setup<'a> {
    fn read(setup: &'a Json) -> Result<Self, CountRefusal> {
        let instant_of = |key| {
            instant(read::integer(setup, key, None)?).ok_or_else(|| read::wrong(key, None, "a second of this century"))
        };
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
            paper: Paper::read(setup)?,
            quorum,
        })
    }

    fn definition(&self, census: CensusId) -> Result<ElectionDefinition, Rejection> {
        let listed = |_| Rejection::Malformed;
        let choices = self.paper.choices.iter().map(|it| bounded(it)).collect::<Result<Vec<_>, _>>()?;
        let question = Question {
            title: bounded(self.question)?,
            choices: List::new(choices).map_err(listed)?,
            method: self.paper.method.clone(),
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
fn operations<'a>(list: &'a [Json], paper: &Paper) -> Result<Vec<Operation<'a>>, CountRefusal> {
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
        let answer = paper.answer(operation, line)?;
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
