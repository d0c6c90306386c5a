//! `urne trustee`: the process that holds a trustee's secrets. It asks its college's node what is due, speaks in ceremonies,
//! and after a close answers one tally of each election, for ever; no human is needed, and it can be stopped and started at
//! any time. The node never sees a secret.
mod secrets;

use crate::{
    Context,
    exit::{Exit, Failure},
    sender::{SendArgs, Sender},
};
use clap::Args;
use secrets::Secrets;
use std::{
    collections::BTreeMap,
    thread,
    time::{Duration, Instant},
};
use urne_ballot::Refusal;
use urne_node::{
    api::dto::{Ceremonies, DeskRecords},
    keystore::KeyRole,
};
use urne_types::{DraftId, ElectionId, TxHash, codec::encode, hash::hash, transaction::Payload};
use urne_vote_contract::sealed::{self, Desk, Participation, TRUSTEES};

/// How often a node is asked what is due.
const PACE: Duration = Duration::from_millis(300);
/// A node that does not answer is asked again after so long.
const PATIENCE: Duration = Duration::from_secs(3);
/// What was sent is sent again when it is not in a block after so long.
const AGAIN: Duration = Duration::from_secs(10);

/// Takes part in ceremonies and openings.
#[derive(Debug, Args)]
pub(crate) struct TrusteeArgs {
    /// Do what is due now, and end
    #[arg(long)]
    once: bool,
    #[command(flatten)]
    send: SendArgs,
}

struct Trustee {
    sender: Sender,
    secrets: Secrets,
    /// What was sent lately.
    sent: BTreeMap<TxHash, Instant>,
}

impl TrusteeArgs {
    pub(crate) fn run(self, context: &Context) -> Result<(), Failure> {
        context.home.must_exist()?;
        let (sender, kept) = self.send.sender_and_kept(context, &context.home.trustee_key(), KeyRole::Trustee)?;
        let secrets = Secrets::open(&context.home, kept)?;
        let mut trustee = Trustee { sender, secrets, sent: BTreeMap::new() };
        loop {
            let pause = match trustee.round() {
                Ok(()) if self.once => return Ok(()),
                Ok(()) => PACE,
                // The node may be restarting, or behind; one election may be wrong, and the others not.
                Err(e)
                    if !self.once
                        && matches!(e.exit, Exit::Unreachable | Exit::Rejected | Exit::VerificationFailed) =>
                {
                    context.output.complain(&e);
                    PATIENCE
                }
                Err(e) => return Err(e),
            };
            thread::sleep(pause);
        }
    }
}

impl Trustee {
    /// Does what is due now. What is wrong with one election is told at the end, and keeps this trustee from no other.
    fn round(&mut self) -> Result<(), Failure> {
        let due: Ceremonies = self.sender.client.get("/v1/ceremonies")?;
        self.sent.retain(|_, since| since.elapsed() < AGAIN);
        let mut failed = None;
        let mut unless_of_one = |done: Result<(), Failure>| match done {
            Err(e) if matches!(e.exit, Exit::VerificationFailed | Exit::Rejected) => {
                failed.get_or_insert(e);
                Ok(())
            }
            other => other,
        };
        for draft in &due.under_way {
            unless_of_one(self.speak(draft))?;
        }
        for opening in &due.waiting {
            unless_of_one(self.open(&opening.draft, &opening.election))?;
        }
        self.secrets.forget(&self.sender, &due)?;
        failed.map_or(Ok(()), Err)
    }

    /// What the node's state says of a draft, and this trustee's number in it.
    fn desk(&self, draft: &DraftId) -> Result<Option<(Desk, u16)>, Failure> {
        let shown: DeskRecords = self.sender.client.get(&format!("/v1/ceremonies/{draft}/records"))?;
        let desk = Desk::from_records(shown.records.into_iter().map(|it| (it.key.0, it.value.0)));
        let ceremony = sealed::ceremony_of(&desk, draft)
            .ok_or_else(|| Failure::unverified("the node shows another ceremony than it was asked for"))?;
        let rules = ceremony.definition.secrecy.sealed();
        let trustees = rules.map(|it| it.trustees.to_vec()).unwrap_or_default();
        let own = self.sender.public();
        let number = (1_u16..).zip(trustees).find(|(_, it)| it.key == own).map(|(number, _)| number);
        Ok(number.map(|number| (desk, number)))
    }

    fn speak(&mut self, draft: &DraftId) -> Result<(), Failure> {
        let Some((desk, number)) = self.desk(draft)? else { return Ok(()) };
        let secret = self.secrets.of(draft)?;
        let of = Participation { chain: &self.sender.chain, draft, scope: TRUSTEES, number, secret: &secret };
        for message in sealed::ceremony_duties(&desk, of).map_err(cannot)? {
            self.send(Payload::Ceremony(message))?;
        }
        Ok(())
    }

    fn open(&mut self, draft: &DraftId, election: &ElectionId) -> Result<(), Failure> {
        let Some((desk, number)) = self.desk(draft)? else { return Ok(()) };
        // Without its secret a trustee has nothing to say; the others are enough.
        let Some(secret) = self.secrets.find(draft)? else { return Ok(()) };
        let of = Participation { chain: &self.sender.chain, draft, scope: TRUSTEES, number, secret: &secret };
        let mut guard = self.secrets.guard().clone();
        let shares = sealed::opening_duties(&desk, of, election, &mut guard).map_err(cannot)?;
        // On the disk before anything leaves.
        self.secrets.keep_guard(guard)?;
        for share in shares {
            self.send(Payload::Opening(share))?;
        }
        Ok(())
    }

    fn send(&mut self, payload: Payload) -> Result<(), Failure> {
        let name = TxHash(hash("urne.v1 trustee message", &encode(&payload)));
        if self.sent.contains_key(&name) {
            return Ok(());
        }
        self.sender.submit(payload)?;
        self.sent.insert(name, Instant::now());
        Ok(())
    }
}

/// State and secret do not belong together.
fn cannot(refusal: Refusal) -> Failure {
    Failure::rule(Exit::VerificationFailed, refusal.code(), refusal.name(), refusal)
}
