//! A case's election as a ledger holds it: the same choices and conventions as questions, the same ballots as members'
//! answers, and from the ledger's result back to the keys of the kind. What a ledger does not hold is refused with the reason.

mod colleges;
mod keys;
mod questions;
mod tallies;

use urne_types::ballot::{Answer, Ballot, BallotBody};
use urne_types::bounded::{List, Text};
use urne_types::election::{EarlyClose, ElectionDefinition, Question, RevotePolicy, Secrecy};
use urne_types::limits::{QUESTIONS_MAX, TITLE_BYTES_MAX};
use urne_types::statutes::{Convocation, Statutes, UnderStatutes};
use urne_types::transaction::Payload;
use urne_types::{CensusId, CollegeId, ElectionId, Rejection, UnixMs};

use crate::counted::Counted;
use crate::rehearsal::{Rehearsal, bounded, instant, key_name};
use crate::{CountRefusal, Json, read};

/// Members of a staged election: one signature and one transaction each, some minutes on one machine.
const ELECTORS_MAX: u64 = 100_000;
/// A chain that no college halts has four at least.
const COLLEGES_MIN: u16 = 4;
/// Ballots in a block of the ledger in memory.
const BLOCK_BALLOTS: usize = 1_000;
/// The election in memory opens at this second of the rehearsal and closes well after a block a second for every ballot.
const OPENS: u64 = 1;
const CLOSES: u64 = OPENS + 1 + ELECTORS_MAX;

/// An election that was counted, ready to be held on a ledger.
#[derive(Debug, Clone)]
pub struct Staged {
    /// What `urne count` answers.
    pub counted: Json,
    /// As printed.
    pub title: Text<TITLE_BYTES_MAX>,
    /// What is asked, all on one ballot: one question for each rule that the kind counts by.
    pub questions: List<Question, QUESTIONS_MAX>,
    /// The statutes to be put first, if the kind has colleges.
    pub statutes: Option<Statutes>,
    /// Who may vote, and what she answers.
    pub electors: Vec<Elector>,
    kind: String,
    input: Json,
}

/// A member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elector {
    /// Her college.
    pub college: CollegeId,
    /// Her answers; none when she does not come.
    pub answers: Option<List<Answer, QUESTIONS_MAX>>,
}

/// A key of the result that is not the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Which, `/` between an object's key and what is in it.
    pub key: String,
    /// What `urne count` says; null when it does not say it.
    pub count: Json,
    /// What the ledger says.
    pub ledger: Json,
}

/// The parts that depend on the kind.
struct Parts {
    questions: Vec<Question>,
    statutes: Option<Statutes>,
    electors: Vec<Elector>,
}

/// Whether the count came to a tie that a lot broke.
fn has_drawn(counted: &Json) -> bool {
    let lots = [counted.get("lots"), counted.get("irv").and_then(|it| it.get("lots"))];
    lots.into_iter().flatten().filter_map(Json::as_list).any(|it| !it.is_empty())
        || counted.get("ranked_pairs_ambiguous") == Some(&Json::Bool(true))
}

pub(crate) fn refused(why: &'static str) -> CountRefusal {
    CountRefusal::NotOnLedger { why }
}

impl Staged {
    /// Stages what was counted already: everything in it is in its range.
    pub(crate) fn of(kind: String, input: Json, counted: Json) -> Result<Self, CountRefusal> {
        if read::optional(&input, "seed").is_some() && has_drawn(&counted) {
            return Err(refused(
                "a lot was drawn with its declared seed, and a ledger draws from a block decided after the close",
            ));
        }
        let Parts { questions, statutes, electors } = match kind.as_str() {
            "majority_judgment_colleges" => colleges::judgment(&input)?,
            "college_resolution" => colleges::resolution(&input)?,
            kind => questions::of(kind, &input)?,
        };
        let title = read::optional(&input, "name").and_then(Json::as_text).unwrap_or(&kind);
        let title = bounded(title)?;
        let questions = List::new(questions).map_err(|_| Rejection::TooLarge)?;
        Ok(Self { counted, title, questions, statutes, electors, kind, input })
    }

    /// The same election as a case of the exchange format, whatever file it came from.
    pub fn case(&self) -> Json {
        Json::object([("kind", Json::text(&self.kind)), ("input", self.input.clone())])
    }

