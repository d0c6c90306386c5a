//! A node's folder: where each thing lives, who may open it, and whose chain it holds. Two processes never share one, and
//! another chain's data is refused before anything is opened.
//!
//! ```text
//! config.toml      this machine's settings            keys/validator.key  consensus key, encrypted at rest
//! genesis.toml     what all must agree on             keys/node.key       network identity
//! data/            the ledger (RocksDB)               keys/admin.key      an administrator's key, if she keeps it here
//! wal/             the height being decided           guard               last thing signed
//! chain            whose data this is                 lock                held while a process uses the folder
//! ```
use crate::disk;
use std::{
    fs::{self, File, TryLockError},
    io::{self, Write},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};
use urne_types::ChainId;

/// Why a folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// There is a node here already.
    #[error(
        "{path} already holds a node or a registrar: choose another --home, or remove that folder if nothing in it matters"
    )]
    Occupied {
        /// Which folder.
        path: PathBuf,
    },
    /// There is no node here.
    #[error(
        "{path} holds no node ({missing} is missing): run `urne init --home {path}` first, or choose another --home"
    )]
    NotAHome {
        /// Which folder.
        path: PathBuf,
        /// What is missing.
        missing: &'static str,
    },
    /// Another process uses the folder.
    #[error("another process uses {path}: stop it first, or choose another --home")]
    InUse {
        /// Which folder.
        path: PathBuf,
    },
    /// The data is another chain's.
    #[error("the data folder {path} belongs to chain {found}, not {expected}: choose another --home or restore it")]
    OtherChain {
        /// Which folder.
        path: PathBuf,
        /// The chain it holds.
        found: String,
        /// The chain of genesis.toml.
        expected: ChainId,
    },
    /// There is data, and nothing says whose.
    #[error(
        "{path} holds data but its file `chain` is missing: restore that file (one line, the chain id), or move data, \
         wal and guard away"
    )]
    Unnamed {
        /// Which folder.
        path: PathBuf,
    },
    /// A file operation failed.
    #[error("{path}: {action} failed ({source}): check that the folder exists and that you may write there")]
    Disk {
        /// Which file or folder.
        path: PathBuf,
        /// What was attempted.
        action: &'static str,
        /// The system's answer.
        source: io::Error,
    },
}

/// The layout of a node's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    root: PathBuf,
}

/// While this lives, no other process uses the folder.
#[derive(Debug)]
pub struct HomeLock {
    _file: File,
}

