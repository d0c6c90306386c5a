//! The first round of LaPrimaire.org, replayed: 12 days of arrivals as fast as they go, revotes, invalid ballots and replays
//! included, one validator killed on the way. Each event must end as its kind says, and the count must be exact.
//!
//! The trace has no grades, so they are drawn, the same in every run: with `mix` the finalizer of SplitMix64 (Steele, Lea and
//! Flood 2014), voter v in her n-th ballot judges the five candidates `(start + k) mod 12`, k = 0..4, where
//! `start = mix(v, n, 0) mod 12`, with the grades `mix(v, n, 1 + k) mod 5`; on the other seven she has no opinion, which counts
//! as the worst grade.
//!
//! A voter's order is kept: an event waits until the one before it of the same voter is in a block. An invalid ballot is, by
//! its voter's number modulo 5: a forged signature, a stranger to the census, an unknown grade, an unknown election, or bytes
//! that are no transaction.
use super::recount;
use crate::{
    client::Fate,
    election::{Ask, Election, same_result},
    load::{Load, Pace},
    network::{Network, READY},
    people::{self, Administrators, Member, Signed},
    report::{Report, Seen, ms},
    watch::Watch,
};
use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
    thread,
    time::{Duration, Instant},
};
use urne_types::{
    ElectionId, Rejection, TxId, ballot::Answer, bounded::List, election::NullPolicy, transaction::RawTx,
};

const TRACE: &[u8] = include_bytes!("../../data/laprimaire-r1.csv.gz");
/// What "How good" asks for.
const TOTAL_MAX: Duration = Duration::from_secs(30);
/// Events sent before the next ones wait for them.
const WAVE: usize = 2_048;
/// After so long without its ballots a wave is sent again: a killed validator may have been the only one to have some.
const RESEND_AFTER: Duration = Duration::from_secs(3);
const RESENDS: usize = 10;
const CANDIDATES: u64 = 12;
const GRADES: u64 = 5;
const JUDGED: u64 = 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    First,
    Revote,
    Invalid,
    Replay,
}

#[derive(Clone, Copy, Debug)]
struct Event {
    voter: usize,
    college: u8,
    kind: Kind,
}

pub(super) fn run(report: &mut Report, network: &mut Network) -> Result<()> {
    let events = read()?;
    let members = members(&events, network)?;
    report.say(&format!("replaying {} events of {} voters (LaPrimaire.org, first round)", events.len(), members.len()));
    let election = Election::open(network, &ask(), members, |_| ())?;
    let script = Script::write(network, &election, &events)?;
    report.check("12 days of LaPrimaire.org replayed, one validator killed on the way", || {
        let since = Instant::now();
        let seen = script.play(network, &election)?;
        let took = since.elapsed();
        let seen = seen.number("total_ms", ms(took));
        ensure!(took < TOTAL_MAX, "{} took {} ms", seen.sentence(), ms(took));
        Ok(Seen::new(format!("{} in {} ms", seen.sentence(), ms(took)))
            .number("total_ms", ms(took))
            .number("events", events.len()))
    });
    report.check("its count is exact", || {
        let client = network.node(0).client();
        election.close(&client)?;
        network.clients().iter().try_for_each(|it| election.until_tallied(it))?;
        let result = same_result(network, &election.id)?;
        let profiles = recount::profiles(ask().choices.len(), ask().grades.len(), &script.last_ballots());
        let ranks = recount::ranks(&ask().choices, &profiles);
        let theirs: BTreeMap<String, u64> = Deserialize::deserialize(&result["ranks"])?;
        ensure!(theirs == ranks, "ranks {theirs:?}, recounted {ranks:?}");
        for (name, profile) in ask().choices.iter().zip(&profiles) {
            let found: Vec<u64> = Deserialize::deserialize(&result["profiles_worst_to_best"][name])?;
            ensure!(found == *profile, "profile of {name}: {found:?}, recounted {profile:?}");
        }
        let voted = client.voted(&election.id)?;
        ensure!(voted == u64::try_from(script.last.len())?, "{voted} voted");
        Ok(Seen::new(format!("{voted} voters, {} profiles and ranks equal to our own recount", profiles.len())))
    });
    Ok(())
}

fn ask() -> Ask {
    Ask {
        title: "LaPrimaire.org, premier tour (trace)".into(),
        choices: (1..=CANDIDATES).map(|i| format!("Candidate {i}")).collect(),
        grades: ["Insuffisant", "Passable", "Assez bien", "Bien", "Très bien"].map(String::from).to_vec(),
        nulls: NullPolicy::Worst,
    }
}

/// The trace, unpacked by gzip, which every Debian has.
fn read() -> Result<Vec<Event>> {
    use std::{io::Write, process::Stdio};
    let mut gzip =
        Command::new("gzip").arg("-dc").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("running gzip")?;
    let mut stdin = gzip.stdin.take().context("gzip takes the trace")?;
    let feeding = thread::spawn(move || stdin.write_all(TRACE));
    let output = gzip.wait_with_output()?;
    feeding.join().expect("feeding gzip does not panic")?;
    String::from_utf8(output.stdout)?.lines().skip(1).map(parse).collect()
}