    /// How many colleges the chain has: those of the statutes, four at least.
    pub fn colleges(&self) -> u16 {
        let most = self.electors.iter().map(|it| it.college.get()).max();
        let of_statutes = self.statutes.iter().filter_map(|it| it.colleges.as_ref()).flat_map(|it| it.weights.iter());
        let of_statutes = of_statutes.map(|it| it.college.get()).max();
        most.max(of_statutes).unwrap_or(0).max(COLLEGES_MIN)
    }

    /// The definition, for this census and this calendar.
    pub fn definition(&self, census: CensusId, opens_at: UnixMs, closes_at: UnixMs) -> ElectionDefinition {
        let under = |it: &Statutes| UnderStatutes { version: it.version, convocation: Convocation::First };
        ElectionDefinition {
            title: self.title.clone(),
            questions: self.questions.clone(),
            census,
            secrecy: Secrecy::Open,
            opens_at,
            closes_at,
            grace_ms: 0,
            revote: RevotePolicy::LastCounts,
            early_close: EarlyClose::ByAct,
            convened_at: None,
            documents: List::default(),
            statutes: self.statutes.as_ref().map(under),
        }
    }

    /// Holds it on a ledger in memory: the contract block by block, without a network.
    ///
    /// # Errors
    /// [`CountRefusal::Contract`] with the contract's own rule.
    pub fn held_in_memory(&self) -> Result<Vec<Counted>, CountRefusal> {
        let (mut ledger, election) = self.scheduled()?;
        let names: Vec<String> = (0..self.electors.len()).map(key_name).collect();
        let blocks = names.chunks(BLOCK_BALLOTS).zip(self.electors.chunks(BLOCK_BALLOTS));
        for (second, (names, electors)) in (OPENS..).zip(blocks) {
            let mut ballots = Vec::new();
            for (name, elector) in names.iter().zip(electors) {
                if let Some(answers) = &elector.answers {
                    let body = BallotBody::Open(answers.clone());
                    let college = elector.college;
                    let ballot = Ballot { election, college, sequence: 1, body };
                    ballots.push(ledger.signed(name, Payload::Ballot(ballot))?);
                }
            }
            let time = instant(second).ok_or(Rejection::BadCalendar)?;
            ledger.block(time, &ballots).into_iter().try_for_each(|it| it.map(drop))?;
        }
        let close = instant(CLOSES).ok_or(Rejection::BadCalendar)?;
        let result = ledger.result(election, close).ok_or(Rejection::WrongElectionState)?;
        let counted = self.questions.iter().zip(&result.questions).map(|(question, it)| Counted::of(question, it));
        counted.collect::<Result<_, _>>().map_err(|_| Rejection::WrongAnswerKind.into())
    }

    /// Refuses what a ledger would refuse, before a network is started for it.
    ///
    /// # Errors
    /// [`CountRefusal::Contract`] with the contract's own rule.
    pub fn judge(&self) -> Result<(), CountRefusal> {
        self.scheduled().map(drop)
    }

    fn scheduled(&self) -> Result<(Rehearsal, ElectionId), CountRefusal> {
        let mut ledger = Rehearsal::of_colleges(self.colleges())?;
        if let Some(statutes) = &self.statutes {
            ledger.put_statutes(statutes.clone())?;
        }
        let members: Vec<(CollegeId, String)> =
            self.electors.iter().enumerate().map(|(i, it)| (it.college, key_name(i))).collect();
        let census = ledger.adopt_census(&members)?;
        let opens_at = instant(OPENS).ok_or(Rejection::BadCalendar)?;
        let closes_at = instant(CLOSES).ok_or(Rejection::BadCalendar)?;
        let election = ledger.schedule(self.definition(census, opens_at, closes_at))?;
        Ok((ledger, election))
    }

    /// What the ledger says under the keys of the kind, each key beside its place in the answer of `urne count`.
    ///
    /// # Errors
    /// [`CountRefusal::NotOnLedger`] when the ledger gave its count up.
    pub fn keys(&self, questions: &[Counted]) -> Result<Vec<(String, Json)>, CountRefusal> {
        keys::of(&self.kind, &self.input, questions)
    }

    /// The keys that are not the same; empty when the two counts agree.
    ///
    /// # Errors
    /// As [`Staged::keys`].
    pub fn differences(&self, questions: &[Counted]) -> Result<Vec<Difference>, CountRefusal> {
        let differs = |(key, ledger): (String, Json)| {
            let count = key.split('/').try_fold(&self.counted, |at, key| at.get(key)).cloned().unwrap_or(Json::Null);
            (count != ledger).then_some(Difference { key, count, ledger })
        };
        Ok(self.keys(questions)?.into_iter().filter_map(differs).collect())
    }
}
