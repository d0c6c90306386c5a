//! Real processes on one machine: a network with a real election (`up`), its end (`down`), faults on purpose (`drill`), an
//! election from a file (`rehearse`) and measurements (`bench`). It uses a network only through what an operator and a citizen have: processes, folders, the API.
mod bench;
mod case;
mod client;
mod credentials;
mod drill;
mod election;
mod load;
mod network;
mod people;
mod process;
mod registrars;
mod rehearse;
mod report;
mod secret;
mod up;
mod watch;

use clap::{Args, Parser, Subcommand};
use network::Place;
use std::{path::PathBuf, process::ExitCode};

/// Testnets of urne on this machine.
#[derive(Parser)]
#[command(name = "urne-testnet", version, arg_required_else_help = true)]
#[command(after_help = "Exit codes: 0 everything held, 1 something did not, 2 usage.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Args)]
struct PlaceArgs {
    /// Folder of the network
    #[arg(long, value_name = "DIR", env = "URNE_TESTNET_DIR", default_value = "testnet/run")]
    dir: PathBuf,
    /// Node i takes this port + 2 i and the next one; drills and benchmarks take 100 and 200 more
    #[arg(long, env = "URNE_TESTNET_BASE_PORT", default_value_t = 26_600, value_parser = clap::value_parser!(u16).range(1024..65_000))]
    base_port: u16,
}

impl PlaceArgs {
    fn place(&self) -> Place {
        Place { folder: self.dir.clone(), base_port: self.base_port }
    }
    /// A network of its own beside the one of `up`.
    fn beside(&self, name: &str, ports: u16) -> Place {
        Place { folder: self.dir.join(name), base_port: self.base_port + ports }
    }
}

#[derive(Subcommand)]
enum Command {
    /// Starts a network, holds a real election on it, leaves it running
    Up(PlaceArgs),
    /// Stops it
    Down(PlaceArgs),
    /// Breaks a network of its own, one fault after another
    Drill {
        #[command(flatten)]
        place: PlaceArgs,
        #[command(flatten)]
        what: drill::DrillArgs,
    },
    /// Holds the election of a file on a network of its own, and compares its result with the file's count
    Rehearse(rehearse::RehearseArgs),
    /// Measures a network of its own
    Bench {
        #[command(flatten)]
        place: PlaceArgs,
        #[command(flatten)]
        what: bench::BenchArgs,
    },
}

fn main() -> ExitCode {
    let command = Cli::parse().command;
    if let Err(e) = process::end_with_us() {
        eprintln!("urne-testnet: {e:#}");
        return ExitCode::FAILURE;
    }
    let ended = match command {
        Command::Up(place) => up::up(&place.place()).map(|()| true),
        Command::Down(place) => up::down(&place.place()).map(|()| true),
        Command::Drill { place, what } => drill::run(&place.beside("drill", 100), &what),
        Command::Rehearse(what) => rehearse::run(&what),
        Command::Bench { place, what } => bench::run(&place.beside("bench", 200), &what),
    };
    match ended {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(e) => {
            eprintln!("urne-testnet: {e:#}");
            ExitCode::FAILURE
        }
    }
}
