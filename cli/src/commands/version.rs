//! `urne version`: what runs here, and which protocol it follows.
use crate::{Context, exit::Failure};
use serde::Serialize;
use std::fmt;
use urne_types::genesis::PROTOCOL_VERSION;

#[derive(Serialize)]
struct Version {
    version: &'static str,
    /// As `build.rs` found it: `unknown` outside of git, with `-modified` where files differed from it.
    commit: &'static str,
    protocol_version: u16,
    target: String,
}
impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "urne {} (commit {}, protocol {}, {})", self.version, self.commit, self.protocol_version, self.target)
    }
}

pub(super) fn run(context: &Context) -> Result<(), Failure> {
    context.output.say(&Version {
        version: env!("CARGO_PKG_VERSION"),
        commit: env!("URNE_COMMIT"),
        protocol_version: PROTOCOL_VERSION,
        target: format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS),
    });
    Ok(())
}
