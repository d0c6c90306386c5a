//! Signing a transaction, sending it, and waiting until it is in a block. What is signed names its chain, so a node of
//! another chain can do nothing with it.
use crate::{
    Context,
    client::{ApiArgs, Client},
    exit::{Exit, Failure},
    passphrase::{Kept, PassphraseArgs},
};
use clap::Args;
use std::{
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use urne_node::{
    api::dto::{Status, TxState},
    genesis_file::CheckedGenesis,
    keystore::{KeyFile, KeyRole},
};
use urne_types::{
    ChainId, PublicKey, SecretKey, UnixMs,
    transaction::{Payload, RawTx, UnsignedTx},
};

/// How often a waiting transaction is asked for.
const GLANCE: Duration = Duration::from_millis(50);

/// How a transaction is sent.
#[derive(Clone, Debug, Args)]
pub(crate) struct SendArgs {
    #[command(flatten)]
    pub(crate) api: ApiArgs,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    /// Return as soon as a node has taken it; it may still be refused
    #[arg(long, global = true)]
    no_wait: bool,
    /// Longest wait for a block, in seconds
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 60)]
    timeout_s: u64,
}

/// Who signs an act of governance.
#[derive(Clone, Debug, Args)]
pub(crate) struct AdministratorArgs {
    /// The administrator's key file; this folder's by default
    #[arg(long, global = true, value_name = "FILE")]
    key: Option<PathBuf>,
}
impl AdministratorArgs {
    /// The file.
    pub(crate) fn file(&self, context: &Context) -> PathBuf {
        self.key.clone().unwrap_or_else(|| context.home.admin_key())
    }
}

/// Until when a transaction is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Until {
    /// A node has taken it.
    Taken,
    /// It is in a block.
    Committed,
}

/// A node, its chain, and how long the user waits.
pub(crate) struct Channel {
    /// The node.
    pub(crate) client: Client,
    /// Its chain.
    pub(crate) chain: ChainId,
    /// Until when the user wants to wait.
    pub(crate) until: Until,
    timeout: Duration,
}

/// One signer before one node.
pub(crate) struct Sender {
    channel: Channel,
    key: SecretKey,
}
impl std::ops::Deref for Sender {
    type Target = Channel;
    fn deref(&self) -> &Channel {
        &self.channel
    }
}

impl SendArgs {
    /// Opens the key and asks the node for its chain.
    pub(crate) fn sender(&self, context: &Context, key: &Path, role: KeyRole) -> Result<Sender, Failure> {
        Ok(self.sender_and_kept(context, key, role)?.0)
    }
    /// The same, and how the key is kept, for more secrets to be kept the same way.
    pub(crate) fn sender_and_kept(
        &self,
        context: &Context,
        key: &Path,
        role: KeyRole,
    ) -> Result<(Sender, Kept), Failure> {
        let file = KeyFile::read(key, role)?;
        let phrase = self.passphrase.obtain(&file)?;
        let key = file.open(phrase.as_ref())?;
        Ok((Sender { channel: self.channel(context)?, key }, Kept::like(phrase)))
    }
    /// Opens a key file.
    pub(crate) fn open(&self, file: &KeyFile) -> Result<SecretKey, Failure> {
        self.passphrase.open(file)
    }
    /// The node that is asked.
    pub(crate) fn client(&self, context: &Context) -> Result<Client, Failure> {
        self.api.client(context)
    }
    /// Asks the node for its chain.
    pub(crate) fn channel(&self, context: &Context) -> Result<Channel, Failure> {
        let client = self.api.client(context)?;
        let chain = chain_of(context, &client)?;
        let until = if self.no_wait { Until::Taken } else { Until::Committed };
        Ok(Channel { client, chain, until, timeout: Duration::from_secs(self.timeout_s) })
    }
}

/// The node's chain; when this folder belongs to a chain, it must be that one.
fn chain_of(context: &Context, client: &Client) -> Result<ChainId, Failure> {
    let found = client.get::<Status>("/v1/status")?.chain_id;
    let file = context.home.genesis_file();
    if !file.exists() {
        return Ok(found);
    }
    let expected = CheckedGenesis::read(&file)?.chain_id();
    if found == expected {
        return Ok(found);
    }
    let (url, home) = (client.url(), context.home.root().display());
    Err(Failure::environment(format!(
        "{url} serves chain {found}, but {home} belongs to chain {expected}: choose another --api or --home"
    )))
}

impl Sender {
    /// The public half of the key.
    pub(crate) fn public(&self) -> PublicKey {
        self.key.public()
    }
    /// Signs a payload and has it taken.
    pub(crate) fn submit(&self, payload: Payload) -> Result<TxState, Failure> {
        let unsigned = UnsignedTx::new(self.chain, self.key.public(), payload);
        self.take(&unsigned.sign(&self.key).to_raw())
    }
    /// Signs a payload, has it taken, and follows it.
    pub(crate) fn send(&self, payload: Payload, until: Until) -> Result<TxState, Failure> {
        let taken = self.submit(payload)?;
        self.follow(taken, until)
    }
}

impl Channel {
    /// Longest wait.
    pub(crate) const fn timeout(&self) -> Duration {
        self.timeout
    }
    /// Has a signed transaction taken.
    fn take(&self, raw: &RawTx) -> Result<TxState, Failure> {
        self.client.submit(raw).and_then(unless_rejected)
    }
    /// Has a signed transaction taken, and follows it as the user wants.
    pub(crate) fn deliver(&self, raw: &RawTx) -> Result<TxState, Failure> {
        self.follow(self.take(raw)?, self.until)
    }
    /// Follows what was taken.
    pub(crate) fn follow(&self, taken: TxState, until: Until) -> Result<TxState, Failure> {
        let TxState::Pending { txid } = taken else { return Ok(taken) };
        if until == Until::Taken {
            return Ok(taken);
        }
        let since = Instant::now();
        loop {
            match self.client.fate(&txid)?.map(unless_rejected).transpose()? {
                Some(committed @ TxState::Committed { .. }) => return Ok(committed),
                _ if self.timeout < since.elapsed() => return Err(late(&txid.to_string(), self.timeout)),
                _ => thread::sleep(GLANCE),
            }
        }
    }
}

fn unless_rejected(state: TxState) -> Result<TxState, Failure> {
    match state {
        TxState::Rejected { code, name, title, .. } => Err(Failure::rule(Exit::Rejected, code, &name, title)),
        other => Ok(other),
    }
}

fn late(txid: &str, timeout: Duration) -> Failure {
    let seconds = timeout.as_secs();
    Failure::new(
        Exit::Unreachable,
        format!(
            "transaction {txid} is in no block after {seconds} s, and may still be: see `urne status` for who is missing"
        ),
    )
}

/// This machine's clock.
pub(crate) fn now() -> UnixMs {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMs::new(u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX))
}
