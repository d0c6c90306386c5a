//! Reads fixed-size records from bytes, and never past their end. Integers are little-endian.
use crate::{
    Refusal,
    group::{Element, Scalar, WORD, scalar},
};

/// What is left of some bytes, and the refusal that they earn when they end too early or too late.
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    refusal: Refusal,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8], refusal: Refusal) -> Self {
        Self { rest: bytes, refusal }
    }
    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8], Refusal> {
        let (head, rest) = self.rest.split_at_checked(length).ok_or(self.refusal)?;
        self.rest = rest;
        Ok(head)
    }
    pub(crate) fn array<const N: usize>(&mut self) -> Result<&'a [u8; N], Refusal> {
        let (head, rest) = self.rest.split_first_chunk().ok_or(self.refusal)?;
        self.rest = rest;
        Ok(head)
    }
    pub(crate) fn element(&mut self) -> Result<Element, Refusal> {
        Element::decode(self.array::<WORD>()?)
    }
    pub(crate) fn elements(&mut self, n: usize) -> Result<Vec<Element>, Refusal> {
        (0..n).map(|_| self.element()).collect()
    }
    pub(crate) fn scalar(&mut self) -> Result<Scalar, Refusal> {
        scalar(self.array::<WORD>()?)
    }
    pub(crate) fn u16(&mut self) -> Result<u16, Refusal> {
        Ok(u16::from_le_bytes(*self.array()?))
    }
    pub(crate) fn u64(&mut self) -> Result<u64, Refusal> {
        Ok(u64::from_le_bytes(*self.array()?))
    }
    pub(crate) fn end(self) -> Result<(), Refusal> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.refusal) }
    }
}

/// A length as it stands before what it measures: u32, little-endian.
pub(crate) fn length(n: usize) -> [u8; 4] {
    u32::try_from(n).expect("nothing of this crate is 4 GiB long").to_le_bytes()
}

/// An index that was bounded when its question was compiled or its ceremony begun.
pub(crate) fn index(n: usize) -> u32 {
    u32::try_from(n).expect("every list of this crate is bounded far below 2^32")
}
