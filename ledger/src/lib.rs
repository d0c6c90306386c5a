//! Blocks, their execution, the state they commit to, and its durable, atomic keeping. Floor 3: knows the rules by name
//! (`urne-vote-contract`) and nothing of rounds in progress, peers or clocks.
//!
//! ```text
//! VerifiedTx… --propose--> ExecutedBlock --bytes--> (peers) --judge--> ExecutedBlock --commit + certificate--> CommittedBlock
//! ```
//! [`Ledger`] belongs to one thread. [`Readers`] lets others ask [`Reader`] about one consistent moment. The bytes live in a
//! [`Kv`]: in memory ([`MemoryKv`]) or in RocksDB (feature `rocks`).
#[cfg(feature = "rocks")]
pub mod checkpoint;
pub mod kv;
pub mod records;
mod remembered;

mod error;
mod executed;
mod execution;
mod judge;
mod ledger;
mod logs;
mod memory;
mod propose;
mod reader;
mod replay;
#[cfg(feature = "rocks")]
mod rocks;
mod startup;
mod state_tree;
mod turns;
mod view;

pub use error::{BlockFault, CommitError, ExecuteError, LedgerError, Refused};
pub use executed::{CommittedBlock, CommittedTx, ExecutedBlock};
pub use kv::{Kv, KvRead, Readers, StoreError};
pub use ledger::Ledger;
pub use memory::MemoryKv;
pub use propose::{ProposeContext, Proposed};
pub use reader::{LogEntry, NoProof, Reader};
pub use records::{LeafSource, Tip, TxPlace};
pub use replay::{DeepFault, DeepReport, Progress, Verify, verify_deep};
#[cfg(feature = "rocks")]
pub use rocks::RocksKv;
pub use startup::Repair;
pub use view::View;
