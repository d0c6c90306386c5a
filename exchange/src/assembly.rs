//! "What if 12 members of college B come?": statutes, and a hypothesis of who comes and how they vote, give the attendance and the
//! decision that the same statutes would give on the ledger. Nothing is sent anywhere.

use std::collections::BTreeSet;
use std::fmt;

use num_rational::BigRational;
use urne_types::CollegeId;
use urne_types::share::Share;
use urne_types::statutes::{MajorityRule, Profile, Statutes, Voice};
use urne_vote_contract::method::{College, ReferendumTally, Resolution, ResolutionRules, resolve, scic_weight_faults};
use urne_vote_contract::{Call, judge_statutes};

use crate::{CountRefusal, Json, read, statutes, unread};

/// What would happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Simulation {
    statutes: Statutes,
    decision: Option<String>,
    sitting: Sitting,
    call: Call,
    colleges: Vec<Presence>,
    /// Members of the assembly, each once, where a member has one voice.
    persons: Option<u64>,
    /// What the law refuses in the weights: then nothing is decided.
    faults: Vec<String>,
    /// Of each kind of decision, or of the one that is asked; none when the hypothesis says nothing of votes.
    resolutions: Vec<(String, Resolution)>,
}

/// A college in the hypothesis.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Presence {
    college: CollegeId,
    name: String,
    members: u64,
    present: u64,
    /// Those of its members who vote in another of their colleges, where a member has one voice.
    elsewhere: u64,
    tally: ReferendumTally,
}

/// Which call of the assembly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sitting {
    First,
    Second,
}

/// Simulates `{"statutes": …, "hypothesis": {"decision": …, "call": …, "colleges": […]}}`; `come` replaces the number of those who
/// come, by college.
///
/// # Errors
/// A numbered [`CountRefusal`]; lines are the colleges of the hypothesis, and of the file where the statutes are no statutes.
pub fn simulate(json: &str, come: &[(CollegeId, u64)]) -> Result<Simulation, CountRefusal> {
    let file = Json::parse(json)?;
    let statutes = statutes::of_file(json, &file)?;
    let hypothesis = read::field(&file, "hypothesis", None)?;
    unread::of_hypothesis(json, hypothesis)?;
    let (sitting, call) = sitting(&statutes, hypothesis)?;
    let mut said = BTreeSet::new();
    if let Some(at) = come.iter().position(|(college, _)| !said.insert(college)) {
        return Err(CountRefusal::DuplicateName { key: "come".into(), line: at + 1, name: come[at].0.to_string() });
    }
    let mut has_votes = false;
    let mut colleges = Vec::new();
    for (index, written) in read::list(hypothesis, "colleges")?.iter().enumerate() {
        colleges.push(Presence::read(written, index + 1, come, &mut has_votes)?);
    }
    read::distinct(&colleges.iter().map(|it| it.college.to_string()).collect::<Vec<_>>(), "colleges")?;
    if let Some((unknown, _)) = come.iter().find(|(id, _)| !colleges.iter().any(|it| it.college == *id)) {
        return Err(CountRefusal::UnknownCollege { college: *unknown });
    }
    let decision = match read::optional(hypothesis, "decision") {
        Some(_) => Some(read::text(hypothesis, "decision", None)?.to_owned()),
        None => None,
    };
    let persons = persons(&statutes, hypothesis, &colleges)?;
    let (faults, resolutions) = (Vec::new(), Vec::new());
    let mut simulation = Simulation { statutes, decision, sitting, call, colleges, persons, faults, resolutions };
    simulation.faults = simulation.faults_of_statutes();
    let voices = simulation.voices()?;
    if has_votes && simulation.faults.is_empty() {
        simulation.resolutions = simulation.resolved(&voices)?;
    }
    Ok(simulation)
}

