//! Faults on purpose, on a network of its own with the default limits: what must hold is checked through the API and the exit
//! codes, and measured. Each drill sets its own stage and takes it down; a stage that failed keeps its folder for the reader.
mod abuse;
mod crash;
mod disk;
mod folder;
mod quorum;
mod restore;
mod stage;
mod wal;

use crate::{
    network::Place,
    report::{Audience, Report},
};
use anyhow::{Result, ensure};
use clap::Args;
use serde_json::json;

/// What to drill.
#[derive(Args)]
pub(crate) struct DrillArgs {
    /// Only this one; several by commas (see --list)
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    only: Vec<String>,
    /// Names the drills and ends
    #[arg(long)]
    list: bool,
    /// One JSON object at the end instead of lines
    #[arg(long)]
    json: bool,
    /// How often a validator is killed in the drill `crash`
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..1000))]
    kills: u16,
}

/// One drill.
struct Drill {
    name: &'static str,
    sentence: &'static str,
    run: fn(&mut Report, &Place, &DrillArgs) -> Result<()>,
}

const DRILLS: &[Drill] = &[
    Drill {
        name: "crash",
        sentence: "a random validator is killed at random moments under 200 ballots a second",
        run: crash::run,
    },
    Drill { name: "quorum", sentence: "one college of four stops, then two", run: quorum::run },
    Drill { name: "folder", sentence: "another chain's folder, a missing guard, a folder in use", run: folder::run },
    Drill {
        name: "wal",
        sentence: "the write-ahead log is lost, damaged in its middle, torn at its end",
        run: wal::run,
    },
    Drill { name: "disk", sentence: "a full disk, a failing fsync, a clock two minutes off", run: disk::run },
    Drill { name: "restore", sentence: "a snapshot is restored onto a new machine", run: restore::run },
    Drill { name: "abuse", sentence: "slow and flooding clients, and every wrong transaction", run: abuse::run },
    Drill { name: "stop", sentence: "every validator is asked to stop under load", run: crash::stop },
];

/// Runs the drills; whether all held.
pub(crate) fn run(place: &Place, args: &DrillArgs) -> Result<bool> {
    if args.list {
        DRILLS.iter().for_each(|it| println!("{:8} {}", it.name, it.sentence));
        return Ok(true);
    }
    for name in &args.only {
        ensure!(DRILLS.iter().any(|it| it.name == name), "there is no drill '{name}': see --list");
    }
    let mut report = Report::new(if args.json { Audience::Programs } else { Audience::People });
    let chosen: Vec<&Drill> =
        DRILLS.iter().filter(|it| args.only.is_empty() || args.only.iter().any(|name| name == it.name)).collect();
    for drill in &chosen {
        report.begin(drill.name, drill.sentence);
        let place = Place { folder: place.folder.join(drill.name), base_port: place.base_port };
        if let Err(e) = (drill.run)(&mut report, &place, args) {
            report.check("the drill itself", || Err(e));
        }
    }
    report.finish(&json!({ "drills": chosen.iter().map(|it| it.name).collect::<Vec<_>>(), "kills": args.kills }))?;
    Ok(report.is_good())
}
