//! Where the chain stands, who decides, blocks and neighbours.
use super::{
    app::App,
    dto::{self, Hex, Number, Page},
    parameters::{Asked, parse_height},
    problem::{Fault, Problem},
};
use axum::{
    Json,
    extract::{Path, State},
};
use std::{
    collections::BTreeMap,
    time::{SystemTime, UNIX_EPOCH},
};
use urne_consensus::power::PowerReport;
use urne_ledger::View;
use urne_net::Direction;
use urne_types::{
    CollegeId, Height, UnixMs, ValidatorId, VotingPower,
    codec::encode,
    governance::College,
    transaction::RawTx,
    validators::{ProposerDuty, ValidatorSet},
};
use urne_vote_contract::{
    read,
    records::{Standing, ValidatorEntry},
};

/// `GET /v1/status`.
pub(crate) async fn status(State(app): State<App>) -> Result<Json<dto::Status>, Problem> {
    let now = app.shared.status.borrow().clone();
    let now = now.ok_or_else(|| Problem::from(Fault::NotReady).hint("the node is starting"))?;
    let shared = std::sync::Arc::clone(&app.shared);
    app.read(move |ledger, state| {
        let (tip, chain) = (ledger.tip()?, read::chain(state));
        let directory = Directory::of(state);
        Ok(Json(dto::Status {
            chain_id: shared.genesis.chain_id(),
            name: chain.name.to_string(),
            version: env!("CARGO_PKG_VERSION").into(),
            protocol_version: read::protocol_version_at(state, tip.height.next()),
            height: tip.height,
            hash: tip.block,
            time: tip.time,
            app_hash: tip.app_hash,
            consensus: now.consensus.into(),
            round: now.round,
            absent: now.absent.iter().map(|it| directory.absent(it)).collect(),
            colleges: directory.powers(&tip.validators),
            halting: chain.halting,
            pending_suspensions: directory.pending_suspensions(),
            mempool: dto::Mempool { transactions: Number::of(now.mempool_txs), bytes: Number::of(now.mempool_bytes) },
            peers: u32::try_from(shared.net.peers().len()).unwrap_or(u32::MAX),
            node: dto::NodeIdentity {
                id: shared.net.node_id(),
                role: shared.info.role.into(),
                validator: shared.info.validator,
                college: shared.info.validator.and_then(|it| directory.college_of(&it)),
            },
        }))
    })
    .await
}

/// `GET /v1/genesis`: whose hash is the chain's name.
pub(crate) async fn genesis(State(app): State<App>) -> Json<dto::Genesis> {
    let genesis = &app.shared.genesis;
    Json(dto::Genesis { chain_id: genesis.chain_id(), genesis: Hex(encode(genesis)) })
}

/// `GET /v1/validators`: at most `VALIDATORS_MAX` decide at a time; who was replaced stays on record for ever, and
/// comes when asked for with `?past=true`.
pub(crate) async fn validators(State(app): State<App>, asked: Asked) -> Result<Json<dto::Validators>, Problem> {
    let window = asked.window()?;
    let is_past_wanted = asked.yes_or_no("past")?;
    app.read(move |ledger, state| {
        let tip = ledger.tip()?;
        let directory = Directory::of(state);
        let report = PowerReport::of(&tip.validators);
        let is_past = |it: &ValidatorEntry| matches!(it.standing, Standing::Replaced { .. });
        let read::Page { skip, take } = window.and_one();
        let wanted = directory.validators.iter().filter(|it| is_past_wanted || !is_past(it)).skip(skip).take(take);
        let page = window.page(wanted.map(|it| directory.validator(it, &tip.validators)).collect());
        Ok(Json(dto::Validators {
            items: page.items,
            next: page.next,
            height: tip.height.next(),
            total_power: report.total,
            quorum: report.quorum,
            halting_sets: report.halting,
            deciding_sets: report.deciding,
            warnings: report.warnings.iter().map(ToString::to_string).collect(),
        }))
    })
    .await
}

/// `GET /v1/blocks/{height}`: whole, since a block is bounded (`BLOCK_TXS_MAX`, `BLOCK_BYTES_MAX`).
pub(crate) async fn block(
    State(app): State<App>,
    Path(height): Path<String>,
    asked: Asked,
) -> Result<Json<dto::Block>, Problem> {
    let height = parse_height(&height)?;
    let is_raw_wanted = asked.has("raw");
    app.read(move |ledger, _| {
        let block = ledger.block(height)?.ok_or(Fault::UnknownBlock)?;
        let certificate = ledger.certificate(height)?.ok_or(Fault::UnknownBlock)?;
        let raw = is_raw_wanted.then(|| Hex(block.encode()));
        let id = |bytes: Vec<u8>| RawTx(bytes).decode().map(|it| it.unsigned.id());
        Ok(Json(dto::Block {
            height,
            hash: block.header.hash(),
            header: (&block.header).into(),
            certificate,
            txs: block.txs.into_vec().into_iter().map(id).collect::<Result<_, _>>().map_err(|_| Fault::Internal)?,
            raw,
        }))
    })
    .await
}