/// Members of the assembly, where a member has one voice: said as soon as colleges could share some of them. Of those who stay
/// at home, each is absent from one college at least, and from each college once.
fn persons(statutes: &Statutes, hypothesis: &Json, colleges: &[Presence]) -> Result<Option<u64>, CountRefusal> {
    let is_said = read::optional(hypothesis, "persons").is_some();
    if statutes.voice == Voice::PerCollege {
        let line = colleges.iter().position(|it| 0 < it.elsewhere).map(|at| at + 1);
        return match (is_said, line) {
            (false, None) => Ok(None),
            (true, _) => Err(read::wrong("persons", None, "left out: a member has a voice in each of her colleges")),
            (_, line) => Err(read::wrong("elsewhere", line, "left out: a member has a voice in each of her colleges")),
        };
    }
    let total = |part: fn(&Presence) -> u64| {
        let sum = colleges.iter().try_fold(0u64, |sum, it| sum.checked_add(part(it)));
        sum.ok_or_else(|| read::wrong("members", None, "a total of less than 2^64"))
    };
    let (places, present) = (total(|it| it.members)?, total(|it| it.present)?);
    if let Some(at) = colleges.iter().position(|it| present - it.present < it.elsewhere) {
        return Err(read::wrong("elsewhere", Some(at + 1), "at most as many as come to the other colleges"));
    }
    if !is_said && colleges.len() < 2 {
        return Ok(Some(places));
    }
    if !is_said {
        return Err(CountRefusal::UndeclaredConvention {
            key: "persons",
            question: "how many members there are, each counted once: one of several colleges has one voice",
        });
    }
    let persons = read::integer(hypothesis, "persons", None)?;
    let most_absent = colleges.iter().map(Presence::absent).max().unwrap_or(0);
    let is_possible = persons.checked_sub(present).is_some_and(|absent| {
        most_absent <= absent && colleges.iter().fold(0u64, |sum, it| sum.saturating_add(it.absent())) >= absent
    });
    if !is_possible {
        return Err(read::wrong("persons", None, "those who come, and each who comes to none of her colleges, once"));
    }
    Ok(Some(persons))
}

impl Presence {
    /// Those who come and neither vote for, against, blank nor null abstain.
    fn read(
        written: &Json,
        line: usize,
        come: &[(CollegeId, u64)],
        has_votes: &mut bool,
    ) -> Result<Self, CountRefusal> {
        let at = Some(line);
        let number = |key: &str| read::integer(written, key, at);
        let college =
            u16::try_from(number("college")?).map_err(|_| read::wrong("college", at, "a college's number"))?;
        let college = CollegeId::new(college);
        let mut votes = [0; 4];
        for (votes, key) in votes.iter_mut().zip(["pour", "contre", "blanc", "nul"]) {
            if read::optional(written, key).is_some() {
                *votes = number(key)?;
                *has_votes = true;
            }
        }
        let voted = votes.iter().try_fold(0u64, |sum, it| sum.checked_add(*it));
        let voted = voted.ok_or_else(|| read::wrong("pour", at, "votes that add up to less than 2^64"))?;
        let said = if read::optional(written, "present").is_some() { number("present")? } else { voted };
        let present = come.iter().find(|it| it.0 == college).map_or(said, |it| it.1);
        let abstain =
            present.checked_sub(voted).ok_or_else(|| read::wrong("present", at, "at least as many as have voted"))?;
        let members = number("members")?;
        let elsewhere = if read::optional(written, "elsewhere").is_some() { number("elsewhere")? } else { 0 };
        if members.checked_sub(present).is_none_or(|it| it < elsewhere) {
            return Err(read::wrong("members", at, "at least as many as come, here and elsewhere"));
        }
        let name = match read::optional(written, "name") {
            Some(_) => read::text(written, "name", at)?.to_owned(),
            None => format!("college {college}"),
        };
        let [favour, against, blank, null] = votes;
        let tally = ReferendumTally { favour, against, blank, null, abstain };
        Ok(Self { college, name, members, present, elsewhere, tally })
    }
    /// Members who are counted in it: who votes in another of her colleges is not.
    fn electors(&self) -> u64 {
        self.members - self.elsewhere
    }
    fn absent(&self) -> u64 {
        self.electors() - self.present
    }
}

/// The call that the hypothesis names, the first without, and what the statutes ask there.
fn sitting(statutes: &Statutes, hypothesis: &Json) -> Result<(Sitting, Call), CountRefusal> {
    match read::optional(hypothesis, "call").map(|it| it.as_text().unwrap_or_default()) {
        None | Some("first") => Ok((Sitting::First, Call::first(statutes))),
        Some("second") => {
            let second = Call::second(statutes);
            let second =
                second.ok_or_else(|| read::wrong("call", None, "first: these statutes have no second call"))?;
            Ok((Sitting::Second, second))
        }
        Some(_) => Err(read::wrong("call", None, "first or second")),
    }
}

/// The fewest of `members` that are at least this share of them.
fn needed(share: Option<Share>, members: u64) -> u64 {
    let of = share.filter(|it| it.denominator > 0);
    let least = of.map(|it| (u128::from(members) * u128::from(it.numerator)).div_ceil(u128::from(it.denominator)));
    least.map_or(0, |it| u64::try_from(it).unwrap_or(u64::MAX))
}

impl Simulation {
    fn weight(&self, college: CollegeId) -> Option<u16> {
        let weights = &self.statutes.colleges.as_ref()?.weights;
        weights.iter().find(|it| it.college == college).map(|it| it.weight_bp)
    }

