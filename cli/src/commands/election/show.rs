//! `urne election show | list | result`: what anyone may know. No count of choices exists before the close.
use crate::{Context, client::ApiArgs, exit::Failure};
use clap::Args;
use serde::Serialize;
use std::fmt;
use urne_exchange::counted::Counted;
use urne_node::api::dto::{
    CollegeIssuance, Election, ElectionResult, ElectionState, ElectionSummary, Issuance, Turnout,
};
use urne_types::{ElectionId, sealed::SealedCensus};
use urne_vote_contract::sealed::records::UrnOpening;

/// Shows an election.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// Which
    election: ElectionId,
    #[command(flatten)]
    api: ApiArgs,
}

/// Lists elections.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    api: ApiArgs,
}

/// Shows a result.
#[derive(Debug, Args)]
pub(crate) struct ResultArgs {
    /// Which
    election: ElectionId,
    #[command(flatten)]
    api: ApiArgs,
}

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    election: Election,
    /// Where credentials are issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    issuance: Option<Issuance>,
}
#[derive(Serialize)]
struct Listed {
    items: Vec<ElectionSummary>,
}
#[derive(Serialize)]
#[serde(transparent)]
struct Counts(ElectionResult);

impl ShowArgs {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let (client, path) = (self.api.client(context)?, format!("/v1/elections/{}", self.election));
        let election: Election = client.get(&path)?;
        let issues = election.definition.secrecy.sealed().is_some_and(|it| it.census != SealedCensus::PublishedKeys);
        let issuance = if issues { Some(client.get(&format!("{path}/issuance"))?) } else { None };
        context.output.say(&Shown { election, issuance });
        Ok(())
    }
}
impl ListArgs {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        context.output.say(&Listed { items: self.api.client(context)?.all("/v1/elections", |_| {})? });
        Ok(())
    }
}
impl ResultArgs {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let path = format!("/v1/elections/{}/result", self.election);
        context.output.say(&Counts(self.api.client(context)?.get(&path)?));
        Ok(())
    }
}

fn word(state: ElectionState) -> &'static str {
    match state {
        ElectionState::Scheduled => "scheduled",
        ElectionState::Open => "open",
        ElectionState::Closed => "closed",
        ElectionState::Tallied => "tallied",
        ElectionState::Cancelled => "cancelled",
        ElectionState::Counting => "counting",
    }
}

/// What is decrypted of a secret election.
const fn label(opening: UrnOpening) -> &'static str {
    match opening {
        UrnOpening::Totals => "only sums are ever opened, by its trustees together",
        UrnOpening::OneByOne => {
            "its trustees together open each last ballot by itself after the close, in public, under the credential that cast it"
        }
    }
}

fn turnout(f: &mut fmt::Formatter<'_>, it: &Turnout) -> fmt::Result {
    writeln!(f, "voted     {} of {}", it.voted, it.registered)?;
    it.colleges.iter().try_for_each(|it| writeln!(f, "  college {}: {} of {}", it.college, it.voted, it.registered))
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Election { id, state, definition, life, turnout: who, ballots, basis: _, counting, sealed } =
            &self.election;
        writeln!(f, "election  {id} '{}'", definition.title)?;
        writeln!(f, "state     {}, from {} to {}", word(*state), definition.opens_at, definition.closes_at)?;
        if let Some(keys) = sealed {
            writeln!(f, "ballots   sealed; {}", label(keys.opening))?;
            if let Some(it) = &keys.pieces {
                let whole = if it.is_whole { "" } else { " so far" };
                writeln!(f, "opened    {} of {} pieces{whole}", it.opened, it.pieces)?;
            }
            for part in &keys.opened {
                writeln!(f, "opened    the sum of {} ballots, by trustees {:?}", part.ballots, part.trustees)?;
            }
            for wrong in &keys.wrong_shares {
                writeln!(f, "ignored   a wrong share of trustee {}", wrong.trustee)?;
            }
        }
        for it in self.issuance.iter().flat_map(|it| &it.colleges) {
            let CollegeIssuance { college, census, approved, registered, late, .. } = it;
            writeln!(
                f,
                "college {college}: {registered} credentials, {late} of them late, of {approved} members who asked, of {census}"
            )?;
            if it.alarm.is_some() {
                writeln!(
                    f,
                    "ALARM     college {college}: its registrars signed more credentials than members asked for"
                )?;
            }
        }
        if let Some(it) = counting {
            writeln!(f, "counting  {} ballots of {}, {} questions done", it.counted, it.of, it.questions)?;
        }
        if let Some(it) = &life.cancelled {
            writeln!(f, "cancelled in block {}: {}", it.at.height, it.reason)?;
        }
        for question in &definition.questions {
            writeln!(f, "question  {}", question.title)?;
            for (index, choice) in question.choices.iter().enumerate() {
                writeln!(f, "  {index:3}  {choice}")?;
            }
        }
        turnout(f, who)?;
        write!(f, "log       {} ballots, root {}", ballots.size, ballots.root)
    }
}

