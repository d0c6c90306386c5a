//! A published election in the exchange format: its ballots, and the result that independent programs computed. The one we
//! replay is in `testnet/data/` with its source and licence, and in this program.
use crate::election::Ask;
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::{collections::BTreeMap, fmt::Write};
use urne_types::{ballot::Answer, bounded::List, election::NullPolicy};

const ORSAY: &str = include_str!("../data/mj-orsay2007-bureau01.json");

/// One case of majority judgment.
#[derive(Deserialize)]
pub(crate) struct Case {
    /// Its name.
    pub(crate) id: String,
    /// Where it comes from.
    pub(crate) source: String,
    /// Under which licence.
    pub(crate) licence: String,
    input: Input,
    expected: Map<String, Value>,
}

#[derive(Deserialize)]
struct Input {
    name: String,
    candidates: Vec<String>,
    grades: Vec<String>,
    nulls: NullPolicy,
    ballots: Vec<(usize, Vec<Option<u8>>)>,
}

impl Case {
    /// The 559 ballots of Orsay, 2007.
    pub(crate) fn orsay() -> Result<Self> {
        let case: Self = serde_json::from_str(ORSAY).context("reading the case")?;
        ensure!(case.input.nulls == NullPolicy::Worst, "the profiles below add `no opinion` to the worst grade");
        Ok(case)
    }
    /// What is asked.
    pub(crate) fn ask(&self) -> Ask {
        Ask {
            title: self.input.name.clone(),
            choices: self.input.candidates.clone(),
            grades: self.input.grades.clone(),
            nulls: self.input.nulls,
        }
    }
    /// One answer a voter.
    pub(crate) fn answers(&self) -> Result<Vec<Answer>> {
        let mut answers = Vec::new();
        for (copies, grades) in &self.input.ballots {
            let answer = Answer::Grades(List::new(grades.clone())?);
            answers.extend(std::iter::repeat_n(answer, *copies));
        }
        Ok(answers)
    }

    /// Compares a result of the chain with the expected one, key by key of the exchange format: none may differ.
    pub(crate) fn judge(&self, result: &Value) -> Result<()> {
        for (key, expected) in &self.expected {
            let found = &result[key];
            ensure!(found == expected, "{key} is not the published one:\n{found}\nexpected\n{expected}");
        }
        Ok(())
    }

    /// The ranking as a table, from a result.
    pub(crate) fn table(&self, result: &Value) -> Result<String> {
        let ranks: BTreeMap<String, u64> = Deserialize::deserialize(&result["ranks"]).context("reading the ranks")?;
        let mut names: Vec<(u64, String)> = ranks.into_iter().map(|(name, rank)| (rank, name)).collect();
        names.sort();
        let width = names.iter().map(|(_, name)| name.chars().count()).max().unwrap_or(0);
        let mut table = format!("rank  {:width$}  {:>12}  {}\n", "", "majority", self.input.grades.join(" / "));
        for (rank, name) in &names {
            let profile: Vec<u64> = Deserialize::deserialize(&result["profiles_worst_to_best"][name])?;
            let profile: Vec<String> = profile.iter().map(ToString::to_string).collect();
            let median = result["median"][name].as_str().unwrap_or("none");
            writeln!(table, "{rank:>4}  {name:width$}  {median:>12}  {}", profile.join(" / "))?;
        }
        Ok(table)
    }
}

/// Six candidates and six grades, for drills that need an election and no particular one.
pub(crate) fn any_election() -> Ask {
    let words = |it: &[&str]| it.iter().map(ToString::to_string).collect();
    Ask {
        title: "An election to be drilled".into(),
        choices: words(&["Ada", "Blaise", "Condorcet", "Denis", "Émilie", "Fermat"]),
        grades: words(&["À rejeter", "Insuffisant", "Passable", "Assez bien", "Bien", "Très bien"]),
        nulls: NullPolicy::Worst,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use urne_exchange::counted::Counted;
    use urne_types::{
        CollegeId, ElectionId, MerkleRoot, PublicKey, UnixMs,
        ballot::BallotBody,
        bounded::Text,
        election::{
            CensusCommitment, CensusEntry, EarlyClose, ElectionDefinition, Method, Question, RevotePolicy, Secrecy,
        },
    };
    use urne_vote_contract::records::CountBasis;

    fn definition(ask: &Ask, census: &CensusCommitment) -> ElectionDefinition {
        let texts = |it: &[String]| it.iter().map(|it| Text::new(&**it).expect("short")).collect::<Vec<_>>();
        let method = Method::MajorityJudgment { grades: List::new(texts(&ask.grades)).expect("six"), nulls: ask.nulls };
        let title = Text::new("Orsay").expect("short");
        let choices = List::new(texts(&ask.choices)).expect("twelve");
        let question = Question { title: Text::new("Orsay").expect("short"), choices, method };
        ElectionDefinition {
            title,
            questions: List::new(vec![question]).expect("one"),
            census: census.id(),
            secrecy: Secrecy::Open,
            opens_at: UnixMs::new(1),
            closes_at: UnixMs::new(2),
            grace_ms: 0,
            revote: RevotePolicy::LastCounts,
            early_close: EarlyClose::ByAct,
            convened_at: None,
            documents: List::default(),
            statutes: None,
        }
    }

    /// The chain's own count, shown as the API shows it.
    fn counted(ask: &Ask, answers: &[Answer]) -> Value {
        let college = CollegeId::new(1);
        let n = u64::try_from(answers.len()).expect("few");
        let census =
            CensusCommitment { root: MerkleRoot([0; 32]), members: List::new(vec![(college, n)]).expect("one") };
        let definition = definition(ask, &census);
        let ballots = (0_u64..).zip(answers).map(|(i, answer)| {
            let mut key = [0; 32];
            key[..8].copy_from_slice(&i.to_le_bytes());
            let entry = CensusEntry { college, member: PublicKey(key) };
            (entry, 1, BallotBody::Open(List::new(vec![answer.clone()]).expect("one")))
        });
        let (id, basis) = (ElectionId([0; 32]), CountBasis::default());
        let result = urne_vote_contract::recount(&id, &definition, &census, &basis, ballots);
        let counted = Counted::of(&definition.questions[0], &result.questions[0]).expect("it fits its question");
        serde_json::to_value(&counted).expect("a result is JSON")
    }

    #[test]
    fn the_contract_counts_orsay_as_published_and_one_missing_ballot_is_noticed() {
        let case = Case::orsay().expect("the case");
        let mut answers = case.answers().expect("ballots");
        assert_eq!(answers.len(), 559);
        let result = counted(&case.ask(), &answers);
        case.judge(&result).expect("the published result");
        let table = case.table(&result).expect("a table");
        assert!(table.lines().nth(1).is_some_and(|it| it.contains("Bayrou")), "{table}");
        answers.swap_remove(0);
        assert!(case.judge(&counted(&case.ask(), &answers)).is_err(), "a missing ballot is noticed");
    }
}