/// `GET /v1/handovers`: a page goes on from the height after its last.
pub(crate) async fn handovers(State(app): State<App>, asked: Asked) -> Result<Json<Page<dto::Handover>>, Problem> {
    let window = asked.window()?;
    app.read(move |ledger, _| {
        let mut found = ledger.handovers(Height::new(window.from), window.limit + 1)?;
        let is_more = window.limit < found.len();
        found.truncate(window.limit);
        let next = found.last().filter(|_| is_more).map(|it| Number(it.header.height.next().get()));
        let item = |it: urne_types::proof::Handover| dto::Handover {
            height: it.header.height,
            handover: Hex(encode(&it)),
            next: it.next.members().to_vec(),
        };
        Ok(Json(Page { items: found.into_iter().map(item).collect(), next }))
    })
    .await
}

/// `GET /v1/peers`: they are bounded by the network's own limits.
pub(crate) async fn peers(State(app): State<App>) -> Json<Page<dto::Peer>> {
    let unix = |at: SystemTime| {
        let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
        UnixMs::new(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    };
    let peer = |it: urne_net::PeerInfo| dto::Peer {
        node: it.node,
        address: it.address,
        direction: match it.direction {
            Direction::Inbound => dto::PeerDirection::Inbound,
            Direction::Outbound => dto::PeerDirection::Outbound,
        },
        connected_since: unix(it.connected_since),
        is_validator: it.is_validator,
    };
    Json(Page { items: app.shared.net.peers().into_iter().map(peer).collect(), next: None })
}

/// Validators and colleges by name, at one moment.
struct Directory {
    validators: Vec<ValidatorEntry>,
    colleges: BTreeMap<CollegeId, College>,
}

impl Directory {
    fn of(state: &View<'_>) -> Self {
        Self {
            validators: read::validators(state),
            colleges: read::colleges(state).into_iter().map(|it| (it.id, it)).collect(),
        }
    }
    fn entry(&self, id: &ValidatorId) -> Option<&ValidatorEntry> {
        self.validators.iter().find(|it| it.record.id() == *id)
    }
    fn college_of(&self, id: &ValidatorId) -> Option<CollegeId> {
        self.entry(id).map(|it| it.record.college)
    }
    fn college_name(&self, id: CollegeId) -> String {
        self.colleges.get(&id).map(|it| it.name.to_string()).unwrap_or_default()
    }
    fn absent(&self, id: &ValidatorId) -> dto::Absent {
        let record = self.entry(id).map(|it| &it.record);
        let college = record.map_or(CollegeId::new(0), |it| it.college);
        dto::Absent {
            validator: *id,
            name: record.map(|it| it.name.to_string()).unwrap_or_default(),
            college,
            college_name: self.college_name(college),
        }
    }
    fn powers(&self, set: &ValidatorSet) -> Vec<dto::CollegePower> {
        let power = |college: &College| {
            let sum = |of: &dyn Fn(ProposerDuty) -> bool| {
                let members = set.members().iter().filter(|it| it.college == college.id && of(it.duty));
                VotingPower::new(members.map(|it| it.power.get()).sum())
            };
            dto::CollegePower {
                college: college.id,
                name: college.name.to_string(),
                statutory_weight_bp: college.statutory_weight_bp,
                power: sum(&|_| true),
                proposer_power: sum(&|duty| duty == ProposerDuty::Proposes),
            }
        };
        self.colleges.values().map(power).collect()
    }
    fn validator(&self, entry: &ValidatorEntry, set: &ValidatorSet) -> dto::Validator {
        let record = &entry.record;
        let member = set.get(&record.id());
        dto::Validator {
            id: record.id(),
            key: record.key,
            name: record.name.to_string(),
            college: record.college,
            college_name: self.college_name(record.college),
            node: record.node,
            addresses: record.addresses.iter().map(ToString::to_string).collect(),
            standing: entry.standing.clone().into(),
            power: member.map_or(VotingPower::new(0), |it| it.power),
            duty: member.map(|it| it.duty),
            missed_turns: entry.missed_turns,
            excused_until: entry.excused_until,
        }
    }
    fn pending_suspensions(&self) -> Vec<dto::PendingSuspension> {
        let alarm = |it: &ValidatorEntry| match it.standing.clone().into() {
            dto::Standing::SuspensionPending { reason, since } => Some(dto::PendingSuspension {
                validator: it.record.id(),
                name: it.record.name.to_string(),
                college: it.record.college,
                reason,
                since,
            }),
            _ => None,
        };
        self.validators.iter().filter_map(alarm).collect()
    }
}
