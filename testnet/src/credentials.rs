//! How the people of a testnet come to their anonymous credentials: codes out of the outboxes, requests to two of three
//! registrars each, the answers on the ledger, and registration through another college's node.
use crate::{
    client::Client,
    network::Network,
    people::now,
    registrars::{Person, Registrar},
    report::ms,
};
use anyhow::{Context, Result, ensure};
use std::{
    thread,
    time::{Duration, Instant},
};
use urne_ballot::{
    BlindAnswer, CandidateAnswer, CredentialSecret, CredentialSignature, PendingRequest, Registrars, RootSecret,
    ThresholdKeys,
};
use urne_node::api::dto::{self, Hex, Issuance, OfferedCredential, SealedKeys};
use urne_registrar::office::{Approved, CodeAsked, RequestSent};
use urne_types::{ChainId, CollegeId, ElectionId, UnixMs, election::CensusEntry};

/// All answers are on the ledger, and all credentials registered, well before this.
const PATIENCE: Duration = Duration::from_secs(180);
const JSON: &str = "application/json";

/// Somebody whose credential votes.
pub(crate) struct Voter {
    /// As the registrars know her.
    pub(crate) person: Person,
    /// What her ballots are signed with.
    pub(crate) secret: CredentialSecret,
}

/// Somebody who asks for it.
struct Applicant {
    voter: Voter,
    pending: PendingRequest,
}

impl Applicant {
    /// With a fresh device.
    fn new(person: Person, chain: &ChainId, election: &ElectionId) -> Self {
        let (secret, pending) = RootSecret::generate(&mut rand::rng()).request(chain, election, person.college);
        Self { voter: Voter { person, secret }, pending }
    }
}

/// The registrars' keys of an election, by college.
fn keys(shown: &SealedKeys) -> Result<Vec<(CollegeId, ThresholdKeys<Registrars>)>> {
    let key =
        |it: &dto::ScopeKeys| Ok((CollegeId::new(u16::try_from(it.scope - 1)?), ThresholdKeys::decode(&it.keys.0)?));
    shown.registrars.iter().map(key).collect()
}

/// Everybody asks two of the three registrars, and gets a credential: requests, answers, registration.
pub(crate) fn obtain(network: &Network, election: &ElectionId, people: Vec<Person>) -> Result<Vec<Voter>> {
    let chain = network.chain();
    let applicants: Vec<Applicant> = people.into_iter().map(|it| Applicant::new(it, &chain, election)).collect();
    let client = network.node(0).client();
    let shown = client.election(election)?;
    let keys = keys(&shown.sealed.context("a secret election has keys")?)?;
    let issuance = |client: &Client| client.read::<Issuance>(&format!("/v1/elections/{election}/issuance"));
    let calendar = issuance(&client)?;
    wait_for(calendar.issuance_at);
    let since = Instant::now();
    let entries = approved(network, election, &applicants)?;
    let n = u64::try_from(applicants.len())?;
    client.until(PATIENCE, "answer every request", |it| {
        Ok(issuance(it)?.colleges.iter().map(|it| it.answered.0).sum::<u64>() == n)
    })?;
    let (mut voters, mut signed) = (Vec::new(), Vec::new());
    for (Applicant { voter, pending }, entry) in applicants.into_iter().zip(&entries) {
        let (_, keys) = keys.iter().find(|it| it.0 == entry.college).context("every college has its key")?;
        signed.push(finish(&client, election, pending, entry, keys)?);
        voters.push(voter);
    }
    println!("{n} credentials signed blind by any two of three registrars in {} ms", ms(since.elapsed()));
    wait_for(calendar.registration_at);
    let since = Instant::now();
    register(network, election, &voters, &signed)?;
    client.until(PATIENCE, "register every credential", |it| {
        Ok(issuance(it)?.colleges.iter().map(|it| it.registered.0).sum::<u64>() == n)
    })?;
    let colleges = issuance(&client)?.colleges;
    let late: u64 = colleges.iter().map(|it| it.late.0).sum();
    ensure!(colleges.iter().all(|it| it.alarm.is_none()), "an honest issuance raised an alarm");
    println!("{n} credentials registered in company, {late} of them late, in {} ms", ms(since.elapsed()));
    Ok(voters)
}

