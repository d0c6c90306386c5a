//! An election from its census to its count, run through the API like any other client would: census in parts, adopted;
//! draft, scheduled; opening awaited; ballots; close by an act; count awaited.
use crate::{
    client::Client,
    network::Network,
    people::{Administrators, Census, Member, now},
};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::time::Duration;
use urne_node::api::dto::ElectionState;
use urne_types::{
    CensusId, ElectionId, UnixMs,
    bounded::{List, Text},
    election::{EarlyClose, ElectionDefinition, Method, NullPolicy, Question, RevotePolicy, Secrecy},
    governance::Act,
};

/// One transaction of governance is in a block well before this.
pub(crate) const COMMIT: Duration = Duration::from_secs(30);
/// From the draft to the opening: three acts of a few blocks each, on a loaded machine.
const OPENS_AFTER_MS: u64 = 10_000;
/// Long enough for every drill; they close by an act.
pub(crate) const LASTS_MS: u64 = 6 * 3_600_000;

/// What is asked.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    /// As printed.
    pub(crate) title: String,
    /// Who stands.
    pub(crate) choices: Vec<String>,
    /// Worst first.
    pub(crate) grades: Vec<String>,
    /// What no opinion counts as.
    pub(crate) nulls: NullPolicy,
}

/// An election that is open.
pub(crate) struct Election {
    /// Its name.
    pub(crate) id: ElectionId,
    /// As frozen.
    pub(crate) definition: ElectionDefinition,
    /// Who may vote.
    pub(crate) members: Vec<Member>,
    administrators: Administrators,
}

impl Ask {
    pub(crate) fn definition(
        &self,
        census: CensusId,
        opens_at: UnixMs,
        closes_at: UnixMs,
    ) -> Result<ElectionDefinition> {
        let texts = |it: &[String]| it.iter().map(Text::new).collect::<Result<Vec<_>, _>>();
        let method = Method::MajorityJudgment { grades: List::new(texts(&self.grades)?)?, nulls: self.nulls };
        let question = Question { title: Text::new(&*self.title)?, choices: List::new(texts(&self.choices)?)?, method };
        Ok(ElectionDefinition {
            title: Text::new(&*self.title)?,
            questions: List::new(vec![question])?,
            census,
            secrecy: Secrecy::Open,
            opens_at,
            closes_at,
            grace_ms: 0,
            revote: RevotePolicy::LastCounts,
            early_close: EarlyClose::ByAct,
            convened_at: None,
            documents: List::default(),
            statutes: None,
        })
    }
}

impl Election {
    /// Brings and adopts the census, drafts and schedules the election, and waits until it is open.
    pub(crate) fn open(network: &Network, ask: &Ask, members: Vec<Member>, say: impl Fn(&str)) -> Result<Self> {
        let election = Self::schedule(network, ask, members, OPENS_AFTER_MS, say)?;
        election.until_open(network)?;
        Ok(election)
    }
    /// Any definition, open: `define` receives its census, its opening and its close.
    pub(crate) fn of(
        network: &Network,
        members: Vec<Member>,
        define: impl FnOnce(CensusId, UnixMs, UnixMs) -> Result<ElectionDefinition>,
    ) -> Result<Self> {
        let election = Self::scheduled(network, members, OPENS_AFTER_MS, define, |it| eprintln!("{it}"))?;
        election.until_open(network)?;
        Ok(election)
    }
    fn until_open(&self, network: &Network) -> Result<()> {
        for client in network.clients() {
            client.until(Duration::from_millis(OPENS_AFTER_MS) + COMMIT, "open the election", |it| {
                Ok(it.election(&self.id)?.state == ElectionState::Open)
            })?;
        }
        Ok(())
    }
    /// The same without waiting.
    pub(crate) fn schedule(
        network: &Network,
        ask: &Ask,
        members: Vec<Member>,
        opens_after_ms: u64,
        say: impl Fn(&str),
    ) -> Result<Self> {
        let define = |census, opens_at, closes_at| ask.definition(census, opens_at, closes_at);
        Self::scheduled(network, members, opens_after_ms, define, say)
    }
    fn scheduled(
        network: &Network,
        members: Vec<Member>,
        opens_after_ms: u64,
        define: impl FnOnce(CensusId, UnixMs, UnixMs) -> Result<ElectionDefinition>,
        say: impl Fn(&str),
    ) -> Result<Self> {
        let client = network.node(0).client();
        let administrators = network.administrators()?;
        let census = Census::of(&members)?;
        say(&format!("census of {} members, adopted by three colleges", members.len()));
        bring(&client, &administrators, &census)?;
        let opens_at = now().plus(opens_after_ms);
        let definition = define(census.commitment.id(), opens_at, opens_at.plus(LASTS_MS))?;
        schedule(&client, &administrators, &definition)?;
        let id = definition.election_id(&network.chain());
        say(&format!("election {id} is scheduled by three colleges and opens at {}", definition.opens_at));
        Ok(Self { id, definition, members, administrators })
    }
    /// Closes it by an act and waits for the count: the result.
    pub(crate) fn close(&self, client: &Client) -> Result<Value> {
        self.close_within(client, COMMIT)
    }
    /// The same, when the count may take longer.
    pub(crate) fn close_within(&self, client: &Client, at_most: Duration) -> Result<Value> {
        decide(client, &self.administrators, Act::CloseElection { election: self.id })
            .context("closing the election")?;
        self.until_tallied_within(client, at_most)?;
        client.result(&self.id)
    }
    /// Waits until a node has the count.
    pub(crate) fn until_tallied(&self, client: &Client) -> Result<()> {
        self.until_tallied_within(client, COMMIT)
    }
    /// The same, when the count may take longer.
    pub(crate) fn until_tallied_within(&self, client: &Client, at_most: Duration) -> Result<()> {
        client.until(at_most, "count the election", |it| Ok(it.election(&self.id)?.state == ElectionState::Tallied))?;
        Ok(())
    }
}

/// Brings a census in its parts, and has it adopted.
pub(crate) fn bring(client: &Client, administrators: &Administrators, census: &Census) -> Result<()> {
    for chunk in census.chunks()? {
        client.commit(&administrators.sends(chunk), COMMIT).context("bringing the census")?;
    }
    decide(client, administrators, Act::AdoptCensus { census: census.commitment.id() }).context("adopting the census")
}

/// Drafts an election, and has it scheduled.
pub(crate) fn schedule(
    client: &Client,
    administrators: &Administrators,
    definition: &ElectionDefinition,
) -> Result<()> {
    client.commit(&administrators.draft(definition), COMMIT).context("drafting the election")?;
    decide(client, administrators, Act::ScheduleElection { draft: definition.draft_id() })
        .context("scheduling the election")
}

/// Proposes an act and has it approved by two more colleges.
pub(crate) fn decide(client: &Client, administrators: &Administrators, act: Act) -> Result<()> {
    for tx in administrators.decide(act) {
        client.commit(&tx, COMMIT)?;
    }
    Ok(())
}

/// Refuses a network whose nodes do not show one and the same result.
pub(crate) fn same_result(network: &Network, id: &ElectionId) -> Result<Value> {
    let results = network.clients().iter().map(|it| it.result(id)).collect::<Result<Vec<_>>>()?;
    ensure!(results.windows(2).all(|it| it[0] == it[1]), "the nodes show different results");
    results.into_iter().next().context("a network has nodes")
}
