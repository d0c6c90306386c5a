//! A trustee's secrets on the disk: one for each ceremony, made when it begins and erased when its election is counted or was
//! cancelled; and the guard, which is never erased.
use crate::{exit::Failure, passphrase::Kept, sender::Sender};
use std::{fs, io, path::PathBuf};
use urne_ballot::{TallyGuard, ceremony::CeremonySecret};
use urne_node::{
    api::dto::{Ceremonies, Ceremony, Election, ElectionState},
    disk,
    home::Home,
    keystore::{KeyFile, KeyRole},
};
use urne_types::{DraftId, SecretKey};
use urne_vote_contract::sealed::records::CeremonyState;

/// See the module.
pub(super) struct Secrets {
    folder: PathBuf,
    guard_file: PathBuf,
    guard: TallyGuard,
    kept: Kept,
}

impl Secrets {
    /// Opens the folder of a trustee. A guard that is missing is not made again: it may have said which tally was answered.
    pub(super) fn open(home: &Home, kept: Kept) -> Result<Self, Failure> {
        let guard_file = home.trustee_guard_file();
        let bytes = fs::read(&guard_file).map_err(|e| {
            let file = guard_file.display();
            Failure::environment(match e.kind() {
                io::ErrorKind::NotFound => format!(
                    "{file} is missing, and with it what this trustee has answered: put it back from this disk, or let \
                     the colleges name another trustee key (`urne keys new --role trustee`) in their next elections"
                ),
                _ => format!("{file}: {e}"),
            })
        })?;
        let guard = TallyGuard::decode(&bytes)
            .map_err(|e| Failure::environment(format!("{}: {e}; never edit it", guard_file.display())))?;
        Ok(Self { folder: home.trustee_folder(), guard_file, guard, kept })
    }
    pub(super) fn guard(&self) -> &TallyGuard {
        &self.guard
    }
    /// Makes durable what is about to be answered.
    pub(super) fn keep_guard(&mut self, guard: TallyGuard) -> Result<(), Failure> {
        if guard != self.guard {
            disk::replace(&self.guard_file, disk::Readable::ByOwner, &guard.encode())
                .map_err(|e| Failure::environment(format!("{}: {e}", self.guard_file.display())))?;
            self.guard = guard;
        }
        Ok(())
    }

    fn file(&self, draft: &DraftId) -> PathBuf {
        self.folder.join(format!("{draft}.key"))
    }
    /// The secret of a ceremony; made on the first call, and durable before it is used.
    pub(super) fn of(&self, draft: &DraftId) -> Result<CeremonySecret, Failure> {
        if let Some(secret) = self.find(draft)? {
            return Ok(secret);
        }
        let secret = SecretKey::generate(&mut rand::rng());
        KeyFile::create(&self.file(draft), KeyRole::Trustee, &secret, &self.kept.protection())?;
        Ok(CeremonySecret::from_bytes(*secret.expose()))
    }
    /// The secret of a ceremony, if this trustee took part in it.
    pub(super) fn find(&self, draft: &DraftId) -> Result<Option<CeremonySecret>, Failure> {
        let file = self.file(draft);
        if !file.exists() {
            return Ok(None);
        }
        let secret = KeyFile::read(&file, KeyRole::Trustee)?.open(self.kept.passphrase())?;
        Ok(Some(CeremonySecret::from_bytes(*secret.expose())))
    }

    /// Erases the secrets that will never be needed again: whoever takes this machine later opens nothing.
    pub(super) fn forget(&self, sender: &Sender, due: &Ceremonies) -> Result<(), Failure> {
        let failed = |e: io::Error| Failure::environment(format!("{}: {e}", self.folder.display()));
        for entry in fs::read_dir(&self.folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let draft: Option<DraftId> = path.file_stem().and_then(|it| it.to_str()).and_then(|it| it.parse().ok());
            let is_key = path.extension().is_some_and(|it| it == "key");
            let Some(draft) = draft.filter(|it| is_key && !due.names(it)) else { continue };
            if is_over(sender, &draft)? {
                fs::remove_file(&path).map_err(failed)?;
            }
        }
        Ok(())
    }
}

fn is_over(sender: &Sender, draft: &DraftId) -> Result<bool, Failure> {
    let ceremony: Ceremony = sender.client.get(&format!("/v1/ceremonies/{draft}"))?;
    let CeremonyState::Done { election } = ceremony.state else {
        return Ok(matches!(ceremony.state, CeremonyState::Failed { .. }));
    };
    let election: Election = sender.client.get(&format!("/v1/elections/{election}"))?;
    Ok(matches!(election.state, ElectionState::Tallied | ElectionState::Cancelled))
}
