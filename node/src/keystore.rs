//! Key files: readable by their owner alone, the public half in clear, the secret half sealed under a passphrase unless
//! a testnet says otherwise. A file that others may read is refused: a key that may have leaked is not a key any more.
//!
//! A sealed secret is ChaCha20-Poly1305 under Argon2id (RFC 9106, second recommended option: 64 MiB, 3 passes, 4 lanes),
//! with a fresh salt and nonce per file. The seal covers the version, the role, the public key and the costs, so none of
//! them can be exchanged under it.
mod credentials;

pub use credentials::KeptSignature;

use crate::disk;
use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::{
    ChaCha20Poly1305, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use rand::Rng;
use serde::{Deserialize, Serialize};
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use urne_types::{PublicKey, SecretKey};
use zeroize::{Zeroize, Zeroizing};

/// The version of the file that this code writes.
pub const KEY_FILE_VERSION: u32 = 1;
/// A key file is about 600 bytes, and 300 for each election whose credential it keeps.
const FILE_BYTES_MAX: usize = 64 << 10;
/// Longest passphrase, and passphrase file, in bytes.
pub const PASSPHRASE_BYTES_MAX: usize = 1024;
/// Shortest passphrase: three diceware words.
pub const PASSPHRASE_BYTES_MIN: usize = 12;
/// A file may ask for at most 1 GiB of memory and 16 passes, else opening it is an attack on the machine.
const COSTS_MAX: Costs = Costs { memory_kib: 1 << 20, passes: 16, lanes: 16 };
const COSTS: Costs = Costs { memory_kib: 64 << 10, passes: 3, lanes: 4 };

/// What a key is for; a key file is refused in another role's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyRole {
    /// Signs proposals and precommits.
    Validator,
    /// Proves who a node is on the network.
    Node,
    /// Proposes and approves acts of governance.
    Administrator,
    /// Signs a member's ballots.
    Member,
    /// Signs what a trustee says in ceremonies and openings.
    Trustee,
    /// Signs what a registrar approves and answers.
    Registrar,
}
impl std::fmt::Display for KeyRole {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Validator => "validator",
            Self::Node => "node",
            Self::Administrator => "administrator",
            Self::Member => "member",
            Self::Trustee => "trustee",
            Self::Registrar => "registrar",
        })
    }
}

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Group or others have rights on the file.
    #[error(
        "{path} can be read by others than its owner: if nobody has read it, run `chmod 600 {path}`; else rotate the key"
    )]
    Exposed {
        /// Which file.
        path: PathBuf,
    },
    /// It would have been overwritten.
    #[error("{path} exists already: a key is never replaced silently; move it away first")]
    Exists {
        /// Which file.
        path: PathBuf,
    },
    /// Not a key file of ours.
    #[error("{path} is not a key file that this version of urne reads ({cause}): restore it from its backup")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        cause: String,
    },
    /// A key made for something else.
    #[error("{path} is a {found} key where a {expected} key is needed")]
    WrongRole {
        /// Which file.
        path: PathBuf,
        /// Its role.
        found: KeyRole,
        /// The role needed.
        expected: KeyRole,
    },
    /// Sealed, and no passphrase came.
    #[error("{path} is encrypted: give --passphrase-file, or URNE_PASSPHRASE_FILE")]
    PassphraseNeeded {
        /// Which file.
        path: PathBuf,
    },
    /// The seal does not open.
    #[error("the passphrase does not open {path}, or the file is damaged")]
    WrongPassphrase {
        /// Which file.
        path: PathBuf,
    },
    /// Empty, too short, too long.
    #[error("a passphrase has {PASSPHRASE_BYTES_MIN} to {PASSPHRASE_BYTES_MAX} bytes, this one has {found}")]
    PassphraseLength {
        /// Its length.
        found: usize,
    },
    /// A file operation failed.
    #[error("{path}: {action} failed ({source})")]
    Disk {
        /// Which file.
        path: PathBuf,
        /// What was attempted.
        action: &'static str,
        /// The system's answer.
        source: io::Error,
    },
}

/// What opens a sealed key: wiped on drop, never printed.
///
/// ```compile_fail
/// println!("{:?}", urne_node::keystore::Passphrase::new("correct horse battery".into())); // no Debug
/// ```
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Takes a passphrase.
    ///
    /// # Errors
    /// [`KeyError::PassphraseLength`].
    pub fn new(text: String) -> Result<Self, KeyError> {
        let text = Zeroizing::new(text);
        if (PASSPHRASE_BYTES_MIN..=PASSPHRASE_BYTES_MAX).contains(&text.len()) {
            Ok(Self(text))
        } else {
            Err(KeyError::PassphraseLength { found: text.len() })
        }
    }
    /// Reads the first line of a file that only its owner may read.
    ///
    /// # Errors
    /// [`KeyError::Exposed`], [`KeyError::PassphraseLength`], [`KeyError::Disk`].
    pub fn from_file(path: &Path) -> Result<Self, KeyError> {
        let text = read_private(path, PASSPHRASE_BYTES_MAX + 2)?;
        Self::new(text.lines().next().unwrap_or_default().to_owned())
    }
}

