//! Settings of this machine as flags of the command line, for every command that reads config.toml.
use crate::{Context, exit::Failure};
use clap::Args;
use urne_node::config::{Flag, Loaded};

/// Flags that win over `URNE_*` variables and config.toml.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct SettingsArgs {
    /// Address and port of the HTTP API
    #[arg(long, value_name = "IP:PORT")]
    api_listen: Option<String>,
    /// Multiaddresses of the network, separated by commas
    #[arg(long, value_name = "MULTIADDR,…")]
    p2p_listen: Option<String>,
    /// pretty or json
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<String>,
    /// Least severe log lines, as in info,urne_net=debug
    #[arg(long, value_name = "FILTER")]
    log_filter: Option<String>,
    /// Any setting, as in mempool.bytes_max=1000000 (see `urne config show`)
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
}

impl SettingsArgs {
    /// The settings in force for a node's folder.
    pub(crate) fn load(&self, context: &Context) -> Result<Loaded, Failure> {
        context.home.must_exist()?;
        let file = context.home.config_file();
        Ok(Loaded::load(Some(&file), std::env::vars(), &self.flags()?)?)
    }

    fn flags(&self) -> Result<Vec<Flag>, Failure> {
        let named = [
            ("--api-listen", "api.listen", &self.api_listen),
            ("--p2p-listen", "p2p.listen", &self.p2p_listen),
            ("--log-format", "log.format", &self.log_format),
            ("--log-filter", "log.filter", &self.log_filter),
        ];
        let flag =
            |name: &str, key: &str, value: &str| Flag { name: name.into(), key: key.into(), value: value.into() };
        let mut flags: Vec<Flag> = named
            .into_iter()
            .filter_map(|(name, key, value)| value.as_ref().map(|value| flag(name, key, value)))
            .collect();
        for pair in &self.set {
            let (key, value) = pair
                .split_once('=')
                .ok_or_else(|| Failure::usage(format!("--set {pair}: write it as section.name=value")))?;
            flags.push(flag("--set", key.trim(), value.trim()));
        }
        Ok(flags)
    }
}