impl fmt::Display for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for it in &self.items {
            writeln!(f, "{} {} '{}': {} of {} voted", it.id, word(it.state), it.title, it.voted, it.registered)?;
        }
        write!(f, "{} elections", self.items.len())
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let it = &self.0;
        writeln!(f, "election  {} '{}', counted in block {}", it.election, it.title, it.tallied.height)?;
        if let Some(opening) = it.opening {
            writeln!(f, "ballots   sealed; {}", label(opening))?;
        }
        turnout(f, &it.turnout)?;
        for asked in it.attendance.iter().flat_map(|it| &it.asked) {
            let of = asked.college.map_or("the assembly".to_owned(), |it| format!("college {it}"));
            let (present, electors, needed) = (asked.present, asked.electors, asked.needed);
            writeln!(f, "attended  {present} of {electors} in {of}, where {needed} are needed")?;
        }
        for question in &it.questions {
            writeln!(f, "{}", question.title)?;
            counted(f, &question.counted)?;
        }
        for incident in &it.incidents {
            writeln!(f, "incident  {incident:?}")?;
        }
        Ok(())
    }
}

pub(super) fn counted(f: &mut fmt::Formatter<'_>, it: &Counted) -> fmt::Result {
    match it {
        Counted::Referendum { tally, blank, base, adopted } => {
            tally.iter().try_for_each(|(name, votes)| writeln!(f, "  {name}: {votes}"))?;
            let verdict = if *adopted { "adopted" } else { "not adopted" };
            writeln!(f, "  blank: {blank}\n  {verdict}, on a base of {base}")
        }
        Counted::Plurality { tally, ranks, blank, .. } => {
            for (name, rank) in by_rank(ranks) {
                writeln!(f, "  {rank:3}  {name}: {}", tally[name])?;
            }
            writeln!(f, "  blank: {blank}")
        }
        Counted::Approval { tally, order, blank, .. } => {
            order.iter().try_for_each(|name| writeln!(f, "  {name}: {}", tally[name]))?;
            writeln!(f, "  blank: {blank}")
        }
        Counted::MajorityJudgment { ranks, median, blank, .. } => {
            for (name, rank) in by_rank(ranks) {
                let mention = median[name].as_deref().unwrap_or("judged by nobody");
                writeln!(f, "  {rank:3}  {name}: {mention}")?;
            }
            writeln!(f, "  blank: {blank}")
        }
        Counted::CollegeResolution { tally, blank, abstained, adopted, quorum_met, ratio, pour_weight, .. } => {
            tally.iter().try_for_each(|(name, votes)| writeln!(f, "  {name}: {votes}"))?;
            let verdict = match (adopted, quorum_met) {
                (true, _) => "adopted",
                (false, true) => "not adopted",
                (false, false) => "not adopted: too few took part",
            };
            let ratio = match (ratio, pour_weight) {
                (Some(ratio), _) => format!("{ratio} of the weight for"),
                (None, Some(_)) => "nobody for or against".into(),
                (None, None) => "exact weights withheld: too few voted in a college".into(),
            };
            writeln!(f, "  blank: {blank}, abstaining: {abstained}\n  {verdict}, {ratio}")
        }
        Counted::ByCollege { global, colleges } => {
            counted(f, global)?;
            for it in colleges {
                let names: Vec<String> = it.colleges.iter().map(ToString::to_string).collect();
                writeln!(f, "  college {}: {} voted", names.join(" and "), it.voted)?;
                match &it.answer {
                    Some(answer) => counted(f, answer)?,
                    None => writeln!(f, "  withheld: too few voted")?,
                }
            }
            Ok(())
        }
        Counted::Unattended { ballots_say } => {
            writeln!(f, "  nobody is elected and nothing adopted: too few took part. The ballots say:")?;
            counted(f, ballots_say)
        }
        Counted::Undecided { code } => writeln!(f, "  not decided: counting rule {code} (docs/counting.md)"),
        other => elected(f, other),
    }
}

/// Who sits, wins or is funded.
fn elected(f: &mut fmt::Formatter<'_>, it: &Counted) -> fmt::Result {
    let (names, lots) = match it {
        Counted::KOfN { elected, lots, .. } => (elected, lots.len()),
        Counted::Condorcet { winners, lots, .. } | Counted::InstantRunoff { winners, lots, .. } => {
            (winners, lots.len())
        }
        Counted::ScottishStv { elected, ties, .. } => (elected, ties.iter().filter(|it| it.lot.is_some()).count()),
        Counted::ParticipatoryBudget { selection_order, .. } | Counted::JudgedBudget { selection_order, .. } => {
            (selection_order, 0)
        }
        Counted::WeightedJudgment { winner, .. } => (winner, 0),
        Counted::Lists { seats, lots, .. } => {
            seats.iter().try_for_each(|(list, seats)| writeln!(f, "  {list}: {seats} seats"))?;
            return told(f, lots.len());
        }
        Counted::FirstTour { elected: Some(elected), .. } => {
            return writeln!(f, "  elected at the first tour: {elected}");
        }
        Counted::FirstTour { second_tour, may_join, .. } => {
            writeln!(f, "  a second tour between: {}", second_tour.join(", "))?;
            if !may_join.is_empty() {
                writeln!(f, "  which these may join: {}", may_join.join(", "))?;
            }
            return Ok(());
        }
        _ => return Ok(()),
    };
    names.iter().try_for_each(|name| writeln!(f, "  {name}"))?;
    told(f, lots)
}
fn told(f: &mut fmt::Formatter<'_>, lots: usize) -> fmt::Result {
    if lots == 0 { Ok(()) } else { writeln!(f, "  {lots} drawn by lot (--json says how)") }
}

fn by_rank(ranks: &std::collections::BTreeMap<String, u16>) -> Vec<(&String, u16)> {
    let mut ranked: Vec<(&String, u16)> = ranks.iter().map(|(name, rank)| (name, *rank)).collect();
    ranked.sort_by_key(|(_, rank)| *rank);
    ranked
}