    /// Why the ledger would not take these statutes: everything that is wrong with the weights, or the contract's own rule.
    fn faults_of_statutes(&self) -> Vec<String> {
        let weights = self.weight_faults();
        match judge_statutes(&self.statutes) {
            Err(rule) if weights.is_empty() => vec![CountRefusal::Contract { rule }.to_string()],
            _ => weights,
        }
    }

    fn weight_faults(&self) -> Vec<String> {
        let Some(rules) = &self.statutes.colleges else { return Vec::new() };
        let weights: Vec<u64> = rules.weights.iter().map(|it| it.weight_bp.into()).collect();
        let sum: u64 = weights.iter().sum();
        match self.statutes.profile {
            Profile::Scic => scic_weight_faults(&weights).iter().map(ToString::to_string).collect(),
            _ if sum != 10_000 => vec![CountRefusal::WeightsDoNotSum { found: sum.into() }.to_string()],
            _ => Vec::new(),
        }
    }

    /// The colleges as the count wants them; all together when the statutes have none.
    fn voices(&self) -> Result<Vec<College>, CountRefusal> {
        let Some(rules) = &self.statutes.colleges else {
            let add = |all: u64, more: u64, line: usize| {
                all.checked_add(more).ok_or_else(|| read::wrong("members", Some(line), "a total of less than 2^64"))
            };
            let mut all = College { weight: 1, members: 0, tally: ReferendumTally::default(), second_round: None };
            for (it, line) in self.colleges.iter().zip(1..) {
                all.members = add(all.members, it.electors(), line)?;
                // At most the members, whose sum fits.
                all.tally.favour += it.tally.favour;
                all.tally.against += it.tally.against;
                all.tally.blank += it.tally.blank;
                all.tally.null += it.tally.null;
                all.tally.abstain += it.tally.abstain;
            }
            all.members = self.persons.unwrap_or(all.members);
            return Ok(vec![all]);
        };
        if let Some(at) = self.colleges.iter().position(|it| self.weight(it.college).is_none()) {
            return Err(read::wrong("college", Some(at + 1), "a college to which the statutes give a weight"));
        }
        let missing = rules.weights.iter().find(|weight| !self.colleges.iter().any(|it| it.college == weight.college));
        if let Some(missing) = missing {
            return Err(CountRefusal::UnknownCollege { college: missing.college });
        }
        let voice = |it: &Presence| College {
            weight: self.weight(it.college).unwrap_or(0).into(),
            members: it.electors(),
            tally: it.tally,
            second_round: None,
        };
        Ok(self.colleges.iter().map(voice).collect())
    }

    /// What each kind of decision would be, or the one that is asked. Attendance is the assembly's, whatever it decides.
    fn resolved(&self, voices: &[College]) -> Result<Vec<(String, Resolution)>, CountRefusal> {
        let is_asked = |it: &&MajorityRule| self.decision.as_ref().is_none_or(|asked| *it.decision == **asked);
        let mut resolutions = Vec::new();
        for rule in self.statutes.majorities.iter().filter(is_asked) {
            let Some(rules) = self.call.rules(&self.statutes, &rule.decision) else { continue };
            let rules = ResolutionRules { attendance: None, college_attendance: None, ..rules };
            resolutions.push((rule.decision.to_string(), resolve(voices, &rules)?));
        }
        if resolutions.is_empty() {
            return Err(read::wrong("decision", None, "a kind of decision that the statutes name"));
        }
        Ok(resolutions)
    }

    fn is_adopted(&self, resolution: &Resolution) -> bool {
        resolution.adopted && self.is_attended()
    }

    /// Weights and ratio are those of any kind of decision.
    fn weighed(&self) -> Option<&Resolution> {
        self.resolutions.first().map(|(_, resolution)| resolution)
    }

    /// Those who come, those needed, and all of them: persons where a member has one voice, else voices.
    fn attendance(&self) -> (u64, u64, u64) {
        let sum = |part: fn(&Presence) -> u64| self.colleges.iter().fold(0u64, |sum, it| sum.saturating_add(part(it)));
        let members = self.persons.unwrap_or_else(|| sum(|it| it.members));
        (sum(|it| it.present), needed(self.call.attendance, members), members)
    }

    fn is_attended(&self) -> bool {
        let (present, needed_in_all, _) = self.attendance();
        let enough = |it: &Presence| it.present >= needed(self.call.college_attendance, it.electors());
        present >= needed_in_all && self.colleges.iter().all(enough)
    }

