//! One command: a network of four colleges, a real election held on it, its count compared with the published one, a proof of
//! vote from every validator checked. The network is left running.
use crate::{
    case::Case,
    client::Client,
    election::{Election, same_result},
    load::{Load, Pace},
    network::{Description, Network, Node, Place, log_of},
    people,
    process::{self, Launch, Stopped},
    report::ms,
    secret,
};
use anyhow::{Context, Result, ensure};
use std::{fs, path::Path, time::Duration};
use urne_light::{decode_proof_of_vote, verify_proof_of_vote};
use urne_types::TxId;

/// All ballots are in blocks well before this.
const CAST: Duration = Duration::from_secs(60);

/// Brings the network up, unless it is.
pub(crate) fn up(place: &Place) -> Result<()> {
    if let Some(found) = Description::read(&place.folder)? {
        if found.election_id.is_some() && found.nodes.iter().all(|it| it.is_alive() && it.client().is_ready()) {
            println!("a healthy network runs already:");
            return show(&found, place);
        }
        println!("the network in {} is not healthy: stopping what is left of it", place.folder.display());
    }
    clear(place)?;
    println!("making four validators of four colleges in {}", place.folder.display());
    let mut network = Network::make(place, &[])?;
    network.start_all(&Launch::default())?;
    println!("chain {}: all four are ready", network.chain());
    let election = hold(&network)?;
    network.description.election_id = Some(election);
    let secret = secret::hold(&mut network)?;
    network.description.secret_election_id = Some(secret);
    network.description.write(&network.folder)?;
    let description = network.description.clone();
    network.release();
    show(&description, place)
}

/// The election of Orsay, 2007, from its census to its proofs.
fn hold(network: &Network) -> Result<urne_types::ElectionId> {
    let case = Case::orsay()?;
    let answers = case.answers()?;
    println!("election: {} ({}, {})", case.id, case.source, case.licence);
    let members = people::members(answers.len(), &network.colleges(), &mut rand::rng());
    let election = Election::open(network, &case.ask(), members, |it| println!("{it}"))?;
    let chain = network.chain();
    let signed = election
        .members
        .iter()
        .zip(answers)
        .map(|(member, answer)| member.casts(&chain, &election.id, 1, vec![answer]));
    let ballots = signed.collect::<Result<Vec<_>>>()?;
    let clients = network.clients();
    let load = Load { clients: &clients, batch: 25, pace: Pace::Free { senders: 4 } };
    let delivery = load.deliver(&ballots)?;
    delivery.all_taken()?;
    let expected = u64::try_from(ballots.len())?;
    let took = clients[0].until(CAST, "commit every ballot", |it| Ok(it.voted(&election.id)? == expected))?;
    println!("{expected} ballots cast through four nodes, the last in a block {} ms after the last was sent", ms(took));
    election.close(&clients[0])?;
    for client in &clients {
        election.until_tallied(client)?;
    }
    let result = same_result(network, &election.id)?;
    case.judge(&result).context("the count is not the published one")?;
    println!("closed by three colleges and counted: equal to the published result on all four nodes\n");
    println!("{}", case.table(&result)?);
    turnout(&clients[0], &election)?;
    verify_everywhere(network, &ballots[ballots.len() / 2].id)?;
    Ok(election.id)
}

fn turnout(client: &Client, election: &Election) -> Result<()> {
    let turnout = client.election(&election.id)?.turnout;
    let colleges =
        turnout.colleges.iter().map(|it| format!("college {}: {} of {}", it.college, it.voted, it.registered));
    println!("turnout {} of {} ({})", turnout.voted, turnout.registered, colleges.collect::<Vec<_>>().join(", "));
    Ok(())
}

/// A proof of the same ballot from every validator, against the genesis alone.
fn verify_everywhere(network: &Network, ballot: &TxId) -> Result<()> {
    let trusted = network.trusted()?;
    for client in network.clients() {
        let proof = decode_proof_of_vote(&client.proof(ballot)?)?;
        let vote = verify_proof_of_vote(&proof, &trusted).with_context(|| format!("the proof of {}", client.api()))?;
        ensure!(vote.tracker == *ballot, "{} proved another ballot", client.api());
    }
    println!("proof of vote of {ballot}: verified from all four validators, trusting the genesis only");
    Ok(())
}

fn show(description: &Description, place: &Place) -> Result<()> {
    println!("\nnetwork {}", place.folder.join(crate::network::DESCRIPTION).display());
    for node in &description.nodes {
        let height = node.client().height()?;
        println!("  college {}  {}  process {}  height {height}", node.college, node.api, node.pid.unwrap_or_default());
    }
    for registrar in &description.registrars {
        println!("  registrar  {}  process {}", registrar.url, registrar.pid.unwrap_or_default());
    }
    if let (Some(election), Some(node)) = (description.election_id, description.nodes.first()) {
        println!("  result  {}/v1/elections/{election}/result", node.api);
        if let Some(secret) = description.secret_election_id {
            println!("  secret  {}/v1/elections/{secret}/result", node.api);
        }
        println!(
            "  status  {}/v1/status   events {}/v1/events   interface {}/v1/openapi.json",
            node.api, node.api, node.api
        );
    }
    println!("stop it with testnet/down.sh");
    Ok(())
}

/// Stops the network that [`up`] left running.
pub(crate) fn down(place: &Place) -> Result<()> {
    match Description::read(&place.folder)? {
        None => println!("no network in {}: nothing to stop", place.folder.display()),
        Some(found) => {
            for ((i, node), stopped) in found.nodes.iter().enumerate().zip(take_down(&found)?) {
                println!("college {}: {}", node.college, said(stopped, node, &log_of(&place.folder, i)));
            }
        }
    }
    Ok(())
}

fn said(stopped: Stopped, node: &Node, log: &Path) -> String {
    let pid = node.pid.unwrap_or_default();
    match stopped {
        Stopped::WasNotRunning => "was not running".into(),
        Stopped::After(took) => format!("process {pid} stopped in {} ms", ms(took)),
        Stopped::StillRunning => {
            format!("process {pid} did not stop in 10 s and was killed; its log: {}", log.display())
        }
    }
}

fn take_down(found: &Description) -> Result<Vec<Stopped>> {
    let stopped = found.stop_all()?;
    for (node, _) in found.nodes.iter().zip(&stopped).filter(|(_, it)| **it == Stopped::StillRunning) {
        process::kill_foreign(node.pid.unwrap_or_default(), &node.home)?;
    }
    Ok(stopped)
}

/// Removes what an earlier network left: its processes, its homes, its registrars and its description, nothing else in the
/// folder.
pub(crate) fn clear(place: &Place) -> Result<()> {
    if let Some(found) = Description::read(&place.folder)? {
        take_down(&found)?;
    }
    let remove = |path: &Path| {
        let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        removed.with_context(|| format!("removing {}", path.display()))
    };
    for entry in fs::read_dir(&place.folder).into_iter().flatten() {
        let path = entry?.path();
        let name = path.file_name().and_then(|it| it.to_str()).unwrap_or_default();
        let is_ours = ["node", "registrar", "outbox", "roll"].iter().any(|it| name.starts_with(it));
        if is_ours || name == crate::network::DESCRIPTION {
            remove(&path)?;
        }
    }
    Ok(())
}
