//! Affine forms over hidden bits, with public integer coefficients: all that a question's rules are compiled to. The
//! coefficients of a form sum to less than 2^62 in absolute value, so no assignment of bits can wrap around the order of the
//! group: zero modulo the order is zero.
use crate::{
    Refusal,
    group::{Scalar, integer},
    wire::{index, length},
};
use std::collections::BTreeMap;

/// Strict bound on `Σ|c| + |c0|`.
pub const COEFFICIENTS_MAX: u64 = 1 << 62;

/// `Σ c_j b_j + c0`, terms in increasing order of variable, none of them zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    terms: Vec<(u32, i64)>,
    constant: i64,
}

impl Form {
    /// The terms: variable and coefficient.
    #[must_use]
    pub fn terms(&self) -> &[(u32, i64)] {
        &self.terms
    }
    /// The constant c0.
    #[must_use]
    pub const fn constant(&self) -> i64 {
        self.constant
    }
    /// The value on bits.
    #[must_use]
    pub fn of_bits(&self, bits: &[u8]) -> i64 {
        self.terms.iter().fold(self.constant, |sum, (j, c)| match bits.get(*j as usize) {
            Some(0) | None => sum,
            Some(_) => sum + c,
        })
    }
    /// The largest value on any bits.
    #[must_use]
    pub fn maximum(&self) -> i64 {
        self.terms.iter().fold(self.constant, |sum, (_, c)| sum + (*c).max(0))
    }
    /// `Σ c_j v_j + c0·one`: with `one` = 1 the form, with 0 its linear part, with x its homogeneous version.
    pub(crate) fn of_scalars(&self, values: &[Scalar], one: &Scalar) -> Scalar {
        let start = match self.constant {
            0 => Scalar::ZERO,
            1 => *one,
            constant => integer(constant) * one,
        };
        self.terms.iter().fold(start, |sum, (j, c)| {
            let value = &values[*j as usize];
            match c {
                1 => sum + value,
                -1 => sum - value,
                _ => sum + integer(*c) * value,
            }
        })
    }
    /// `c0 i64 ‖ number of terms u32 ‖ (variable u32, coefficient i64)…`.
    pub(crate) fn encode_into(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.constant.to_le_bytes());
        bytes.extend_from_slice(&length(self.terms.len()));
        for (j, c) in &self.terms {
            bytes.extend_from_slice(&j.to_le_bytes());
            bytes.extend_from_slice(&c.to_le_bytes());
        }
    }
}

/// A form being written down: ordinary algebra, no bound yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    terms: BTreeMap<u32, i128>,
    constant: i128,
}

impl Sum {
    pub(crate) fn constant(value: u64) -> Self {
        Self { terms: BTreeMap::new(), constant: value.into() }
    }
    pub(crate) fn variable(j: usize) -> Self {
        Self { terms: BTreeMap::from([(index(j), 1)]), constant: 0 }
    }
    /// Adds `factor · other`. Products of two 64-bit numbers fit; sums saturate and are then refused by their bound.
    pub(crate) fn plus(mut self, factor: i64, other: &Self) -> Self {
        let factor = i128::from(factor);
        for (j, c) in &other.terms {
            let term = self.terms.entry(*j).or_default();
            *term = term.saturating_add(c.saturating_mul(factor));
        }
        self.constant = self.constant.saturating_add(other.constant.saturating_mul(factor));
        self
    }
    pub(crate) fn minus(self, other: &Self) -> Self {
        self.plus(-1, other)
    }
    /// The sum of weights times variables.
    pub(crate) fn weighted(first: usize, weights: &[u64]) -> Self {
        let mut terms = BTreeMap::new();
        for (j, weight) in (first..).zip(weights) {
            terms.insert(index(j), i128::from(*weight));
        }
        Self { terms, constant: 0 }
    }
    /// The sum of consecutive variables.
    pub(crate) fn of_range(range: std::ops::Range<usize>) -> Self {
        Self { terms: range.map(|j| (index(j), 1)).collect(), constant: 0 }
    }
    /// # Errors
    /// [`Refusal::FormTooLarge`].
    pub(crate) fn finish(self) -> Result<Form, Refusal> {
        let size =
            self.terms.values().fold(self.constant.unsigned_abs(), |sum, c| sum.saturating_add(c.unsigned_abs()));
        if u128::from(COEFFICIENTS_MAX) <= size {
            return Err(Refusal::FormTooLarge);
        }
        let small = |c: i128| i64::try_from(c).expect("its absolute value is below 2^62");
        let terms = self.terms.into_iter().filter(|(_, c)| *c != 0).map(|(j, c)| (j, small(c))).collect();
        Ok(Form { terms, constant: small(self.constant) })
    }
}
