//! The same election in secret: keys made by the four trustees and the three registrars over blocks, credentials signed blind,
//! ballots sealed here, some cast twice and some audited, one validator killed on the way, the sum opened by the trustees after
//! the close. Nobody ever decrypts a ballot, and nobody can tell whose it is.
use crate::{
    case::Case,
    client::Client,
    credentials::{self, Voter},
    election::{COMMIT, LASTS_MS, bring, decide, same_result, schedule},
    load::{Load, Pace},
    network::{Network, READY},
    people::{Census, Signed, now},
    process::Launch,
    registrars::{self, Person},
    report::ms,
};
use anyhow::{Context, Result, bail, ensure};
use std::{
    thread,
    time::{Duration, Instant},
};
use urne_ballot::{CredentialSecret, Registrars, SealedBallot, Seed, Statement, ThresholdKeys, Trustees};
use urne_node::api::dto::{Ceremony, ElectionState, SealedKeys};
use urne_types::{
    ChainId, CollegeId, DraftId, ElectionId,
    ballot::Answer,
    bounded::List,
    election::{CensusEntry, ElectionDefinition, Secrecy},
    governance::Act,
    sealed::{CredentialRules, Officer, SealedCensus, SealedRules},
};
use urne_vote_contract::sealed::{self, records::CeremonyState};

/// From the draft to the first credential: three acts, and five ceremonies side by side of a few blocks each, on a loaded machine.
const ISSUANCE_AFTER_MS: u64 = 40_000;
/// Then everybody asks two registrars.
const REGISTRATION_AFTER_MS: u64 = ISSUANCE_AFTER_MS + 45_000;
/// Then all credentials are registered.
const OPENS_AFTER_MS: u64 = REGISTRATION_AFTER_MS + 20_000;
/// A trustee that says nothing is waited for so long.
const STEP_MS: u32 = 10_000;
/// All ballots are in blocks, and the urn is open, well before this.
const PATIENCE: Duration = Duration::from_secs(120);
/// One voter of so many changes her mind.
const REVOTES: usize = 10;
/// One voter of so many audits a ballot before she casts another.
const AUDITS: usize = 50;

/// Holds it, and compares the count with the published one.
pub(crate) fn hold(network: &mut Network) -> Result<ElectionId> {
    let (case, chain) = (Case::orsay()?, network.chain());
    let answers = case.answers()?;
    println!(
        "\nthe same election in secret: anonymous credentials, ballots encrypted to the trustees of four colleges"
    );
    network.start_trustees()?;
    let people = people(network, answers.len());
    let entries = registrars::make(network, &people)?;
    registrars::start(network)?;
    let definition = scheduled(network, &case, entries)?;
    let client = network.node(0).client();
    let (id, made) = keys_made(&client, &definition.draft_id())?;
    println!("its keys are made in {} ms, without a human: election {id}", ms(made));
    let voters = credentials::obtain(network, &id, people)?;
    for client in network.clients() {
        client.until(Duration::from_millis(OPENS_AFTER_MS) + COMMIT, "open the election", |it| {
            Ok(it.election(&id)?.state == ElectionState::Open)
        })?;
    }
    let statement = statement(&client, &chain, &id)?;
    let booth = Booth { definition: &definition, chain, id, statement: &statement };
    let since = Instant::now();
    let sealed = booth.seal_all(&voters, &answers)?;
    println!(
        "{} ballots sealed, {} of them to replace an earlier one, and {} audited in {} ms",
        sealed.first.len() + sealed.again.len(),
        sealed.again.len(),
        sealed.audited,
        ms(since.elapsed())
    );
    cast(network, &id, &sealed)?;
    decide(&client, &network.administrators()?, Act::CloseElection { election: id }).context("closing the election")?;
    let closed = Instant::now();
    for client in network.clients() {
        client.until(PATIENCE, "open the urn", |it| Ok(it.election(&id)?.state == ElectionState::Tallied))?;
    }
    println!("closed by three colleges; the sum was opened by the trustees in {} ms", ms(closed.elapsed()));
    case.judge(&same_result(network, &id)?).context("the secret count is not the published one")?;
    println!("the secret count is equal to the open one, on all four nodes");
    verified(network, &id, &sealed)?;
    Ok(id)
}

/// Anybody checks it again, from the chain's name alone: `urne election verify`, asking another node than the one that was used.
fn verified(network: &Network, id: &ElectionId, sealed: &Sealed) -> Result<()> {
    let said = network.urne(&["election", "verify", &id.to_string(), "--json"], &network.node(1).home)?;
    let shown: serde_json::Value = serde_json::from_str(&said)?;
    let count = |name: &str| shown["checked"][name].as_str().and_then(|it| it.parse::<usize>().ok());
    let (first, again) = (sealed.first.len(), sealed.again.len());
    ensure!(
        shown["verified"] == true && (count("ballots"), count("revotes")) == (Some(first + again), Some(again)),
        "the universal verification found something else than {first} voters and {again} revotes: {said}"
    );
    println!(
        "verified from the chain's name alone in {} ms: `urne election verify {id}`",
        shown["elapsed_ms"].as_str().unwrap_or("?")
    );
    Ok(())
}

