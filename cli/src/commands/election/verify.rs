//! `urne election verify`: the universal verification. From a node or from an archive, everything is checked again down to
//! the result, and nothing is believed but the name of the chain.
use super::show::counted;
use crate::{
    Context,
    client::ApiArgs,
    exit::Failure,
    universal::{Verifying, broken, collect, threads},
};
use clap::Args;
use serde::Serialize;
use std::{
    fmt,
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use urne_exchange::counted::Counted;
use urne_light::{
    VerifiedCeremony, VerifiedCredentials, VerifiedElection,
    archive::{ArchiveReader, ReadError, Record},
};
use urne_node::{
    api::dto::{Moment, Number, QuestionAnswer, Turnout},
    genesis_file::CheckedGenesis,
};
use urne_types::{ChainId, CollegeId, ElectionId, MerkleRoot};
use urne_vote_contract::{Count, sealed::records::IssuanceRecord};

/// Checks an election again, from its ballots to its result.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// Which; it may be left out with an archive
    #[arg(required_unless_present = "archive")]
    election: Option<ElectionId>,
    /// What `urne election archive` wrote; a node is asked without
    #[arg(long, value_name = "FILE")]
    archive: Option<PathBuf>,
    /// The chain's genesis; this folder's by default
    #[arg(long, value_name = "FILE", conflicts_with = "chain")]
    genesis: Option<PathBuf>,
    /// The chain's name, in place of its genesis
    #[arg(long, value_name = "ID")]
    chain: Option<ChainId>,
    #[command(flatten)]
    api: ApiArgs,
}

/// What was checked, how many, how fast, and what came out.
#[derive(Serialize)]
struct Verified {
    verified: bool,
    chain: ChainId,
    election: ElectionId,
    title: String,
    /// The newest block whose state was shown.
    state: Moment,
    checked: Checked,
    ballots_root: MerkleRoot,
    emargements_root: MerkleRoot,
    elapsed_ms: Number,
    ballots_per_second: Number,
    threads: usize,
    turnout: Turnout,
    questions: Vec<QuestionAnswer>,
}

#[derive(Serialize)]
struct Checked {
    handovers: Number,
    certificates: Number,
    state_entries: Number,
    census_entries: Number,
    blocks: Number,
    transactions: Number,
    ballots: Number,
    revotes: Number,
    emargements: Number,
    /// Of a secret election.
    #[serde(skip_serializing_if = "Option::is_none")]
    ceremony: Option<Held>,
    /// Where credentials were issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    credentials: Option<Followed>,
}

/// The ceremony that made the keys, held again.
#[derive(Serialize)]
struct Held {
    messages: Number,
    attempts: u32,
    trustees: Vec<u16>,
    threshold: u16,
    registrars_keys: Number,
}
impl Held {
    fn of(it: &VerifiedCeremony) -> Self {
        Self {
            messages: Number(it.messages),
            attempts: it.attempts,
            trustees: it.trustees.clone(),
            threshold: it.threshold,
            registrars_keys: Number::of(it.registrars_keys),
        }
    }
}

#[derive(Serialize)]
struct Followed {
    approvals: Number,
    approved: Number,
    registered: Number,
    late: Number,
    /// Colleges where more were signed than asked for.
    alarms: Vec<CollegeId>,
    approvals_root: MerkleRoot,
    registered_root: MerkleRoot,
}
impl Followed {
    fn of(it: &VerifiedCredentials) -> Self {
        let sum = |of: fn(&IssuanceRecord) -> Count| Number(it.colleges.iter().map(|(_, it)| of(it).get()).sum());
        Self {
            approvals: Number(it.approvals.size),
            approved: sum(|it| it.approved),
            registered: sum(|it| it.registered),
            late: sum(|it| it.late),
            alarms: it.colleges.iter().filter(|(_, it)| it.alarm.is_some()).map(|(college, _)| *college).collect(),
            approvals_root: it.approvals.root,
            registered_root: it.registered.root,
        }
    }
}

impl VerifyArgs {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let trusted = match self.chain {
            Some(chain) => chain,
            None => {
                let genesis = self.genesis.unwrap_or_else(|| context.home.genesis_file());
                CheckedGenesis::read(&genesis)?.chain_id()
            }
        };
        let begun = Instant::now();
        let mut verifying = Verifying::new(trusted, self.election, context.output.progress("ballots", 0));
        let mut found = None;
        let mut each = |record| {
            found = verifying.take(record)?;
            Ok(())
        };
        match (&self.archive, self.election) {
            (Some(file), _) => read(file, &mut each)?,
            (None, Some(election)) => collect(&self.api.client(context)?, election, &mut each)?,
            (None, None) => return Err(Failure::usage("name an election, or give --archive")),
        }
        let found = found.ok_or_else(|| Failure::unverified("the records end before their end"))?;
        context.output.say(&Verified::of(&found, begun.elapsed())?);
        Ok(())
    }
}

