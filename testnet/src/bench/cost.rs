//! What committing ballots costs: processor time, bytes on disk, bytes on the wire.
use crate::{
    network::Network,
    process::{Cost, Process},
};
use anyhow::Result;
use std::{fs, path::Path};

/// A moment's counters.
#[derive(Clone, Debug)]
pub(crate) struct Meter {
    /// Processor time of each validator, in milliseconds.
    pub(crate) cpu_ms: Vec<u64>,
    /// Memory of each validator, in KiB.
    pub(crate) rss_kib: Vec<u64>,
    /// Our own processor time: the generator's.
    pub(crate) own_cpu_ms: u64,
    /// Bytes of all homes' ledgers and logs.
    pub(crate) disk_bytes: u64,
    /// Bytes received over the loopback interface, by everybody on this machine.
    pub(crate) loopback_bytes: u64,
}

impl Meter {
    /// Reads all of them.
    pub(crate) fn read(network: &mut Network) -> Result<Self> {
        let costs = (0..network.len())
            .map(|i| Ok(Cost::of(network.process(i).map(|it| Process::pid(it))?)))
            .collect::<Result<Vec<_>>>()?;
        let homes = network.description.nodes.iter().map(|it| bytes_under(&it.home.join("data")));
        Ok(Self {
            cpu_ms: costs.iter().map(|it| it.cpu_ms).collect(),
            rss_kib: costs.iter().map(|it| it.rss_kib).collect(),
            own_cpu_ms: Cost::own().cpu_ms,
            disk_bytes: homes.sum(),
            loopback_bytes: loopback(&fs::read_to_string("/proc/net/dev").unwrap_or_default()),
        })
    }
    /// Processor time of all validators since another moment.
    pub(crate) fn cpu_ms_since(&self, before: &Self) -> u64 {
        self.cpu_ms.iter().zip(&before.cpu_ms).map(|(now, then)| now.saturating_sub(*then)).sum()
    }
}

/// Bytes that files take on the disk, not their nominal length: RocksDB reserves its log ahead.
fn bytes_under(path: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt;
    let Ok(found) = fs::symlink_metadata(path) else { return 0 };
    if !found.is_dir() {
        return found.blocks() * 512;
    }
    fs::read_dir(path).into_iter().flatten().flatten().map(|it| bytes_under(&it.path())).sum()
}

fn loopback(table: &str) -> u64 {
    let line = table.lines().find_map(|it| it.trim_start().strip_prefix("lo:"));
    line.and_then(|it| it.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_bytes_are_the_first_column_of_its_line() {
        let table = "Inter-|   Receive\n face |bytes\n  eth0: 1 2\n    lo: 12345      10    0\n";
        assert_eq!(loopback(table), 12_345);
    }
}
