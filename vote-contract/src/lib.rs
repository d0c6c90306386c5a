//! The rules of elections and governance: a pure function over a view of the state. Same state, same block, same changes, on
//! every machine; a refused transaction changes nothing. It never reads a clock, a disk or chance, and never sees a vote
//! before it is cast in public.
//!
//! A block runs in this order, each step reading through what the steps before it changed:
//! ```text
//! begin_block    demotions, transitions that are due (open, close), counts, what expires, upgrades
//! execute        once for each transaction, in order
//! end_block      the validators of height + 2
//! ```
//! `view` is always the state *before the block*, and `changes` what the block has changed so far: the rules read through
//! it. To judge a transaction against the committed state alone, pass empty changes.
pub mod context;
pub mod event;
pub mod keys;
pub mod method;
pub mod read;
pub mod records;
pub mod result;
pub mod sealed;
pub mod state;

mod answer;
mod attendance;
mod ballot;
mod calendar;
mod call;
mod cells;
mod census;
mod colleges;
mod conclude;
mod conventions;
mod counting;
mod definition;
mod electors;
mod evidence;
mod genesis;
mod governance;
mod parts;
mod people;
mod protocol;
mod recount;
mod run;
mod runs;
mod sequel;
mod shares;
mod statutes;
mod validators;
mod work;

pub use call::Call;
#[cfg(feature = "plants")]
pub use context::Plant;
pub use context::{BlockContext, LastCommit};
pub use definition::needs_lot;
pub use event::{Appearance, Event, Outcome};
pub use genesis::{GenesisFault, genesis};
pub use read::*;
pub use recount::{Recount, recount};
pub use result::{Count, ElectionResult, QuestionResult, Turnout};
pub use run::{begin_block, emargement_leaf, end_block, execute};
pub use state::{Changes, LogId, Overlay, Space, StateView};
pub use statutes::judge_statutes;
