//! What the targets share: a small chain on which an election is open, and a way to read choices out of a fuzzer's bytes.
//! Each target is one door for strangers' bytes and says in an assertion what must hold behind it, whatever comes in.
#[allow(missing_docs, reason = "the world of the ledger's own tests")]
#[path = "../../ledger/tests/chain/mod.rs"]
pub mod chain;

use chain::World;
use urne_ledger::MemoryKv;
use urne_types::{
    ElectionId,
    codec::{Decode, Encode, decode_canonical, encode},
    limits::MESSAGE_BYTES_MAX,
};

/// Members of the small chain's census; the first eight have cast.
pub const MEMBERS: usize = 12;

/// The small chain: a referendum is open and some have cast.
pub fn voting() -> &'static (World<MemoryKv>, ElectionId) {
    thread_local! {
        // Made once and kept until the process ends; a ledger belongs to one thread.
        static VOTING: &'static (World<MemoryKv>, ElectionId) = Box::leak(Box::new(cast()));
    }
    VOTING.with(|it| *it)
}
fn cast() -> (World<MemoryKv>, ElectionId) {
    let (mut world, election) = World::voting(MEMBERS);
    world.block(&world.ballots(0..5, election));
    world.block(&world.ballots(5..8, election));
    (world, election)
}

/// Decodes, and insists that what decodes is encoded by these very bytes.
pub fn canonical<T: Decode<()> + Encode>(bytes: &[u8]) -> Option<T> {
    let value = decode_canonical(bytes, MESSAGE_BYTES_MAX).ok()?;
    assert_eq!(encode(&value), bytes, "one value, one encoding");
    Some(value)
}

/// Choices, read from the front; a fuzzer that ends early has chosen zeroes.
pub struct Choices<'a>(pub &'a [u8]);
impl<'a> Choices<'a> {
    /// One byte.
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }
    /// A number below `n`.
    pub fn below(&mut self, n: u8) -> u8 {
        self.byte() % n
    }
    /// Two bytes of length, then that many bytes, or what is left.
    pub fn piece(&mut self) -> &'a [u8] {
        let length = usize::from(self.byte()) << 8 | usize::from(self.byte());
        let (piece, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        piece
    }
    /// Whether nothing is left.
    pub fn is_over(&self) -> bool {
        self.0.is_empty()
    }
}

/// A piece as [`Choices::piece`] reads it.
pub fn piece(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).expect("seeds are small");
    [&length.to_be_bytes()[..], bytes].concat()
}
