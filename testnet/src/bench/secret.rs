//! Secret ballots end to end: four trustees make the keys, every voter's ballot is sealed beforehand by all cores, all go through
//! the API of four validators of which each verifies every proof, and the sum is opened after the close.
//!
//! A ballot says one of three things (either of two candidates, or blank), the smallest sealed ballot of more than a yes or no:
//! what `cargo bench -p urne-ballot` calls one of three. Voters sign with published keys: signing tens of thousands of
//! credentials blind would take longer than everything else, and a registered credential's ballot is verified no differently.
use super::{BenchArgs, cost::Meter, speed};
use crate::{
    case::any_election,
    client::Client,
    election::{self, LASTS_MS, same_result},
    network::Network,
    people::{Census, Signed, now},
    report::{Report, Seen, ms},
    secret::{self, Booth},
};
use anyhow::{Result, ensure};
use serde_json::{Value, json};
use std::{
    thread,
    time::{Duration, Instant},
};
use urne_ballot::{
    CandidateBallot, CredentialSecret, RootSecret, SealedBallot, Statement,
    batch::{BATCH_MAX, verify_many},
};
use urne_node::api::dto::ElectionState;
use urne_types::{
    CollegeId, ElectionId, PublicKey,
    ballot::Answer,
    bounded::{List, Text},
    election::{CensusEntry, ElectionDefinition, Method, Question, Secrecy},
    governance::Act,
};

/// What "How good" of secret ballots asks for.
const BALLOTS_PER_SECOND_MIN: u64 = 2_500;
const PERCENT_OF_CEILING_MIN: u64 = 50;
const OPENING_MAX: Duration = Duration::from_secs(5);
/// Requests of 256 ballots under way, four at each node: while its owner's thread executes a block, a node's verifiers still have
/// some to verify.
const SENDERS: usize = 16;
/// Runs at full speed; the median counts.
const RUNS: usize = 3;
/// From the draft to the opening: three acts, and a ceremony of a few blocks.
const OPENS_AFTER_MS: u64 = 25_000;
/// The trustees open the urn well before this.
const PATIENCE: Duration = Duration::from_secs(60);
/// Batches that each core verifies to find the ceiling.
const CEILING_BATCHES: usize = 6;
const CANDIDATES: [&str; 2] = ["Ada", "Blaise"];

/// Somebody whose key is on the census.
struct Voter {
    college: CollegeId,
    secret: CredentialSecret,
}

/// Measures; the figures that belong to no check.
pub(super) fn run(
    report: &mut Report,
    network: &mut Network,
    args: &BenchArgs,
    cores: u64,
    validators: u64,
) -> Result<Value> {
    let n = usize::try_from(args.ballots)?;
    network.start_trustees()?;
    let colleges = network.colleges();
    let voter = |college| Voter {
        college,
        secret: RootSecret::generate(&mut rand::rng()).published_credential(&network.chain()),
    };
    let voters: Vec<Voter> = colleges.into_iter().cycle().take(n).map(voter).collect();
    report.say(&format!("bringing a census of {n} published keys"));
    let client = network.node(0).client();
    let definition = scheduled(network, &voters)?;
    let (id, took) = secret::keys_made(&client, &definition.draft_id())?;
    report.say(&format!("four trustees have made its keys in {} ms; sealing {n} ballots on {cores} cores", ms(took)));
    let statement = secret::statement(&client, &network.chain(), &id)?;
    let booth = Booth { definition: &definition, chain: network.chain(), id, statement: &statement };
    let since = Instant::now();
    let (ballots, sealed) = seal_all(&booth, &voters, cores)?;
    let micros = since.elapsed().as_micros() * u128::from(cores) / n as u128;
    let verified = ceiling(&statement, &sealed, cores);
    let ceiling = verified / validators;
    report.say(&format!(
        "a ballot of {} bytes was sealed in {micros} µs of a core; ceiling: {verified} verified a second on {cores} cores, so {ceiling} \
         ballots a second by {validators} validators",
        sealed[0].bytes.len()
    ));
    drop(sealed);
    for client in network.clients() {
        client.until(PATIENCE, "open the election", |it| Ok(it.election(&id)?.state == ElectionState::Open))?;
    }
    cast(report, network, &ballots, ceiling);
    close(report, network, &id, n);
    Ok(json!({
        "sealing_core_microseconds": u64::try_from(micros)?,
        "verified_per_second_on_all_cores": verified,
        "ceiling_ballots_per_second": ceiling,
    }))
}