/// How a new file keeps its secret.
pub enum Protection<'a> {
    /// Sealed under a passphrase.
    Sealed(&'a Passphrase),
    /// As it is, for a testnet, or for a node's network identity.
    Unencrypted,
}

/// A key file, read and not yet opened. Its `Debug` shows the public half only.
pub struct KeyFile {
    path: PathBuf,
    content: Content,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    version: u32,
    role: KeyRole,
    public_key: PublicKey,
    secret: Secret,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    credentials: Vec<credentials::KeptCredential>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Secret {
    Plain(String),
    Sealed { kdf: String, costs: Costs, salt: String, cipher: String, nonce: String, ciphertext: String },
}
impl Drop for Secret {
    fn drop(&mut self) {
        if let Self::Plain(seed) = self {
            seed.zeroize();
        }
    }
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Costs {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

const KDF: &str = "argon2id";
const CIPHER: &str = "chacha20poly1305";

impl KeyFile {
    /// Writes a new key file, mode 0600.
    ///
    /// # Errors
    /// [`KeyError::Exists`], [`KeyError::Disk`].
    pub fn create(path: &Path, role: KeyRole, key: &SecretKey, protection: &Protection<'_>) -> Result<(), KeyError> {
        let text = Content::of(role, key, protection).written();
        disk::create(path, disk::Readable::ByOwner, text.as_bytes()).map_err(|e| match e.kind() {
            io::ErrorKind::AlreadyExists => KeyError::Exists { path: path.to_owned() },
            _ => failed(path, "writing")(e),
        })
    }

    /// Keeps the same key under another protection, in the same file: a power cut leaves the one or the other.
    ///
    /// # Errors
    /// What opening it says, or [`KeyError::Disk`].
    pub fn keep_under(&self, opened_by: Option<&Passphrase>, protection: &Protection<'_>) -> Result<(), KeyError> {
        let mut content = Content::of(self.role(), &self.open(opened_by)?, protection);
        content.credentials.clone_from(&self.content.credentials);
        let text = content.written();
        disk::replace(&self.path, disk::Readable::ByOwner, text.as_bytes()).map_err(failed(&self.path, "replacing"))
    }

    /// Reads a key file without opening it.
    ///
    /// # Errors
    /// [`KeyError::Exposed`], [`KeyError::Unreadable`], [`KeyError::WrongRole`], [`KeyError::Disk`].
    pub fn read(path: &Path, expected: KeyRole) -> Result<Self, KeyError> {
        let file = Self::read_any(path)?;
        if file.content.role == expected {
            Ok(file)
        } else {
            Err(KeyError::WrongRole { path: path.to_owned(), found: file.content.role, expected })
        }
    }

    /// The same, whatever the key is for.
    ///
    /// # Errors
    /// [`KeyError::Exposed`], [`KeyError::Unreadable`], [`KeyError::Disk`].
    pub fn read_any(path: &Path) -> Result<Self, KeyError> {
        let text = read_private(path, FILE_BYTES_MAX)?;
        // serde's message may quote what it could not read; a place in the file is all we repeat.
        let content: Content = serde_json::from_str(&text)
            .map_err(|e| unreadable(path, format!("line {}, column {}", e.line(), e.column())))?;
        if content.version != KEY_FILE_VERSION {
            return Err(unreadable(path, format!("version {}", content.version)));
        }
        Ok(Self { path: path.to_owned(), content })
    }

    /// What it is for.
    #[must_use]
    pub fn role(&self) -> KeyRole {
        self.content.role
    }
    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        self.content.public_key
    }
    /// Whether a passphrase is needed.
    #[must_use]
    pub fn is_sealed(&self) -> bool {
        matches!(self.content.secret, Secret::Sealed { .. })
    }

    /// The secret, if the passphrase opens it and it is the public key's. About 0.2 s for a sealed one.
    ///
    /// # Errors
    /// [`KeyError::PassphraseNeeded`], [`KeyError::WrongPassphrase`], [`KeyError::Unreadable`].
    pub fn open(&self, passphrase: Option<&Passphrase>) -> Result<SecretKey, KeyError> {
        let seed = match &self.content.secret {
            Secret::Plain(seed) => self.bytes::<32>(seed)?,
            Secret::Sealed { .. } => {
                let needed = || KeyError::PassphraseNeeded { path: self.path.clone() };
                self.unseal(passphrase.ok_or_else(needed)?)?
            }
        };
        let key = SecretKey::from_seed(&seed);
        if key.public() == self.content.public_key {
            Ok(key)
        } else {
            Err(unreadable(&self.path, "its secret is another public key's".into()))
        }
    }

    fn unseal(&self, passphrase: &Passphrase) -> Result<Zeroizing<[u8; 32]>, KeyError> {
        let Secret::Sealed { kdf, costs, salt, cipher, nonce, ciphertext } = &self.content.secret else {
            unreachable!("open has matched a sealed secret")
        };
        if kdf != KDF || cipher != CIPHER {
            return Err(unreadable(&self.path, format!("{kdf} and {cipher}")));
        }
        let nonce = self.bytes::<12>(nonce)?;
        let ciphertext = self.bytes::<48>(ciphertext)?;
        let key = derive(passphrase, &*self.bytes::<16>(salt)?, *costs)
            .ok_or_else(|| unreadable(&self.path, "its costs are out of bounds".into()))?;
        let aad = associated(self.content.role, &self.content.public_key, *costs);
        let opened = ChaCha20Poly1305::new((&*key).into())
            .decrypt(&Nonce::from(*nonce), Payload { msg: &*ciphertext, aad: &aad })
            .map(Zeroizing::new)
            .map_err(|_| KeyError::WrongPassphrase { path: self.path.clone() })?;
        Ok(Zeroizing::new(*opened.first_chunk().expect("48 sealed bytes open to 32")))
    }

    fn bytes<const N: usize>(&self, text: &str) -> Result<Zeroizing<[u8; N]>, KeyError> {
        let mut bytes = Zeroizing::new([0; N]);
        match hex::decode_to_slice(text, &mut *bytes) {
            Ok(()) => Ok(bytes),
            Err(_) => Err(unreadable(&self.path, format!("{} hex digits are expected somewhere", 2 * N))),
        }
    }
}
impl std::fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyFile({} key {:?})", self.content.role, self.content.public_key)
    }
}