fn wait_for(instant: UnixMs) {
    while now() < instant {
        thread::sleep(Duration::from_millis(instant.get() - now().get()).min(Duration::from_millis(200)));
    }
}

/// Each registrar is asked by two thirds of the people, all three at once.
fn approved(network: &Network, election: &ElectionId, applicants: &[Applicant]) -> Result<Vec<CensusEntry>> {
    let registrars = &network.description.registrars;
    let n = registrars.len();
    let of = |at: usize| applicants.iter().enumerate().filter(move |(i, _)| i % n == at || (i + 1) % n == at);
    let answers: Vec<Vec<(usize, CensusEntry)>> = thread::scope(|scope| {
        let ask = |(at, registrar): (usize, &'_ Registrar)| {
            let people: Vec<(usize, &Applicant)> = of(at).collect();
            let registrar = registrar.clone();
            scope.spawn(move || ask_one(&registrar, election, &people))
        };
        let asked: Vec<_> = registrars.iter().enumerate().map(ask).collect();
        asked.into_iter().map(|it| it.join().expect("asking does not panic")).collect::<Result<_>>()
    })?;
    let mut entries = vec![None; applicants.len()];
    for (i, entry) in answers.into_iter().flatten() {
        ensure!(*entries[i].get_or_insert(entry) == entry, "two registrars know one person by two entries");
    }
    entries.into_iter().collect::<Option<Vec<_>>>().context("everybody was approved by somebody")
}

fn ask_one(
    registrar: &Registrar,
    election: &ElectionId,
    people: &[(usize, &Applicant)],
) -> Result<Vec<(usize, CensusEntry)>> {
    let client = Client::of(&registrar.url);
    let post = |path: &str, body: String| client.patiently(|it| it.post(path, body.as_bytes(), JSON))?.success();
    for (_, applicant) in people {
        let Person { college, identifier, .. } = &applicant.voter.person;
        let asked = CodeAsked { election: *election, college: *college, identifier: identifier.clone() };
        post("/v1/codes", serde_json::to_string(&asked)?)?;
    }
    let codes = registrar.codes(people.len())?;
    let request = |(i, applicant): &(usize, &Applicant)| {
        let Person { college, identifier, contact } = &applicant.voter.person;
        let sent = RequestSent {
            election: *election,
            college: *college,
            identifier: identifier.clone(),
            code: codes.get(contact).cloned().context("everybody was sent a code")?,
            request: hex::encode(applicant.pending.request().bytes()),
        };
        Ok((*i, post("/v1/requests", serde_json::to_string(&sent)?)?.json::<Approved>()?.entry))
    };
    people.iter().map(request).collect()
}

/// Out of the ledger's answers, whoever they are from.
fn finish(
    client: &Client,
    election: &ElectionId,
    pending: PendingRequest,
    entry: &CensusEntry,
    keys: &ThresholdKeys<Registrars>,
) -> Result<CredentialSignature> {
    let shown: dto::CensusEntry =
        client.read(&format!("/v1/elections/{election}/entries/{}/{}", entry.college, entry.member))?;
    let request = *pending.request();
    let answer = |it: &dto::RegistrarAnswer| CandidateAnswer::decode(&it.answer.0)?.verify(&request, keys);
    let answers = shown.answers.iter().map(answer).collect::<Result<Vec<BlindAnswer>, _>>()?;
    Ok(pending.finish(&answers, keys)?)
}

/// Each through the node of the next college.
fn register(network: &Network, election: &ElectionId, voters: &[Voter], signed: &[CredentialSignature]) -> Result<()> {
    let (clients, colleges) = (network.clients(), network.colleges());
    for (voter, signature) in voters.iter().zip(signed) {
        let college = voter.person.college;
        let own = colleges.iter().position(|it| *it == college).unwrap_or(0);
        let offered = OfferedCredential {
            college,
            credential: Hex(voter.secret.public().bytes().to_vec()),
            signature: Hex(signature.bytes().to_vec()),
        };
        let body = serde_json::to_string(&offered)?;
        let path = format!("/v1/elections/{election}/credentials");
        clients[(own + 1) % clients.len()].patiently(|it| it.post(&path, body.as_bytes(), JSON))?.success()?;
    }
    Ok(())
}
