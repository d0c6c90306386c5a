//! What trustees and registrars have in common: a process that holds secrets, asks its college's node what is due, speaks in
//! ceremonies, and can be stopped and started at any time. No human is needed, the node never sees a secret, and what decides what
//! is said is proven to be the ledger's before anything is signed.
mod secrets;

pub(crate) use secrets::Secrets;

use crate::{
    Context,
    exit::{Exit, Failure},
    proven::Proven,
    sender::Sender,
};
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};
use urne_ballot::Refusal;
use urne_types::{
    DraftId, TxHash, codec::encode, election::ElectionDefinition, hash::hash, sealed::Officer as Listed,
    transaction::Payload,
};
use urne_vote_contract::sealed::{self, Desk, Participation, records::CeremonyRecord};

/// How often a node is asked what is due.
const PACE: Duration = Duration::from_millis(300);
/// A node that does not answer is asked again after so long.
const PATIENCE: Duration = Duration::from_secs(3);
/// What was sent is sent again when it is not in a block after so long.
const AGAIN: Duration = Duration::from_secs(10);

/// An officer before its college's node.
pub(crate) struct Officer {
    /// Its key, and the node.
    pub(crate) sender: Sender,
    /// The ledger, proven.
    pub(crate) proven: Proven,
    /// Its secrets.
    pub(crate) secrets: Secrets,
    /// What was sent lately.
    sent: Mutex<BTreeMap<TxHash, Instant>>,
}

/// What the ledger says of a draft, and this officer's number in it.
pub(crate) struct Seat {
    pub(crate) definition: ElectionDefinition,
    pub(crate) number: u16,
}

/// Does what is due, again and again; once only where that is asked for.
pub(crate) fn keep_on(
    context: &Context,
    once: bool,
    mut round: impl FnMut() -> Result<(), Failure>,
) -> Result<(), Failure> {
    loop {
        let pause = match round() {
            Ok(()) if once => return Ok(()),
            Ok(()) => PACE,
            // The node may be restarting, or behind; one election may be wrong, and the others not.
            Err(e) if !once && matches!(e.exit, Exit::Unreachable | Exit::Rejected | Exit::VerificationFailed) => {
                context.output.complain(&e);
                PATIENCE
            }
            Err(e) => return Err(e),
        };
        thread::sleep(pause);
    }
}

/// Several things to do, of which one that is wrong keeps from no other: it is told at the end.
#[derive(Default)]
pub(crate) struct Errands(Option<Failure>);
impl Errands {
    /// Passes on what would go wrong with the others too.
    pub(crate) fn note(&mut self, done: Result<(), Failure>) -> Result<(), Failure> {
        match done {
            Err(e) if matches!(e.exit, Exit::VerificationFailed | Exit::Rejected) => {
                self.0.get_or_insert(e);
                Ok(())
            }
            other => other,
        }
    }
    /// The first that was wrong.
    pub(crate) fn end(self) -> Result<(), Failure> {
        self.0.map_or(Ok(()), Err)
    }
}

impl Officer {
    pub(crate) fn new(sender: Sender, secrets: Secrets) -> Self {
        let proven = Proven::new(sender.client.clone(), sender.chain);
        Self { sender, proven, secrets, sent: Mutex::default() }
    }

    /// Where this officer sits in a draft; `listed` finds the list of its kind. None when it is not on it.
    pub(crate) fn seat(
        &self,
        draft: &DraftId,
        listed: fn(&ElectionDefinition) -> &[Listed],
    ) -> Result<Option<Seat>, Failure> {
        let ceremony: Option<CeremonyRecord> = self.proven.record(sealed::ceremony_key(draft))?;
        let ceremony = ceremony
            .ok_or_else(|| Failure::unverified(format!("the node names draft {draft}, and the ledger has none")))?;
        let own = self.sender.public();
        let mut numbered = (1_u16..).zip(listed(&ceremony.definition));
        let number = numbered.find(|(_, it)| it.key == own).map(|(number, _)| number);
        Ok(number.map(|number| Seat { definition: ceremony.definition, number }))
    }

    /// What an officer of that number has to know of a scope to speak in its ceremony, or to use its share: all of it proven.
    pub(crate) fn desk(&self, draft: &DraftId, scope: u32, number: u16) -> Result<Desk, Failure> {
        let desk = Desk::default().proven(self.proven.entries(&Desk::ceremony_keys(draft, scope))?);
        let messages = desk.message_keys(draft, scope, number);
        Ok(desk.proven(self.proven.entries(&messages)?))
    }

    /// Says what a ceremony of a scope waits for.
    pub(crate) fn speak(&self, draft: &DraftId, seat: &Seat, scope: u32) -> Result<(), Failure> {
        let desk = self.desk(draft, scope, seat.number)?;
        let secret = self.secrets.of(draft)?;
        let of = Participation { chain: &self.sender.chain, draft, scope, number: seat.number, secret: &secret };
        for message in sealed::ceremony_duties(&desk, of).map_err(cannot)? {
            self.send(Payload::Ceremony(message))?;
        }
        Ok(())
    }

    /// Signs a payload and has it taken, unless that was done a moment ago.
    pub(crate) fn send(&self, payload: Payload) -> Result<(), Failure> {
        let name = TxHash(hash("urne.v1 officer message", &encode(&payload)));
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.retain(|_, since| since.elapsed() < AGAIN);
        if sent.contains_key(&name) {
            return Ok(());
        }
        drop(sent);
        let taken = self.sender.submit(payload);
        // What a rule refuses is not asked again at once either.
        if !matches!(&taken, Err(e) if e.exit != Exit::Rejected) {
            self.sent.lock().unwrap_or_else(PoisonError::into_inner).insert(name, Instant::now());
        }
        taken.map(drop)
    }
}

/// State and secret do not belong together.
pub(crate) fn cannot(refusal: Refusal) -> Failure {
    Failure::rule(Exit::VerificationFailed, refusal.code(), refusal.name(), refusal)
}