impl Content {
    fn of(role: KeyRole, key: &SecretKey, protection: &Protection<'_>) -> Self {
        let public_key = key.public();
        let secret = match protection {
            Protection::Unencrypted => Secret::Plain(hex::encode(*key.expose())),
            Protection::Sealed(passphrase) => seal(role, &public_key, key, passphrase),
        };
        Self { version: KEY_FILE_VERSION, role, public_key, secret, credentials: Vec::new() }
    }
    /// The whole file.
    fn written(&self) -> Zeroizing<String> {
        Zeroizing::new(serde_json::to_string_pretty(self).expect("a key file has no map") + "\n")
    }
}

fn seal(role: KeyRole, public_key: &PublicKey, key: &SecretKey, passphrase: &Passphrase) -> Secret {
    let (mut salt, mut nonce) = ([0; 16], [0; 12]);
    rand::rng().fill_bytes(&mut salt);
    rand::rng().fill_bytes(&mut nonce);
    let sealing = derive(passphrase, &salt, COSTS).expect("our own costs are within bounds");
    let payload = Payload { msg: &*key.expose(), aad: &associated(role, public_key, COSTS) };
    let sealed = ChaCha20Poly1305::new((&*sealing).into()).encrypt(&Nonce::from(nonce), payload);
    Secret::Sealed {
        kdf: KDF.into(),
        costs: COSTS,
        salt: hex::encode(salt),
        cipher: CIPHER.into(),
        nonce: hex::encode(nonce),
        ciphertext: hex::encode(sealed.expect("32 bytes are far below the cipher's limit")),
    }
}

fn derive(passphrase: &Passphrase, salt: &[u8; 16], costs: Costs) -> Option<Zeroizing<[u8; 32]>> {
    let Costs { memory_kib, passes, lanes } = costs;
    if COSTS_MAX.memory_kib < memory_kib || COSTS_MAX.passes < passes || COSTS_MAX.lanes < lanes {
        return None;
    }
    let params = Params::new(memory_kib, passes, lanes, Some(32)).ok()?;
    let mut key = Zeroizing::new([0; 32]);
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon.hash_password_into(passphrase.0.as_bytes(), salt, &mut *key).ok()?;
    Some(key)
}

/// What the seal covers besides the secret.
fn associated(role: KeyRole, public_key: &PublicKey, costs: Costs) -> Vec<u8> {
    let Costs { memory_kib, passes, lanes } = costs;
    format!("urne.v1 key file|{KEY_FILE_VERSION}|{role}|{public_key}|{memory_kib}|{passes}|{lanes}").into_bytes()
}

fn read_private(path: &Path, bytes_max: usize) -> Result<Zeroizing<String>, KeyError> {
    if disk::is_open_to_others(path).map_err(failed(path, "reading its rights"))? {
        return Err(KeyError::Exposed { path: path.to_owned() });
    }
    let length = fs::metadata(path).map_err(failed(path, "reading"))?.len();
    if (bytes_max as u64) < length {
        return Err(unreadable(path, format!("{length} bytes long")));
    }
    fs::read_to_string(path).map(Zeroizing::new).map_err(failed(path, "reading"))
}

fn unreadable(path: &Path, cause: String) -> KeyError {
    KeyError::Unreadable { path: path.to_owned(), cause }
}

fn failed(path: &Path, action: &'static str) -> impl FnOnce(io::Error) -> KeyError {
    let path = path.to_owned();
    move |source| KeyError::Disk { path, action, source }
}
