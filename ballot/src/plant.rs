//! Faults planted on purpose, so that the tests can show which of them sees each one. Without the feature `plants` the
//! question "is it planted?" is the constant no, and the compiler removes the fault.

/// One fault. The doc says what it breaks; `tests/plants.rs` says who notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "plants"), allow(dead_code, unreachable_pub, reason = "named where it would be planted"))]
pub enum Plant {
    /// The context (chain, election, sequence) is left out of the ballot's transcript.
    ContextNotHashed,
    /// The credential key is left out of the ballot's transcript.
    CredentialNotHashed,
    /// The encrypted cells are left out of the ballot's transcript.
    CellsNotHashed,
    /// The masks W, S, T, D1, D0 are left out of the ballot's transcript: weak Fiat-Shamir.
    MasksNotHashed,
    /// Equations (2) and (3) are summed with fixed coefficients.
    MergedEquations,
    /// All masks of the bits are one scalar: `vec![Scalar::random(rng); n]`.
    ReusedMasks,
    /// Randomness comes from the seed alone, whatever the choices.
    ChoicesNotInRandomness,
    /// The signature's nonce comes from the ballot's seed.
    NonceFromSeed,
    /// The identity is taken for a credential key.
    IdentityCredentialAccepted,
    /// Two equal points in a ballot are accepted.
    RepeatedPointAccepted,
    /// All coefficients of a batch are zero.
    ZeroBatchCoefficients,
    /// All coefficients of a batch are one.
    EqualBatchCoefficients,
    /// Scalars are reduced instead of refused when they are not canonical.
    ScalarsReduced,
    /// Digits are plain powers of two, whatever the maximum.
    PlainPowersOfTwo,
    /// The last cell of a row is not proven to be 0 or 1.
    ImplicitCellUnproven,
    /// A blinded request is not tested for the prime-order subgroup.
    SubgroupUnchecked,
    /// The decryption proof leaves the election and the totals out of its transcript.
    UrnNotHashed,
    /// The proofs of possession of the ceremony are not verified.
    PossessionUnchecked,
    /// The commitments of a dealer are not compared with the hash sent before.
    RushedCommitments,
}

#[cfg(feature = "plants")]
mod planted {
    use super::Plant;
    use std::cell::Cell;

    thread_local! {
        static PLANTED: Cell<Option<Plant>> = const { Cell::new(None) };
    }

    /// Runs something with one fault planted in this thread.
    pub fn during<R>(plant: Plant, run: impl FnOnce() -> R) -> R {
        PLANTED.set(Some(plant));
        let result = run();
        PLANTED.set(None);
        result
    }

    pub(crate) fn is(plant: Plant) -> bool {
        PLANTED.get() == Some(plant)
    }
}
#[cfg(feature = "plants")]
pub use planted::during;
#[cfg(feature = "plants")]
pub(crate) use planted::is;

#[cfg(not(feature = "plants"))]
pub(crate) const fn is(_: Plant) -> bool {
    false
}
