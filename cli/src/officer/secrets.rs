//! An officer's secrets on the disk: one for each ceremony, made when it begins and erased when its election needs it no more.
use crate::{exit::Failure, passphrase::Kept, proven::Proven};
use std::{
    collections::BTreeMap,
    fs, io,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use urne_ballot::ceremony::CeremonySecret;
use urne_node::{
    api::dto::Ceremonies,
    keystore::{KeyFile, KeyRole},
};
use urne_types::{DraftId, SecretKey};
use urne_vote_contract::{
    keys,
    records::{ElectionGate, ElectionState},
    sealed::{
        ceremony_key,
        records::{CeremonyRecord, CeremonyState},
    },
};

/// See the module.
pub(crate) struct Secrets {
    /// Its own: nothing else is in it but `.key` files by draft.
    folder: PathBuf,
    /// What these keys are for.
    role: KeyRole,
    /// How they are kept.
    kept: Kept,
    /// Those that were opened, as long as their files are there: a passphrase takes a tenth of a second and 64 MiB each time, and
    /// a ledger is asked three times a second.
    opened: Mutex<BTreeMap<DraftId, Arc<CeremonySecret>>>,
}

impl Secrets {
    /// In that folder, for that role.
    pub(crate) fn new(folder: PathBuf, role: KeyRole, kept: Kept) -> Self {
        Self { folder, role, kept, opened: Mutex::default() }
    }
    fn opened(&self) -> MutexGuard<'_, BTreeMap<DraftId, Arc<CeremonySecret>>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
    fn file(&self, draft: &DraftId) -> PathBuf {
        self.folder.join(format!("{draft}.key"))
    }
    /// The secret of a ceremony; made on the first call, and durable before it is used.
    pub(crate) fn of(&self, draft: &DraftId) -> Result<Arc<CeremonySecret>, Failure> {
        if let Some(secret) = self.find(draft)? {
            return Ok(secret);
        }
        let secret = SecretKey::generate(&mut rand::rng());
        KeyFile::create(&self.file(draft), self.role, &secret, &self.kept.protection())?;
        Ok(self.keep(draft, &secret))
    }
    fn keep(&self, draft: &DraftId, secret: &SecretKey) -> Arc<CeremonySecret> {
        let secret = Arc::new(CeremonySecret::from_bytes(*secret.expose()));
        self.opened().insert(*draft, Arc::clone(&secret));
        secret
    }
    /// The secret of a ceremony, if this officer took part in it.
    pub(crate) fn find(&self, draft: &DraftId) -> Result<Option<Arc<CeremonySecret>>, Failure> {
        let file = self.file(draft);
        if !file.exists() {
            self.opened().remove(draft);
            return Ok(None);
        }
        if let Some(secret) = self.opened().get(draft) {
            return Ok(Some(Arc::clone(secret)));
        }
        let secret = KeyFile::read(&file, self.role)?.open(self.kept.passphrase())?;
        Ok(Some(self.keep(draft, &secret)))
    }

    /// Erases the secrets that will never be needed again, by what is proven of the ledger: whoever takes this machine later can do
    /// nothing with it.
    pub(crate) fn forget(
        &self,
        proven: &Proven,
        due: &Ceremonies,
        is_over: impl Fn(ElectionState) -> bool,
    ) -> Result<(), Failure> {
        let failed = |e: io::Error| Failure::environment(format!("{}: {e}", self.folder.display()));
        for entry in fs::read_dir(&self.folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let draft: Option<DraftId> = path.file_stem().and_then(|it| it.to_str()).and_then(|it| it.parse().ok());
            let is_key = path.extension().is_some_and(|it| it == "key");
            let Some(draft) = draft.filter(|it| is_key && !due.names(it)) else { continue };
            let is_needless = match fate(proven, &draft)? {
                Fate::UnderWay => false,
                Fate::Failed => true,
                Fate::Election(state) => is_over(state),
            };
            if is_needless {
                self.opened().remove(&draft);
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

fn fate(proven: &Proven, draft: &DraftId) -> Result<Fate, Failure> {
    let ceremony: Option<CeremonyRecord> = proven.record(ceremony_key(draft))?;
    Ok(match ceremony.map(|it| it.state) {
        Some(CeremonyState::Failed { .. }) => Fate::Failed,
        Some(CeremonyState::Done { election }) => {
            let gate: Option<ElectionGate> = proven.record(keys::gate(&election))?;
            gate.map_or(Fate::UnderWay, |it| Fate::Election(it.state))
        }
        // A node that is behind the one that was asked when the secret was made knows of none yet.
        Some(CeremonyState::UnderWay | CeremonyState::Rehearsing { .. }) | None => Fate::UnderWay,
    })
}
