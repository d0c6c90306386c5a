//! The public lot: the last resort among equals, drawn from a declared seed so that anyone can draw it again, and always reported.
//!
//! A draw hashes the seed with the question asked (which stage, who is tied): it never depends on what was drawn before, nor on the
//! order in which questions come. Without a seed the lowest index is drawn, and the lot is reported just the same.

use urne_types::codec::{Decode, Encode};

/// How the election breaks what its rule leaves equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TieBreak {
    /// No seed was declared: the lowest index, reported as a lot.
    LowestIndex,
    /// Drawn from these public bytes (the hash of a later block, say).
    Seed([u8; 32]),
}

/// One draw: who was equal, who came out.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
pub struct Lot {
    /// The round or stage that needed it, from 1.
    pub stage: usize,
    /// Those still equal, in file order.
    pub tied: Vec<usize>,
    /// Who was drawn: the one elected or excluded, as the stage says.
    pub chosen: usize,
}

/// Domain of every hash of this file.
const CONTEXT: &str = "urne 2026 public lot v1";

impl TieBreak {
    /// Draws one of `tied` (not empty, in file order) for `purpose` at `stage`.
    pub fn draw(&self, purpose: &str, stage: usize, tied: &[usize]) -> Lot {
        let place = match self {
            Self::LowestIndex => 0,
            Self::Seed(seed) => {
                let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
                hasher.update(seed);
                hasher.update(&(purpose.len() as u64).to_le_bytes());
                hasher.update(purpose.as_bytes());
                hasher.update(&(stage as u64).to_le_bytes());
                for &candidate in tied {
                    hasher.update(&(candidate as u64).to_le_bytes());
                }
                below(&mut hasher.finalize_xof(), tied.len())
            }
        };
        Lot { stage, tied: tied.to_vec(), chosen: tied[place] }
    }
}

/// The `size` candidates out of `candidates` that the voter known as `voter` has to judge, in file order (all, when `size` is larger).
///
/// Fisher and Yates' shuffle, cut after `size` steps: every subset is equally likely, and anyone can draw it again from the public seed.
pub fn draw_subset(seed: &[u8; 32], voter: &[u8], candidates: usize, size: usize) -> Vec<usize> {
    let mut hasher = blake3::Hasher::new_derive_key("urne 2026 candidates to judge v1");
    hasher.update(seed);
    hasher.update(voter);
    let mut stream = hasher.finalize_xof();
    let mut deck: Vec<usize> = (0..candidates).collect();
    let size = size.min(candidates);
    for place in 0..size {
        let pick = place + below(&mut stream, candidates - place);
        deck.swap(place, pick);
    }
    deck.truncate(size);
    deck.sort_unstable();
    deck
}

/// A uniform number below `bound`: values of the last, incomplete range are thrown back, so that no index is favoured.
fn below(stream: &mut blake3::OutputReader, bound: usize) -> usize {
    let bound = bound as u64;
    let fair = u64::MAX - u64::MAX % bound;
    loop {
        let mut bytes = [0; 8];
        stream.fill(&mut bytes);
        let drawn = u64::from_le_bytes(bytes);
        if drawn < fair {
            return usize::try_from(drawn % bound).expect("a number below a usize is a usize");
        }
    }
}