fn scheduled(network: &Network, voters: &[Voter]) -> Result<ElectionDefinition> {
    let (client, administrators) = (network.node(0).client(), network.administrators()?);
    let entry = |it: &Voter| CensusEntry { college: it.college, member: PublicKey(*it.secret.public().bytes()) };
    let census = Census::over(voters.iter().map(entry).collect())?;
    election::bring(&client, &administrators, &census)?;
    let opens_at = now().plus(OPENS_AFTER_MS);
    let mut definition = any_election().definition(census.commitment.id(), opens_at, opens_at.plus(LASTS_MS))?;
    let choices = CANDIDATES.iter().map(|it| Text::new(*it)).collect::<Result<Vec<_>, _>>()?;
    let title = definition.title.clone();
    definition.questions =
        List::new(vec![Question { title, choices: List::new(choices)?, method: Method::Plurality }])?;
    definition.secrecy = Secrecy::Sealed(Box::new(secret::rules(network)?));
    election::schedule(&client, &administrators, &definition)?;
    Ok(definition)
}

/// Of seven voters three choose the first, two the second, two nobody.
fn answer(voter: usize) -> Answer {
    match voter % 7 {
        0..3 => Answer::Choice(0),
        3..5 => Answer::Choice(1),
        _ => Answer::Blank,
    }
}

/// Ada's, Blaise's, and blank ones.
fn known_sum(voters: usize) -> [u64; 3] {
    let mut sum = [0; 3];
    for voter in 0..voters {
        match answer(voter) {
            Answer::Choice(0) => sum[0] += 1,
            Answer::Choice(_) => sum[1] += 1,
            _ => sum[2] += 1,
        }
    }
    sum
}

/// By all cores: as they are sent, and as they are verified.
fn seal_all(booth: &Booth<'_>, voters: &[Voter], cores: u64) -> Result<(Vec<Signed>, Vec<SealedBallot>)> {
    let share = voters.len().div_ceil(usize::try_from(cores)?).max(1);
    let some = |(part, voters): (usize, &[Voter])| -> Result<Vec<(Signed, SealedBallot)>> {
        let one = |(i, voter): (usize, &Voter)| {
            let ballot = booth.ballot(&voter.secret, 1, &answer(part * share + i))?;
            Ok((booth.carried(voter.college, &ballot)?, ballot))
        };
        voters.iter().enumerate().map(one).collect()
    };
    let some = &some;
    let parts: Vec<_> = thread::scope(|scope| {
        let parts = voters.chunks(share).enumerate().map(|it| scope.spawn(move || some(it)));
        let parts: Vec<_> = parts.collect();
        parts.into_iter().map(|it| it.join().expect("sealing does not panic")).collect::<Result<_>>()
    })?;
    Ok(parts.into_iter().flatten().unzip())
}

/// Proofs that all cores together verify a second, in full batches: what verification alone allows.
fn ceiling(statement: &Statement, ballots: &[SealedBallot], cores: u64) -> u64 {
    let batch: Vec<CandidateBallot<'_>> = ballots.iter().take(BATCH_MAX).map(SealedBallot::candidate).collect();
    let since = Instant::now();
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                for _ in 0..CEILING_BATCHES {
                    let verdicts = verify_many(statement, &batch, &mut rand::rng());
                    assert!(verdicts.iter().all(Result::is_ok), "good ballots verify");
                }
            });
        }
    });
    let verified = usize::try_from(cores).unwrap_or(1) * CEILING_BATCHES * batch.len();
    speed::per_second(verified, since.elapsed())
}

