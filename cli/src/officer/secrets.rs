//! An officer's secrets on the disk: one for each ceremony, made when it begins and erased when its election needs it no more.
use crate::{exit::Failure, passphrase::Kept, sender::Sender};
use std::{fs, io, path::PathBuf};
use urne_ballot::ceremony::CeremonySecret;
use urne_node::{
    api::dto::{Ceremonies, Ceremony, Election, ElectionState},
    keystore::{KeyFile, KeyRole},
};
use urne_types::{DraftId, SecretKey};
use urne_vote_contract::sealed::records::CeremonyState;

/// See the module.
pub(crate) struct Secrets {
    /// Its own: nothing else is in it but `.key` files by draft.
    pub(crate) folder: PathBuf,
    /// What these keys are for.
    pub(crate) role: KeyRole,
    /// How they are kept.
    pub(crate) kept: Kept,
}

impl Secrets {
    fn file(&self, draft: &DraftId) -> PathBuf {
        self.folder.join(format!("{draft}.key"))
    }
    /// The secret of a ceremony; made on the first call, and durable before it is used.
    pub(crate) fn of(&self, draft: &DraftId) -> Result<CeremonySecret, Failure> {
        if let Some(secret) = self.find(draft)? {
            return Ok(secret);
        }
        let secret = SecretKey::generate(&mut rand::rng());
        KeyFile::create(&self.file(draft), self.role, &secret, &self.kept.protection())?;
        Ok(CeremonySecret::from_bytes(*secret.expose()))
    }
    /// The secret of a ceremony, if this officer took part in it.
    pub(crate) fn find(&self, draft: &DraftId) -> Result<Option<CeremonySecret>, Failure> {
        let file = self.file(draft);
        if !file.exists() {
            return Ok(None);
        }
        let secret = KeyFile::read(&file, self.role)?.open(self.kept.passphrase())?;
        Ok(Some(CeremonySecret::from_bytes(*secret.expose())))
    }

    /// Erases the secrets that will never be needed again: whoever takes this machine later can do nothing with it.
    pub(crate) fn forget(
        &self,
        sender: &Sender,
        due: &Ceremonies,
        is_over: impl Fn(ElectionState) -> bool,
    ) -> Result<(), Failure> {
        let failed = |e: io::Error| Failure::environment(format!("{}: {e}", self.folder.display()));
        for entry in fs::read_dir(&self.folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let draft: Option<DraftId> = path.file_stem().and_then(|it| it.to_str()).and_then(|it| it.parse().ok());
            let is_key = path.extension().is_some_and(|it| it == "key");
            let Some(draft) = draft.filter(|it| is_key && !due.names(it)) else { continue };
            let is_needless = match fate(sender, &draft)? {
                Fate::UnderWay => false,
                Fate::Failed => true,
                Fate::Election(state) => is_over(state),
            };
            if is_needless {
                fs::remove_file(&path).map_err(failed)?;
            }
        }
        Ok(())
    }
}

/// What became of a draft.
enum Fate {
    UnderWay,
    Failed,
    Election(ElectionState),
}

fn fate(sender: &Sender, draft: &DraftId) -> Result<Fate, Failure> {
    let ceremony: Ceremony = sender.client.get(&format!("/v1/ceremonies/{draft}"))?;
    Ok(match ceremony.state {
        CeremonyState::Failed { .. } => Fate::Failed,
        CeremonyState::Done { election } => {
            let election: Election = sender.client.get(&format!("/v1/elections/{election}"))?;
            Fate::Election(election.state)
        }
        CeremonyState::UnderWay | CeremonyState::Rehearsing { .. } => Fate::UnderWay,
    })
}