impl Home {
    /// Names a folder; nothing is touched.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }
    /// The folder itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }
    /// This machine's settings.
    #[must_use]
    pub fn config_file(&self) -> PathBuf {
        self.root.join("config.toml")
    }
    /// What all must agree on.
    #[must_use]
    pub fn genesis_file(&self) -> PathBuf {
        self.root.join("genesis.toml")
    }
    /// All keys.
    #[must_use]
    pub fn keys_folder(&self) -> PathBuf {
        self.root.join("keys")
    }
    /// The consensus key.
    #[must_use]
    pub fn validator_key(&self) -> PathBuf {
        self.keys_folder().join("validator.key")
    }
    /// The consensus key that waits for its act of governance.
    #[must_use]
    pub fn next_validator_key(&self) -> PathBuf {
        self.keys_folder().join("validator.next.key")
    }
    /// The network identity.
    #[must_use]
    pub fn node_key(&self) -> PathBuf {
        self.keys_folder().join("node.key")
    }
    /// An administrator's key, if she keeps it here.
    #[must_use]
    pub fn admin_key(&self) -> PathBuf {
        self.keys_folder().join("admin.key")
    }
    /// The administrator's key that waits for its act of governance.
    #[must_use]
    pub fn next_admin_key(&self) -> PathBuf {
        self.keys_folder().join("admin.next.key")
    }
    /// The key that signs what a trustee says.
    #[must_use]
    pub fn trustee_key(&self) -> PathBuf {
        self.keys_folder().join("trustee.key")
    }
    /// The secrets of ceremonies, each in a file of its own, while their elections last.
    #[must_use]
    pub fn trustee_folder(&self) -> PathBuf {
        self.root.join("trustee")
    }
    /// Which tally of each election the trustee has answered.
    #[must_use]
    pub fn trustee_guard_file(&self) -> PathBuf {
        self.trustee_folder().join("guard")
    }
    /// All of a registrar: it needs no node beside it, and its folder is its owner's alone.
    #[must_use]
    pub fn registrar_folder(&self) -> PathBuf {
        self.root.join("registrar")
    }
    /// The key that signs what a registrar approves and answers.
    #[must_use]
    pub fn registrar_key(&self) -> PathBuf {
        self.registrar_folder().join("registrar.key")
    }
    /// The registrar's secrets of ceremonies, each in a file of its own, while their elections last.
    #[must_use]
    pub fn registrar_ceremonies(&self) -> PathBuf {
        self.registrar_folder().join("ceremonies")
    }
    /// Which requests the registrar has approved.
    #[must_use]
    pub fn registrar_book(&self) -> PathBuf {
        self.registrar_folder().join("book")
    }
    /// The ledger.
    #[must_use]
    pub fn data_folder(&self) -> PathBuf {
        self.root.join("data")
    }
    /// The write-ahead log.
    #[must_use]
    pub fn wal_folder(&self) -> PathBuf {
        self.root.join("wal")
    }
    /// The double-sign guard.
    #[must_use]
    pub fn guard_file(&self) -> PathBuf {
        self.root.join("guard")
    }
    fn chain_file(&self) -> PathBuf {
        self.root.join("chain")
    }
    /// Makes the folders of a new registrar, the owner's alone.
    ///
    /// # Errors
    /// [`HomeError::Occupied`], [`HomeError::Disk`].
    pub fn create_registrar(&self) -> Result<(), HomeError> {
        let folder = self.registrar_folder();
        if folder.exists() {
            return Err(HomeError::Occupied { path: folder });
        }
        let ceremonies = self.registrar_ceremonies();
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&ceremonies);
        made.map_err(failed(&ceremonies, "creating the folder"))
    }
    /// Takes the trustee's folder for this process: two of them would each keep a guard of their own.
    ///
    /// # Errors
    /// [`HomeError::InUse`], [`HomeError::Disk`].
    pub fn lock_trustee(&self) -> Result<HomeLock, HomeError> {
        Self::at(self.trustee_folder()).lock()
    }
    /// Takes the registrar's folder for this process.
    ///
    /// # Errors
    /// [`HomeError::InUse`], [`HomeError::Disk`].
    pub fn lock_registrar(&self) -> Result<HomeLock, HomeError> {
        Self::at(self.registrar_folder()).lock()
    }
    fn lock_file(&self) -> PathBuf {
        self.root.join("lock")
    }

    /// Makes the folders of a new node; the keys' folder is the owner's alone.
    ///
    /// # Errors
    /// [`HomeError::Occupied`], [`HomeError::Disk`].
    pub fn create(&self) -> Result<(), HomeError> {
        if self.config_file().exists() || self.keys_folder().exists() {
            return Err(HomeError::Occupied { path: self.root.clone() });
        }
        for (folder, mode) in [
            (self.root.clone(), 0o755),
            (self.keys_folder(), 0o700),
            (self.data_folder(), 0o700),
            (self.wal_folder(), 0o700),
            (self.trustee_folder(), 0o700),
        ] {
            let made = fs::DirBuilder::new().recursive(true).mode(mode).create(&folder);
            made.map_err(failed(&folder, "creating the folder"))?;
        }
        Ok(())
    }

    /// Refuses a folder where `urne init` has not been.
    ///
    /// # Errors
    /// [`HomeError::NotAHome`].
    pub fn must_exist(&self) -> Result<(), HomeError> {
        let needed = [("config.toml", self.config_file()), ("keys", self.keys_folder())];
        match needed.into_iter().find(|(_, path)| !path.exists()) {
            Some((missing, _)) => Err(HomeError::NotAHome { path: self.root.clone(), missing }),
            None => Ok(()),
        }
    }

    /// Takes the folder for this process; the system gives it back when the process ends, however it ends.
    ///
    /// # Errors
    /// [`HomeError::InUse`], [`HomeError::Disk`].
    pub fn lock(&self) -> Result<HomeLock, HomeError> {
        let path = self.lock_file();
        let file = File::options().create(true).append(true).open(&path).map_err(failed(&path, "opening"))?;
        match file.try_lock() {
            Ok(()) => Ok(HomeLock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(HomeError::InUse { path: self.root.clone() }),
            Err(TryLockError::Error(e)) => Err(failed(&path, "locking")(e)),
        }
    }

    /// Says whose data this is, at the first start; refuses another chain's at every later one.
    ///
    /// # Errors
    /// [`HomeError::OtherChain`], [`HomeError::Unnamed`], [`HomeError::Disk`].
    pub fn claim_for(&self, chain: &ChainId) -> Result<(), HomeError> {
        self.chain_must_be(chain)?;
        let path = self.chain_file();
        if path.exists() {
            return Ok(());
        }
        disk::create(&path, disk::Readable::ByAll, format!("{chain}\n").as_bytes()).map_err(failed(&path, "writing"))
    }

    /// Refuses another chain's data, writing nothing.
    ///
    /// # Errors
    /// [`HomeError::OtherChain`], [`HomeError::Unnamed`], [`HomeError::Disk`].
    pub fn chain_must_be(&self, chain: &ChainId) -> Result<(), HomeError> {
        let path = self.chain_file();
        match fs::read_to_string(&path) {
            Ok(found) if found.trim() == chain.to_string() => Ok(()),
            Ok(found) => {
                Err(HomeError::OtherChain { path: self.root.clone(), found: found.trim().into(), expected: *chain })
            }
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(failed(&path, "reading")(e)),
            Err(_) if holds_something(&self.data_folder()) || holds_something(&self.wal_folder()) => {
                Err(HomeError::Unnamed { path: self.root.clone() })
            }
            Err(_) => Ok(()),
        }
    }

    /// Writes the settings of a new node.
    ///
    /// # Errors
    /// [`HomeError::Disk`].
    pub fn write_config(&self, text: &str) -> Result<(), HomeError> {
        let path = self.config_file();
        let written = File::create_new(&path).and_then(|mut file| file.write_all(text.as_bytes()));
        written.map_err(failed(&path, "writing"))
    }
}

fn holds_something(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut it| it.next().is_some())
}

fn failed(path: &Path, action: &'static str) -> impl FnOnce(io::Error) -> HomeError {
    let path = path.to_owned();
    move |source| HomeError::Disk { path, action, source }
}
