//! A registrar: the only part of urne that sees an identity. It knows a member by her line in a roll, sends her a one-time code,
//! approves one blinded request of hers for ever, and answers every request that enough registrars have approved; the ledger
//! sees a salted commitment, and the registrar never sees the credential that it signs.
//!
//! ```text
//! roll ─ letter ─► member ─ code ─► POST /v1/requests ─ book (durable) ─► ApproveRequest
//!                                    k approvals on the ledger ─ Answering ─► AnswerRequest
//! ```
//! It carries neither the network nor a database: the ledger is behind [`ledger::Ledger`], its college's node.
pub mod answering;
pub mod authenticator;
pub mod book;
pub mod codes;
pub mod courier;
pub mod entry;
pub mod http;
pub mod ledger;
pub mod letter;
pub mod office;
pub mod problem;
pub mod roll;