fn parse(line: &str) -> Result<Event> {
    let fields: Vec<&str> = line.split(',').collect();
    let [_, voter, college, kind, _] = fields[..] else { bail!("'{line}' is not an event") };
    let kind = match kind {
        "first" => Kind::First,
        "revote" => Kind::Revote,
        "invalid" => Kind::Invalid,
        "replay" => Kind::Replay,
        _ => bail!("'{kind}' is not a kind of event"),
    };
    let college = u8::try_from("ABCD".find(college).context("colleges are A to D")?)?;
    Ok(Event { voter: voter.parse()?, college, kind })
}

fn members(events: &[Event], network: &Network) -> Result<Vec<Member>> {
    let colleges: BTreeMap<usize, u8> = events.iter().map(|it| (it.voter, it.college)).collect();
    ensure!(colleges.keys().copied().eq(0..colleges.len()), "voters are numbered without a gap");
    let names = network.colleges();
    let deal = |college: &u8| people::members(1, &names[usize::from(*college)..][..1], &mut rand::rng()).remove(0);
    Ok(colleges.values().map(deal).collect())
}

fn mix(voter: u64, ballot: u64, salt: u64) -> u64 {
    let mut z = (voter << 32 | ballot << 8 | salt).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// See the module.
fn grades(voter: usize, ballot: u32) -> Vec<Option<u8>> {
    let voter = u64::try_from(voter).unwrap_or(u64::MAX);
    let start = mix(voter, ballot.into(), 0) % CANDIDATES;
    let grade = |candidate: u64| {
        let k = (candidate + CANDIDATES - start) % CANDIDATES;
        (k < JUDGED).then(|| u8::try_from(mix(voter, ballot.into(), 1 + k) % GRADES).unwrap_or(0))
    };
    (0..CANDIDATES).map(grade).collect()
}

/// One signed event and how it must end.
struct Line {
    voter: usize,
    kind: Kind,
    tx: Signed,
    refusal: Option<Rejection>,
}

/// The whole replay, signed beforehand.
struct Script {
    lines: Vec<Line>,
    /// What counts in the end.
    last: BTreeMap<usize, Vec<Option<u8>>>,
}

impl Script {
    fn write(network: &Network, election: &Election, events: &[Event]) -> Result<Self> {
        let (chain, mut cast) = (network.chain(), BTreeMap::<usize, (u32, Signed)>::new());
        let mut script = Self { lines: Vec::new(), last: BTreeMap::new() };
        for event in events {
            let member = &election.members[event.voter];
            let before = cast.get(&event.voter);
            let sequence = before.map_or(1, |(sequence, _)| sequence + 1);
            let (tx, refusal) = match event.kind {
                Kind::First | Kind::Revote => {
                    let grades = grades(event.voter, sequence);
                    let tx = member.casts(
                        &chain,
                        &election.id,
                        sequence,
                        vec![Answer::Grades(List::new(grades.clone())?)],
                    )?;
                    script.last.insert(event.voter, grades);
                    cast.insert(event.voter, (sequence, tx.clone()));
                    (tx, None)
                }
                Kind::Replay => (before.context("a replay follows a ballot")?.1.clone(), None),
                Kind::Invalid => {
                    let (tx, refusal) = invalid(network, election, member, event.voter, sequence)?;
                    (tx, Some(refusal))
                }
            };
            script.lines.push(Line { voter: event.voter, kind: event.kind, tx, refusal });
        }
        Ok(script)
    }

    fn last_ballots(&self) -> Vec<Vec<Option<u8>>> {
        self.last.values().cloned().collect()
    }

    /// Waves in the order of the trace; a validator dies in the middle and comes back.
    fn play(&self, network: &mut Network, election: &Election) -> Result<Seen> {
        let clients = network.clients();
        let watch = Watch::over(&clients[..1]);
        clients[0].until(READY, "be watched", |_| Ok(true))?;
        let before = clients[0].election(&election.id)?.ballots.size.0;
        let (mut waiting, mut taken, mut resends) = ((0..self.lines.len()).collect::<Vec<_>>(), 0_u64, 0);
        let (total, victim) = (waiting.len(), network.len() - 1);
        let (mut is_killed, mut is_back) = (false, false);
        while !waiting.is_empty() {
            let wave = self.next_wave(&mut waiting);
            if !is_killed && waiting.len() < 2 * total / 3 {
                network.process(victim)?.kill()?;
                is_killed = true;
            } else if !is_back && waiting.len() < total / 3 {
                network.start(victim, &super::raised())?;
                is_back = true;
            }
            self.send(&clients, &wave)?;
            taken += u64::try_from(wave.iter().filter(|at| self.lines[**at].kind <= Kind::Revote).count())?;
            while !reached(&clients[0], election, before + taken)? {
                resends += 1;
                ensure!(
                    resends <= RESENDS,
                    "ballots of a wave are not committed though they were sent {RESENDS} times again"
                );
                self.send(&clients, &wave)?;
            }
        }
        network.wait_ready(victim, READY)?;
        drop(watch);
        let of = |kind| self.lines.iter().filter(|it| it.kind == kind).count();
        Ok(Seen::new(format!(
            "{} first ballots and {} revotes accepted, {} invalid ones refused by their rules, {} replays known; {resends} waves sent again",
            of(Kind::First),
            of(Kind::Revote),
            of(Kind::Invalid),
            of(Kind::Replay)
        )))
    }

    /// The next events, none of a voter who has one in this wave already.
    fn next_wave(&self, waiting: &mut Vec<usize>) -> Vec<usize> {
        let (mut voters, mut wave, mut later) = (BTreeSet::new(), Vec::new(), Vec::new());
        for at in waiting.drain(..) {
            if wave.len() < WAVE && voters.insert(self.lines[at].voter) {
                wave.push(at);
            } else {
                later.push(at);
            }
        }
        *waiting = later;
        wave
    }

    /// Sends a wave and checks each answer against its kind.
    fn send(&self, clients: &[crate::client::Client], wave: &[usize]) -> Result<()> {
        let txs: Vec<Signed> = wave.iter().map(|at| self.lines[*at].tx.clone()).collect();
        let delivery = Load { clients, batch: 128, pace: Pace::Free { senders: 8 } }.deliver(&txs)?;
        for (at, answer) in wave.iter().zip(&delivery.answers) {
            let (line, (_, fate)) = (&self.lines[*at], answer.context("every event is answered")?);
            let is_expected = match (line.kind, line.refusal, fate) {
                (Kind::Invalid, Some(rule), Fate::Rejected(code)) => rule.code() == code,
                (Kind::First | Kind::Revote, _, Fate::Pending | Fate::Committed(_)) => true,
                (Kind::Replay, _, Fate::Pending | Fate::Committed(_)) => true,
                (Kind::Replay, _, Fate::Rejected(code)) => {
                    [Rejection::AlreadyCommitted.code(), Rejection::SequenceTooOld.code()].contains(&code)
                }
                _ => false,
            };
            ensure!(is_expected, "event {at} ({:?}) ended as {fate:?}, expected {:?}", line.kind, line.refusal);
        }
        Ok(())
    }
}

fn reached(client: &crate::client::Client, election: &Election, size: u64) -> Result<bool> {
    let since = Instant::now();
    while since.elapsed() < RESEND_AFTER {
        if size <= client.election(&election.id)?.ballots.size.0 {
            return Ok(true);
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(false)
}

fn invalid(
    network: &Network,
    election: &Election,
    member: &Member,
    voter: usize,
    sequence: u32,
) -> Result<(Signed, Rejection)> {
    let chain = network.chain();
    let answer = |grades: Vec<Option<u8>>| Ok::<_, anyhow::Error>(vec![Answer::Grades(List::new(grades)?)]);
    let good = |member: &Member| member.casts(&chain, &election.id, sequence, answer(grades(voter, 1))?);
    Ok(match voter % 5 {
        0 => {
            let mut forged = good(member)?;
            if let Some(last) = forged.raw.0.last_mut() {
                *last ^= 1;
            }
            (forged, Rejection::BadSignature)
        }
        1 => {
            let stranger = Member { college: member.college, key: Administrators::stranger() };
            (good(&stranger)?, Rejection::NotInCensus)
        }
        2 => {
            let unknown = grades(voter, 1).into_iter().map(|it| it.map(|_| 5)).collect();
            (member.casts(&chain, &election.id, sequence, answer(unknown)?)?, Rejection::UnknownChoice)
        }
        3 => {
            let elsewhere = ElectionId([9; 32]);
            (member.casts(&chain, &elsewhere, sequence, answer(grades(voter, 1))?)?, Rejection::UnknownElection)
        }
        _ => (Signed { id: TxId([0; 32]), raw: RawTx(vec![0xfe; 64]) }, Rejection::Malformed),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trace_is_the_one_that_is_documented() {
        let events = read().expect("the trace");
        let of = |kind| events.iter().filter(|it| it.kind == kind).count();
        assert_eq!([of(Kind::First), of(Kind::Revote), of(Kind::Invalid), of(Kind::Replay)], [11_304, 270, 250, 120]);
    }

    #[test]
    fn a_voter_judges_five_of_twelve_and_the_same_in_every_run() {
        let drawn = grades(7, 1);
        assert_eq!((drawn.len(), drawn.iter().flatten().count()), (12, 5));
        assert_eq!(drawn, grades(7, 1));
        assert_ne!(drawn, grades(7, 2), "a revote is another ballot");
        assert!(drawn.iter().flatten().all(|it| *it < 5));
    }
}
