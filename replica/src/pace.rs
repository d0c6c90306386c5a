//! When to begin a height: blocks are made only when there is work, when an election opens or closes, at the heartbeat, or
//! when another validator has begun (design: "Blocks only when there is work").
use crate::{clock::Now, notice::StartReason};
use urne_types::{UnixMs, governance::Parameters};
use urne_vote_contract::StateView;

/// What the committed state says about pace: read once per block, not once per message.
pub(crate) struct Calendar {
    pub(crate) parameters: Parameters,
    pub(crate) heartbeat_ms: u64,
    pub(crate) deadline: Option<UnixMs>,
}
impl Calendar {
    pub(crate) fn read(view: &impl StateView) -> Self {
        let parameters = urne_vote_contract::parameters(view);
        let is_open = urne_vote_contract::is_any_open(view);
        let heartbeat_ms = if is_open { parameters.heartbeat_open_ms } else { parameters.heartbeat_idle_ms };
        Self { heartbeat_ms, deadline: urne_vote_contract::next_deadline(view), parameters }
    }
}

/// What the decision depends on.
pub(crate) struct Situation {
    pub(crate) oldest_waiting_ms: Option<u64>,
    pub(crate) waiting_bytes: usize,
    pub(crate) batching_ms: u64,
    pub(crate) block_bytes_max: usize,
    pub(crate) deadline: Option<UnixMs>,
    pub(crate) tip_time: UnixMs,
    pub(crate) heartbeat_ms: u64,
    pub(crate) has_peer_begun: bool,
}

/// Begin now, or look again at that monotonic instant.
pub(crate) enum Pace {
    Begin(StartReason),
    WaitUntil(u64),
}

pub(crate) fn decide(now: Now, it: &Situation) -> Pace {
    if it.has_peer_begun {
        return Pace::Begin(StartReason::Peer);
    }
    let in_ms = |delay: u64| now.monotonic_ms.saturating_add(delay);
    let mut next = in_ms(it.tip_time.plus(it.heartbeat_ms).since(now.unix));
    if let Some(since) = it.oldest_waiting_ms {
        let ready = since.saturating_add(it.batching_ms);
        if ready <= now.monotonic_ms || it.block_bytes_max / 2 <= it.waiting_bytes {
            return Pace::Begin(StartReason::Work);
        }
        next = next.min(ready);
    }
    if let Some(deadline) = it.deadline {
        if deadline <= now.unix {
            return Pace::Begin(StartReason::Deadline);
        }
        next = next.min(in_ms(deadline.since(now.unix)));
    }
    if it.tip_time.plus(it.heartbeat_ms) <= now.unix {
        return Pace::Begin(StartReason::Heartbeat);
    }
    Pace::WaitUntil(next)
}
