//! An election that a file describes, held by real validators: every voter's ballot is signed, sent and ordered, every node
//! counts, and what each one's API shows is compared, key by key, with the count of the file alone.
use crate::{
    bench,
    election::Election,
    load::{Load, Pace},
    network::{Network, Place},
    people::Member,
};
use anyhow::{Context, Result, ensure};
use clap::Args;
use serde_json::{Value, json};
use std::{
    fs,
    io::{self, Read},
    net::{Ipv4Addr, TcpListener},
    path::PathBuf,
    time::Duration,
};
use urne_exchange::{Format, Options, Staged, counted::Counted, stage_file};
use urne_node::api::dto::ElectionResult;
use urne_types::{SecretKey, governance::Act};

/// A hundred thousand ballots are in blocks, and counted by the slowest method, well before this.
const LONG: Duration = Duration::from_secs(600);
/// Where free ports are looked for, below those that the system gives away; and how many places are tried.
const PORTS_FROM: u16 = 20_000;
const PORTS_UNTIL: u16 = 30_000;
const PLACES_TRIED: usize = 100;

/// What to rehearse.
#[derive(Args)]
pub(crate) struct RehearseArgs {
    /// A case of the exchange format; `-` reads it from standard input
    file: PathBuf,
    /// Folder of the network, which must not exist yet; a temporary one without
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Node i takes this port + 2 i and the next one; free ones without
    #[arg(long, value_parser = clap::value_parser!(u16).range(1024..65_000))]
    base_port: Option<u16>,
}

/// Holds it, prints one JSON object and says whether the two counts are equal.
pub(crate) fn run(args: &RehearseArgs) -> Result<bool> {
    let staged = stage_file(&read(args)?, Format::Case, &Options::default()).map_err(|e| anyhow::anyhow!("{e}"))?;
    staged.judge().map_err(|e| anyhow::anyhow!("{e}"))?;
    let temporary = || std::env::temp_dir().join(format!("urne-rehearsal-{}", std::process::id()));
    let folder = args.dir.clone().unwrap_or_else(temporary);
    ensure!(!folder.exists(), "{} exists already: choose another --dir", folder.display());
    let base_port = args.base_port.map_or_else(|| free_ports(2 * staged.colleges()), Ok)?;
    let place = Place { folder, base_port };
    let rehearsed =
        hold(&staged, &place).with_context(|| format!("the folder {} stays for the reader", place.folder.display()))?;
    let is_equal = rehearsed["equal"] == true;
    if is_equal {
        fs::remove_dir_all(&place.folder).with_context(|| format!("removing {}", place.folder.display()))?;
    }
    println!("{rehearsed}");
    Ok(is_equal)
}

fn read(args: &RehearseArgs) -> Result<Vec<u8>> {
    if args.file.as_os_str() != "-" {
        return fs::read(&args.file).with_context(|| format!("reading {}", args.file.display()));
    }
    let mut case = Vec::new();
    io::stdin().read_to_end(&mut case).context("reading a case from standard input")?;
    Ok(case)
}

/// The first port of so many that nobody listens on. The place tried first depends on the process: two rehearsals that start
/// at once look at different ones.
fn free_ports(ports: u16) -> Result<u16> {
    let is_free = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
    let bases: Vec<u16> = (PORTS_FROM..PORTS_UNTIL).step_by(usize::from(ports)).collect();
    let first = usize::try_from(std::process::id())? % bases.len();
    let tried = bases.iter().cycle().skip(first).take(PLACES_TRIED);
    let free = tried.copied().find(|base| (*base..base + ports).all(is_free));
    free.with_context(|| format!("no {ports} free ports in a row in {PLACES_TRIED} places: choose a --base-port"))
}

/// The network is stopped at the end, whatever the end.
fn hold(staged: &Staged, place: &Place) -> Result<Value> {
    let mut network = Network::of_colleges(place, staged.colleges())?;
    network.start_all(&bench::raised())?;
    eprintln!("{} validators of as many colleges are ready in {}", network.len(), place.folder.display());
    let rng = &mut rand::rng();
    let members: Vec<Member> =
        staged.electors.iter().map(|it| Member { college: it.college, key: SecretKey::generate(rng) }).collect();
    if let Some(statutes) = &staged.statutes {
        let put = Act::PutStatutes { statutes: Box::new(statutes.clone()) };
        crate::election::decide(&network.node(0).client(), &network.administrators()?, put)
            .context("putting the statutes")?;
    }
    let election = Election::of(&network, members, |census, opens_at, closes_at| {
        Ok(staged.definition(census, opens_at, closes_at))
    })?;
    let cast = cast(staged, &network, &election)?;
    eprintln!("{cast} ballots are in blocks");
    let clients = network.clients();
    election.close_within(&clients[0], LONG)?;
    let mut results = Vec::new();
    for client in &clients {
        election.until_tallied_within(client, LONG)?;
        let result: ElectionResult = serde_json::from_value(client.result(&election.id)?)?;
        results.push(result.questions.into_iter().map(|it| it.counted).collect::<Vec<Counted>>());
    }
    ensure!(results.windows(2).all(|it| it[0] == it[1]), "the nodes show different results");
    eprintln!("closed by three colleges and counted: the same on all {} nodes", results.len());
    network.stop_all()?;
    compared(staged, place, cast, &results)
}

/// Every voter's ballot; how many.
fn cast(staged: &Staged, network: &Network, election: &Election) -> Result<u64> {
    let chain = network.chain();
    let mut ballots = Vec::new();
    for (member, elector) in election.members.iter().zip(&staged.electors) {
        if let Some(answers) = &elector.answers {
            ballots.push(member.casts(&chain, &election.id, 1, answers.to_vec())?);
        }
    }
    let clients = network.clients();
    let load = Load { clients: &clients, batch: 25, pace: Pace::Free { senders: 4 } };
    load.deliver(&ballots)?.all_taken()?;
    let expected = u64::try_from(ballots.len())?;
    clients[0].until(LONG, "commit every ballot", |it| Ok(it.voted(&election.id)? == expected))?;
    Ok(expected)
}

fn compared(staged: &Staged, place: &Place, ballots: u64, results: &[Vec<Counted>]) -> Result<Value> {
    let counted = results.first().context("a network has nodes")?;
    let refused = |e| anyhow::anyhow!("{e}");
    let keys: Vec<String> = staged.keys(counted).map_err(refused)?.into_iter().map(|it| it.0).collect();
    let differences = staged.differences(counted).map_err(refused)?;
    let value = |it: &urne_exchange::Json| serde_json::from_str::<Value>(&it.to_string());
    let mut shown = Vec::new();
    for it in &differences {
        shown.push(json!({ "key": it.key, "count": value(&it.count)?, "ledger": value(&it.ledger)? }));
    }
    let folder = (!differences.is_empty()).then(|| place.folder.display().to_string());
    Ok(json!({
        "equal": differences.is_empty(),
        "validators": results.len(),
        "ballots": ballots,
        "compared": keys,
        "differences": shown,
        "folder": folder,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_that_somebody_listens_on_are_passed_over() {
        let base = free_ports(8).expect("some are free");
        let _taken = TcpListener::bind((Ipv4Addr::LOCALHOST, base + 3)).expect("it was free");
        assert_ne!(free_ports(8).expect("others are free"), base);
    }
}
