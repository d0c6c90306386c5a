//! `urne trustee`: the process that holds a trustee's secrets. It speaks in ceremonies, and after a close answers one tally of
//! each election, for ever.
use crate::{
    Context,
    exit::Failure,
    officer::{Errands, Officer, Seat, Secrets, cannot, keep_on},
    sender::SendArgs,
};
use clap::Args;
use std::{fs, io, path::PathBuf};
use urne_ballot::TallyGuard;
use urne_node::{
    api::dto::{Ceremonies, DeskRecords},
    disk,
    home::Home,
    keystore::KeyRole,
};
use urne_types::{
    DraftId, ElectionId, Rejection, election::ElectionDefinition, sealed::Officer as Listed, transaction::Payload,
};
use urne_vote_contract::{
    records::ElectionState,
    sealed::{self, Desk, Participation, TRUSTEES},
};

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
    officer: Officer,
    guard: Guard,
}

impl TrusteeArgs {
    pub(crate) fn run(self, context: &Context) -> Result<(), Failure> {
        context.home.must_exist()?;
        let genesis = context.home.genesis_file();
        if !genesis.exists() {
            return Err(Failure::environment(format!(
                "{} is missing: put the chain's genesis there, from which a trustee checks what its node says",
                genesis.display()
            )));
        }
        let _lock = context.home.lock_trustee()?;
        let (sender, kept) = self.send.sender_and_kept(context, &context.home.trustee_key(), KeyRole::Trustee)?;
        let secrets = Secrets::new(context.home.trustee_folder(), KeyRole::Trustee, kept);
        let mut trustee = Trustee { officer: Officer::new(sender, secrets), guard: Guard::open(&context.home)? };
        keep_on(context, self.once, || trustee.round())
    }
}

fn listed(definition: &ElectionDefinition) -> &[Listed] {
    definition.secrecy.sealed().map_or(&[], |it| &it.trustees)
}

impl Trustee {
    /// Does what is due now. What is wrong with one election is told at the end, and keeps this trustee from no other.
    fn round(&mut self) -> Result<(), Failure> {
        let due: Ceremonies = self.officer.sender.client.get("/v1/ceremonies")?;
        let mut errands = Errands::default();
        for draft in &due.under_way {
            errands.note(self.speak(draft))?;
        }
        for opening in &due.waiting {
            errands.note(self.open(&opening.draft, &opening.election))?;
        }
        let is_over = |state| matches!(state, ElectionState::Tallied | ElectionState::Cancelled);
        self.officer.secrets.forget(&self.officer.proven, &due, is_over)?;
        errands.end()
    }

    fn speak(&self, draft: &DraftId) -> Result<(), Failure> {
        match self.officer.seat(draft, listed)? {
            Some(seat) => self.officer.speak(draft, &seat, TRUSTEES),
            None => Ok(()),
        }
    }

    fn open(&mut self, draft: &DraftId, election: &ElectionId) -> Result<(), Failure> {
        let Some(seat) = self.officer.seat(draft, listed)? else { return Ok(()) };
        // Without its secret a trustee has nothing to say; the others are enough.
        let Some(secret) = self.officer.secrets.find(draft)? else { return Ok(()) };
        let chain = &self.officer.sender.chain;
        let of = Participation { chain, draft, scope: TRUSTEES, number: seat.number, secret: &secret };
        let mut guard = self.guard.answered.clone();
        let desk = self.desk(draft, election, &seat)?;
        let shares = sealed::opening_duties(&desk, of, election, &mut guard).map_err(cannot)?;
        // On the disk before anything leaves.
        self.guard.keep(guard)?;
        for share in shares {
            match self.officer.send(Payload::Opening(share)) {
                // The others opened this piece meanwhile, or a share of ours is in a block that this desk did not know.
                Err(e) if e.is(Rejection::NothingToOpen) || e.is(Rejection::MessageExists) => {}
                other => other?,
            }
        }
        Ok(())
    }
}

impl Trustee {
    /// What stands in an election's urn, proven; of rankings the list of the pieces is, which names each of those that the node
    /// shows.
    fn desk(&self, draft: &DraftId, election: &ElectionId, seat: &Seat) -> Result<Desk, Failure> {
        let desk = self.officer.desk(draft, TRUSTEES, seat.number)?;
        let desk = desk.proven(self.officer.proven.entries(&Desk::opening_keys(&seat.definition, election))?);
        let shown: DeskRecords = self.officer.sender.client.get(&format!("/v1/ceremonies/{draft}/records"))?;
        let shown = Desk::from_records(shown.records.into_iter().map(|it| (it.key.0, it.value.0)));
        Ok(desk.with_pieces(election, shown))
    }
}

/// Which tally of each election was answered: never erased.
struct Guard {
    file: PathBuf,
    answered: TallyGuard,
}

impl Guard {
    /// A guard that is missing is not made again: it may have said which tally was answered.
    fn open(home: &Home) -> Result<Self, Failure> {
        let file = home.trustee_guard_file();
        let bytes = fs::read(&file).map_err(|e| {
            let file = file.display();
            Failure::environment(match e.kind() {
                io::ErrorKind::NotFound => format!(
                    "{file} is missing, and with it what this trustee has answered: put it back from this disk, or let \
                     the colleges name another trustee key (`urne keys new --role trustee`) in their next elections"
                ),
                _ => format!("{file}: {e}"),
            })
        })?;
        let answered = TallyGuard::decode(&bytes)
            .map_err(|e| Failure::environment(format!("{}: {e}; never edit it", file.display())))?;
        Ok(Self { file, answered })
    }
    /// Makes durable what is about to be answered.
    fn keep(&mut self, answered: TallyGuard) -> Result<(), Failure> {
        if answered != self.answered {
            disk::replace(&self.file, disk::Readable::ByOwner, &answered.encode())
                .map_err(|e| Failure::environment(format!("{}: {e}", self.file.display())))?;
            self.answered = answered;
        }
        Ok(())
    }
}