/// So many, dealt to the colleges in turn.
fn people(network: &Network, n: usize) -> Vec<Person> {
    let person =
        |(i, college)| Person { college, identifier: format!("M{i:04}"), contact: format!("m{i:04}@members.example") };
    (0..n).zip(network.colleges().into_iter().cycle()).map(person).collect()
}

fn scheduled(network: &Network, case: &Case, entries: Vec<CensusEntry>) -> Result<ElectionDefinition> {
    let (client, administrators) = (network.node(0).client(), network.administrators()?);
    let census = Census::over(entries)?;
    bring(&client, &administrators, &census)?;
    let begun = now();
    let registrars = network.description.registrars.iter().map(|it| Officer { college: it.college, key: it.key });
    let credentials = CredentialRules {
        registrars: List::new(registrars.collect())?,
        issuance_at: begun.plus(ISSUANCE_AFTER_MS),
        registration_at: begun.plus(REGISTRATION_AFTER_MS),
    };
    let rules = SealedRules { census: SealedCensus::Credentials(credentials), ..rules(network)? };
    let opens_at = begun.plus(OPENS_AFTER_MS);
    let mut definition = case.ask().definition(census.commitment.id(), opens_at, opens_at.plus(LASTS_MS))?;
    definition.secrecy = Secrecy::Sealed(Box::new(rules));
    schedule(&client, &administrators, &definition)?;
    Ok(definition)
}

/// Voters with published keys, every validator's trustee, and one urn for all colleges.
pub(crate) fn rules(network: &Network) -> Result<SealedRules> {
    let trustees = network.description.nodes.iter().map(|it| Officer { college: it.college, key: it.trustee_key });
    Ok(SealedRules {
        census: SealedCensus::PublishedKeys,
        trustees: List::new(trustees.collect())?,
        groups: List::new(vec![List::new(network.colleges())?])?,
        minimum_group: 3,
        step_ms: STEP_MS,
    })
}

/// Waits until the trustees have made the election's keys and rehearsed with them.
pub(crate) fn keys_made(client: &Client, draft: &DraftId) -> Result<(ElectionId, Duration)> {
    let since = Instant::now();
    loop {
        let ceremony: Ceremony = client.read(&format!("/v1/ceremonies/{draft}"))?;
        match ceremony.state {
            CeremonyState::Done { election } => return Ok((election, since.elapsed())),
            CeremonyState::Failed { code, .. } => bail!("the ceremony failed by rule {code}"),
            CeremonyState::UnderWay | CeremonyState::Rehearsing { .. } => {}
        }
        ensure!(since.elapsed() < PATIENCE, "the ceremony is not over in {} s: {ceremony:?}", PATIENCE.as_secs());
        thread::sleep(Duration::from_millis(50));
    }
}

/// What ballots are sealed for; the keys are believed because the election's name is theirs.
pub(crate) fn statement(client: &Client, chain: &ChainId, id: &ElectionId) -> Result<Statement> {
    let shown = client.election(id)?;
    let SealedKeys { trustees, registrars, .. } = shown.sealed.context("a secret election has keys")?;
    let keys = ThresholdKeys::<Trustees>::decode(&trustees.0)?;
    let signing = registrars.iter().map(|it| Ok((it.scope, ThresholdKeys::<Registrars>::decode(&it.keys.0)?)));
    let signing = signing.collect::<Result<Vec<_>>>()?;
    let named = urne_ballot::election_id(chain, &shown.definition.draft_id(), &keys, &signing);
    ensure!(named == *id, "{} shows keys that are not election {id}'s", client.api());
    Ok(sealed::stated(&shown.definition, chain, id, &trustees.0)?)
}

/// What the voters' machines made.
#[derive(Default)]
struct Sealed {
    /// One ballot a voter.
    first: Vec<Signed>,
    /// The ballots of those who change their mind.
    again: Vec<Signed>,
    /// Ballots that were audited, and are void.
    audited: usize,
}

/// The voters' machines of an election.
pub(crate) struct Booth<'a> {
    /// What is asked.
    pub(crate) definition: &'a ElectionDefinition,
    /// The chain.
    pub(crate) chain: ChainId,
    /// The election.
    pub(crate) id: ElectionId,
    /// What ballots are sealed for.
    pub(crate) statement: &'a Statement,
}