/// All ballots, in some runs at full speed.
fn cast(report: &mut Report, network: &mut Network, ballots: &[Signed], ceiling: u64) {
    let mut verifications = Vec::new();
    let clients = network.clients();
    report.check("secret ballots committed a second, end to end", || {
        let (before, counted) = (Meter::read(network)?, Counted::read(&clients)?);
        let mut rates = Vec::new();
        for ballots in ballots.chunks(ballots.len().div_ceil(RUNS)) {
            rates.push(speed::per_second(ballots.len(), speed::full_speed(network, ballots, SENDERS)?));
        }
        rates.sort_unstable();
        let (after, n) = (Meter::read(network)?, u64::try_from(ballots.len())?);
        verifications = Counted::read(&clients)?.since(&counted);
        let (rate, cpu) = (rates[rates.len() / 2], after.cpu_ms_since(&before));
        let generator = after.own_cpu_ms.saturating_sub(before.own_cpu_ms);
        let disk = after.disk_bytes.saturating_sub(before.disk_bytes) / n / 4;
        let wire = after.loopback_bytes.saturating_sub(before.loopback_bytes) / n;
        let percent = 100 * rate / ceiling.max(1);
        let seen = Seen::new(format!(
            "{rate}/s (median of {rates:?}; wanted {BALLOTS_PER_SECOND_MIN}), {percent} % of the ceiling of {ceiling} (wanted \
             {PERCENT_OF_CEILING_MIN} %); per 1,000 ballots {} ms of CPU on four validators, generator {} ms; per ballot {disk} B on \
             each disk, {wire} B over the loopback in all",
            1_000 * cpu / n,
            1_000 * generator / n
        ))
        .number("ballots_per_second", rate)
        .number("runs", rates)
        .number("percent_of_ceiling", percent)
        .number("cpu_ms_per_1000_ballots", 1_000 * cpu / n)
        .number("generator_cpu_ms_per_1000_ballots", 1_000 * generator / n)
        .number("disk_bytes_per_ballot_per_validator", disk)
        .number("loopback_bytes_per_ballot", wire)
        .number("rss_kib", after.rss_kib);
        ensure!(BALLOTS_PER_SECOND_MIN <= rate && PERCENT_OF_CEILING_MIN <= percent, "{}", seen.sentence());
        Ok(seen)
    });
    report.check("each ballot is verified once per validator", || {
        let n = u64::try_from(ballots.len())?;
        let times: Vec<u64> = verifications.iter().map(|it| it.transactions).collect();
        let sizes: Vec<u64> = verifications.iter().map(|it| it.transactions / it.batches.max(1)).collect();
        let said = format!(
            "{n} ballots: the four validators verified {times:?} transactions, in batches of {sizes:?} on average"
        );
        ensure!(times.iter().all(|it| *it == n), "{said}");
        Ok(Seen::new(said).number("verified", times).number("batches_of", sizes))
    });
}

/// What a node has verified.
#[derive(Clone, Copy, Debug)]
struct Verified {
    transactions: u64,
    batches: u64,
}
/// The same of all nodes.
struct Counted(Vec<Verified>);

impl Counted {
    fn read(clients: &[Client]) -> Result<Self> {
        let one = |it: &Client| {
            let transactions = it.metric("urne_verifications_total")?;
            Ok(Verified { transactions, batches: it.metric("urne_verification_batches_total")? })
        };
        Ok(Self(clients.iter().map(one).collect::<Result<_>>()?))
    }
    fn since(&self, before: &Self) -> Vec<Verified> {
        let one = |(now, then): (&Verified, &Verified)| Verified {
            transactions: now.transactions - then.transactions,
            batches: now.batches - then.batches,
        };
        self.0.iter().zip(&before.0).map(one).collect()
    }
}

/// Closed by three colleges; then nobody does anything but the trustees.
fn close(report: &mut Report, network: &Network, id: &ElectionId, voters: usize) {
    report.check("from the close to the result on all four nodes", || {
        election::decide(&network.node(0).client(), &network.administrators()?, Act::CloseElection { election: *id })?;
        let closed = Instant::now();
        for client in network.clients() {
            client.until(PATIENCE, "open the urn", |it| Ok(it.election(id)?.state == ElectionState::Tallied))?;
        }
        let took = closed.elapsed();
        let said = format!("{} ms (wanted {})", ms(took), ms(OPENING_MAX));
        ensure!(took < OPENING_MAX, "{said}");
        Ok(Seen::new(said).number("ms", ms(took)))
    });
    report.check("the result is the known sum", || {
        let result = same_result(network, id)?;
        let [ada, blaise, blank] = known_sum(voters);
        let expected = json!({ CANDIDATES[0]: ada, CANDIDATES[1]: blaise });
        ensure!(
            result["tally"] == expected && result["blank"] == json!(blank),
            "{result}, but {expected} and {blank} blank were cast"
        );
        Ok(Seen::new(format!("{expected} and {blank} blank, on all four nodes")))
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_sum_counts_every_voter_once() {
        assert_eq!(known_sum(7), [3, 2, 2]);
        assert_eq!(known_sum(30_000).iter().sum::<u64>(), 30_000);
    }
}