fn read(file: &Path, each: &mut dyn FnMut(Record) -> Result<(), Failure>) -> Result<(), Failure> {
    let disk = |e| Failure::environment(format!("{}: {e}", file.display()));
    let failed = |e| match e {
        ReadError::Disk(e) => disk(e),
        ReadError::Fault(fault) => broken(fault),
    };
    let records = ArchiveReader::open(BufReader::new(File::open(file).map_err(disk)?)).map_err(failed)?;
    records.into_iter().try_for_each(|record| each(record.map_err(failed)?))
}

impl Verified {
    fn of(it: &VerifiedElection, elapsed: Duration) -> Result<Self, Failure> {
        let questions = it.definition.questions.iter().zip(&it.result.questions).map(|(question, result)| {
            let counted = Counted::of(question, result).map_err(Failure::unverified)?;
            Ok(QuestionAnswer { title: question.title.to_string(), counted })
        });
        let elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        let ballots = it.ballots.size;
        Ok(Self {
            verified: true,
            chain: it.chain,
            election: it.election,
            title: it.definition.title.to_string(),
            state: it.newest.into(),
            checked: Checked {
                handovers: Number::of(it.handovers),
                certificates: Number(it.certificates),
                state_entries: Number::of(it.state_entries),
                census_entries: Number::of(it.members),
                blocks: Number(it.blocks),
                transactions: Number(it.txs),
                ballots: Number(ballots),
                revotes: Number(ballots.saturating_sub(it.emargements.size)),
                emargements: Number(it.emargements.size),
                ceremony: it.ceremony.as_ref().map(Held::of),
                credentials: it.credentials.as_ref().map(Followed::of),
            },
            ballots_root: it.ballots.root,
            emargements_root: it.emargements.root,
            elapsed_ms: Number(elapsed_ms),
            ballots_per_second: Number(ballots.saturating_mul(1_000) / elapsed_ms.max(1)),
            threads: threads(),
            turnout: it.result.turnout.clone().into(),
            questions: questions.collect::<Result<_, Failure>>()?,
        })
    }
}

impl fmt::Display for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { chain, election, title, state, checked, turnout, .. } = self;
        writeln!(f, "verified: election {election} '{title}' of chain {chain}, from its genesis to its result")?;
        let Checked { handovers, certificates, state_entries, census_entries, .. } = checked;
        writeln!(f, "  validators   {handovers} handovers; {certificates} certificates of more than two thirds")?;
        writeln!(f, "  state        {state_entries} entries proven, the newest under block {}", state.height)?;
        writeln!(f, "  census       {census_entries} entries, those that the election names")?;
        let Checked { blocks, transactions, ballots, revotes, emargements, .. } = checked;
        writeln!(f, "  blocks       {blocks}, with {transactions} transactions")?;
        if let Some(Held { messages, trustees, threshold, .. }) = &checked.ceremony {
            let trustees = trustees.len();
            writeln!(
                f,
                "  ceremony     {messages} messages, {trustees} trustees, threshold {threshold}: they make the keys that the \
                 ballots are sealed to"
            )?;
        }
        if let Some(Followed { approvals, approved, registered, late, alarms, .. }) = &checked.credentials {
            writeln!(
                f,
                "  approvals    {approvals}, each signed by its registrar: {approved} members asked, of {census_entries}"
            )?;
            writeln!(
                f,
                "  credentials  {registered}, {late} of them late: each signed by its registrars, no more than members asked, in \
                 each college"
            )?;
            for college in alarms {
                writeln!(
                    f,
                    "  ALARM        college {college}: its registrars signed more credentials than members asked for"
                )?;
            }
        }
        writeln!(
            f,
            "  ballots      {ballots}, {revotes} of them revotes: each signed, of a member, in time, by the rules"
        )?;
        writeln!(f, "  log          all of them, in order: {}", self.ballots_root)?;
        writeln!(f, "  émargements  {emargements}, one for each member who voted: {}", self.emargements_root)?;
        writeln!(f, "  result       counted again: it is the ledger's")?;
        let (seconds, ms) = (self.elapsed_ms.0 / 1_000, self.elapsed_ms.0 % 1_000);
        let (rate, threads) = (self.ballots_per_second, self.threads);
        writeln!(f, "in {seconds}.{ms:03} s, {rate} ballots a second on {threads} threads")?;
        writeln!(f, "voted {} of {}", turnout.voted, turnout.registered)?;
        for question in &self.questions {
            writeln!(f, "{}", question.title)?;
            counted(f, &question.counted)?;
        }
        Ok(())
    }
}