impl Booth<'_> {
    /// A sealed and signed ballot, in the clear of nobody but this machine.
    pub(crate) fn ballot(&self, secret: &CredentialSecret, sequence: u32, answer: &Answer) -> Result<SealedBallot> {
        let answers = sealed::sealed_answers(self.definition, std::slice::from_ref(answer))?;
        let seed = Seed::generate(&mut rand::rng());
        let unsigned = self.statement.seal(answers, secret.public(), sequence, seed)?;
        Ok(unsigned.cast(self.statement, secret, &mut rand::rng())?)
    }
    /// The transaction that brings it.
    pub(crate) fn carried(&self, college: CollegeId, ballot: &SealedBallot) -> Result<Signed> {
        let carried = sealed::carried(&self.chain, self.id, college, ballot)?;
        Ok(Signed { id: carried.unsigned.id(), raw: carried.to_raw() })
    }
    fn seal(&self, voter: &Voter, sequence: u32, answer: &Answer) -> Result<Signed> {
        self.carried(voter.person.college, &self.ballot(&voter.secret, sequence, answer)?)
    }
    /// The machine is asked to show a ballot that it sealed; another one is made again, from what it showed.
    fn audit(&self, voter: &Voter, answer: &Answer) -> Result<()> {
        let answers = sealed::sealed_answers(self.definition, std::slice::from_ref(answer))?;
        let seed = Seed::generate(&mut rand::rng());
        let unsigned = self.statement.seal(answers, voter.secret.public(), 1, seed)?;
        let shown = *unsigned.tracker();
        let again = unsigned.audit().recompute(self.statement)?;
        ensure!(again == shown, "an audited ballot has another tracker");
        Ok(())
    }
    /// Those who change their mind first cast somebody else's answer.
    fn of_voter(&self, at: usize, voter: &Voter, answers: &[Answer], sealed: &mut Sealed) -> Result<()> {
        if at.is_multiple_of(AUDITS) {
            self.audit(voter, &answers[at])?;
            sealed.audited += 1;
        }
        if at.is_multiple_of(REVOTES) {
            sealed.first.push(self.seal(voter, 1, &answers[(at + 1) % answers.len()])?);
            sealed.again.push(self.seal(voter, 2, &answers[at])?);
        } else {
            sealed.first.push(self.seal(voter, 1, &answers[at])?);
        }
        Ok(())
    }
    /// On two threads.
    fn seal_all(&self, voters: &[Voter], answers: &[Answer]) -> Result<Sealed> {
        let half = voters.len().div_ceil(2);
        let some = |from: usize, voters: &[Voter]| -> Result<Sealed> {
            let mut sealed = Sealed::default();
            for (at, voter) in (from..).zip(voters) {
                self.of_voter(at, voter, answers, &mut sealed)?;
            }
            Ok(sealed)
        };
        let some = &some;
        let (first, second) = thread::scope(|scope| {
            let second = scope.spawn(move || some(half, &voters[half..]));
            (some(0, &voters[..half]), second.join().expect("sealing does not panic"))
        });
        let (mut sealed, more) = (first?, second?);
        sealed.first.extend(more.first);
        sealed.again.extend(more.again);
        sealed.audited += more.audited;
        Ok(sealed)
    }
}

/// Half through all nodes; then the last validator is killed, the rest go through the others, and those who changed their
/// mind vote again.
fn cast(network: &mut Network, id: &ElectionId, sealed: &Sealed) -> Result<()> {
    let (clients, last) = (network.clients(), network.len() - 1);
    let load = |clients: &[Client], some: &[Signed]| {
        Load { clients, batch: 25, pace: Pace::Free { senders: 4 } }.deliver(some)?.all_taken()
    };
    let in_urn = |clients: &[Client], ballots: usize| -> Result<()> {
        let ballots = u64::try_from(ballots)?;
        let is_in = |it: &Client| Ok(it.election(id)?.ballots.size.0 == ballots);
        clients.iter().try_for_each(|it| it.until(PATIENCE, "commit every ballot", is_in).map(drop))
    };
    let (before, after) = sealed.first.split_at(sealed.first.len() / 2);
    let since = Instant::now();
    load(&clients, before)?;
    in_urn(&clients[..1], before.len())?;
    network.process(last)?.kill()?;
    load(&clients[..last], after)?;
    in_urn(&clients[..last], sealed.first.len())?;
    network.start(last, &Launch::default())?;
    network.wait_ready(last, READY)?;
    network.description.write(&network.folder)?;
    load(&clients, &sealed.again)?;
    let ballots = sealed.first.len() + sealed.again.len();
    in_urn(&clients, ballots)?;
    let voted = clients[0].voted(id)?;
    ensure!(voted == u64::try_from(sealed.first.len())?, "{voted} voters, and each was counted once");
    println!(
        "{ballots} sealed ballots of {voted} voters are in the urn after {} ms; one validator was killed on the way and is \
         back",
        ms(since.elapsed())
    );
    Ok(())
}
