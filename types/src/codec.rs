//! The one canonical encoding, and the only module that names bincode (docs/decisions/0003). One value has one encoding:
//! little-endian, fixed-size integers; anything else is refused, and no input makes us allocate beyond its own limit.
pub use bincode::{Decode, Encode};

/// For crates that derive [`Encode`] and [`Decode`]: `#[bincode(crate = "urne_types::codec::bincode")]`.
#[doc(hidden)]
pub use bincode;

use crate::limits::{MESSAGE_BYTES_MAX, SMALL_MESSAGE_BYTES_MAX};

/// Bytes that are not the canonical encoding of what was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Longer than this kind of message may be.
    #[error("{found} bytes where at most {max} are allowed")]
    TooLong {
        /// Bytes received.
        found: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// Not decodable: truncated, an unknown variant, a list over its bound.
    #[error("not decodable: {0}")]
    Undecodable(String),
    /// Bytes left over after the value.
    #[error("{0} bytes follow the value")]
    Trailing(usize),
    /// Decodable, but not what encoding the value gives.
    #[error("not the canonical encoding of its value")]
    NotCanonical,
    /// Not lower-case hex of the right length.
    #[error("expected {expected_digits} lower-case hex digits")]
    Hex {
        /// Digits expected.
        expected_digits: usize,
    },
}

const fn config<const LIMIT: usize>()
-> bincode::config::Configuration<bincode::config::LittleEndian, bincode::config::Fixint, bincode::config::Limit<LIMIT>>
{
    bincode::config::standard().with_little_endian().with_fixed_int_encoding().with_limit::<LIMIT>()
}

/// The canonical bytes of a value.
#[must_use]
pub fn encode<T: Encode>(value: &T) -> Vec<u8> {
    let config = bincode::config::standard().with_little_endian().with_fixed_int_encoding();
    bincode::encode_to_vec(value, config).expect("encoding to memory cannot fail for our types")
}

/// The value whose canonical bytes these are.
///
/// # Errors
/// [`Malformed`]: longer than `max`, truncated, trailing, out of bounds or not canonical.
pub fn decode_canonical<T: Decode<()> + Encode>(bytes: &[u8], max: usize) -> Result<T, Malformed> {
    if max.min(MESSAGE_BYTES_MAX) < bytes.len() {
        return Err(Malformed::TooLong { found: bytes.len(), max });
    }
    whole(bytes, |bytes| {
        if bytes.len() <= SMALL_MESSAGE_BYTES_MAX {
            bincode::decode_from_slice(bytes, config::<SMALL_MESSAGE_BYTES_MAX>())
        } else {
            bincode::decode_from_slice(bytes, config::<MESSAGE_BYTES_MAX>())
        }
    })
}

/// The value of a record that the rules wrote, or that was proven to stand in the state: whatever [`encode`] gave, up to 4 MiB,
/// is read again. bincode counts a list by what it takes in memory, which may be many times what it takes in bytes: a stranger's
/// message is held to that count, a record of our own would be lost by it.
///
/// # Errors
/// [`Malformed`]: longer than [`MESSAGE_BYTES_MAX`], truncated, trailing, out of bounds or not canonical.
pub fn decode_record<T: Decode<()> + Encode>(bytes: &[u8]) -> Result<T, Malformed> {
    /// The most bytes in memory for one encoded.
    const SWELLING: usize = 64;
    if MESSAGE_BYTES_MAX < bytes.len() {
        return Err(Malformed::TooLong { found: bytes.len(), max: MESSAGE_BYTES_MAX });
    }
    whole(bytes, |bytes| bincode::decode_from_slice(bytes, config::<{ SWELLING * MESSAGE_BYTES_MAX }>()))
}

fn whole<T: Encode>(
    bytes: &[u8],
    decode: impl FnOnce(&[u8]) -> Result<(T, usize), bincode::error::DecodeError>,
) -> Result<T, Malformed> {
    let (value, consumed) = decode(bytes).map_err(|e| Malformed::Undecodable(e.to_string()))?;
    if consumed != bytes.len() {
        return Err(Malformed::Trailing(bytes.len() - consumed));
    }
    if encode(&value) != bytes {
        return Err(Malformed::NotCanonical);
    }
    Ok(value)
}