    /// Each college's share for, where it said anything.
    fn share(&self, at: usize) -> Option<&BigRational> {
        let resolution = self.weighed().filter(|_| self.statutes.colleges.is_some())?;
        resolution.college_shares.get(at)?.as_ref()
    }

    /// As one JSON object.
    pub fn to_json(&self) -> Json {
        let colleges = self.colleges.iter().enumerate().map(|(at, it)| {
            let least = needed(self.call.college_attendance, it.electors());
            let floor = self.statutes.colleges.as_ref().map_or(0, |it| it.small_floor);
            Json::object([
                ("college", Json::number(it.college)),
                ("name", Json::text(&it.name)),
                ("weight_bp", self.weight(it.college).map_or(Json::Null, Json::number)),
                ("members", Json::number(it.electors())),
                ("present", Json::number(it.present)),
                ("needed", Json::number(least)),
                ("attendance_reached", Json::Bool(it.present >= least)),
                ("pour_share", self.share(at).map_or(Json::Null, Json::shown)),
                ("shown_apart", Json::Bool(it.present >= floor.into())),
            ])
        });
        let (present, needed, members) = self.attendance();
        let of = |part: fn(&Resolution) -> &BigRational| self.weighed().map_or(Json::Null, |it| Json::shown(part(it)));
        let ratio = self.weighed().and_then(|it| it.ratio.as_ref());
        let voices = self.weighed().map(|it| it.one_member_one_voice);
        let adopted = |it: &Resolution| Json::Bool(self.is_adopted(it));
        let decisions = self.resolutions.iter().map(|(decision, it)| (decision.clone(), adopted(it)));
        Json::object([
            ("statutes", Json::text(&*self.statutes.name)),
            ("version", Json::number(self.statutes.version)),
            ("call", Json::text(if self.sitting == Sitting::Second { "second" } else { "first" })),
            ("decision", self.decision.as_ref().map_or(Json::Null, Json::text)),
            ("faults", Json::list(self.faults.iter().map(Json::text))),
            ("colleges", Json::list(colleges)),
            (
                "assembly",
                Json::object([
                    ("members", Json::number(members)),
                    ("present", Json::number(present)),
                    ("needed", Json::number(needed)),
                    ("attendance_reached", Json::Bool(self.is_attended())),
                ]),
            ),
            ("ratio", ratio.map_or(Json::Null, Json::shown)),
            ("pour_weight", of(|it| &it.favour)),
            ("contre_weight", of(|it| &it.against)),
            ("silent_weight", of(|it| &it.silent)),
            (
                "one_person_one_vote",
                voices.map_or(Json::Null, |(pour, contre)| {
                    Json::object([("pour", Json::number(pour)), ("contre", Json::number(contre))])
                }),
            ),
            ("adopted", self.weighed().filter(|_| self.decision.is_some()).map_or(Json::Null, adopted)),
            ("decisions", Json::object(decisions)),
        ])
    }
}

impl fmt::Display for Simulation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let call = if self.sitting == Sitting::Second { "second call" } else { "first call" };
        writeln!(f, "{}, version {}, {call}", &*self.statutes.name, self.statutes.version)?;
        self.faults.iter().try_for_each(|fault| writeln!(f, "refused: {fault}"))?;
        writeln!(
            f,
            "{:<28} {:>7} {:>8} {:>8} {:>7} {:>8}",
            "college", "weight", "members", "present", "needed", "for"
        )?;
        for (at, it) in self.colleges.iter().enumerate() {
            let weight =
                self.weight(it.college).map_or("–".to_owned(), |bp| format!("{}.{:02} %", bp / 100, bp % 100));
            let share = self.share(at).map_or("–".to_owned(), ToString::to_string);
            let least = needed(self.call.college_attendance, it.electors());
            let missed = if it.present < least { "  too few" } else { "" };
            writeln!(
                f,
                "{:<28} {weight:>7} {:>8} {:>8} {least:>7} {share:>8}{missed}",
                it.name,
                it.electors(),
                it.present
            )?;
        }
        let (present, least, members) = self.attendance();
        writeln!(f, "{:<28} {:>7} {members:>8} {present:>8} {least:>7}", "all", "")?;
        if !self.is_attended() {
            return writeln!(f, "attendance not reached: the assembly cannot decide, nor elect anybody");
        }
        let Some(weighed) = self.weighed() else { return writeln!(f, "attendance reached") };
        let ratio = weighed.ratio.as_ref().map_or("nobody spoke".to_owned(), |it| format!("{it} for"));
        writeln!(f, "attendance reached; {ratio}")?;
        self.resolutions.iter().try_for_each(|(decision, it)| {
            writeln!(f, "{decision}: {}", if it.adopted { "adopted" } else { "rejected" })
        })
    }
}
