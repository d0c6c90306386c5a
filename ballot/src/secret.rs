//! Secrets of 32 bytes, out of which all others are derived.
/// 32 secret bytes: made fresh or read from a key file, wiped on drop, never printed, written only where its owner says.
macro_rules! secret_bytes {
    ($(#[$about:meta])* $name:ident) => {
        $(#[$about])*
        pub struct $name(zeroize::Zeroizing<[u8; 32]>);
        impl $name {
            /// From 32 bytes.
            #[must_use]
            pub fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(zeroize::Zeroizing::new(bytes))
            }
            /// Fresh; the randomness comes in by the door.
            #[must_use]
            pub fn generate(rng: &mut impl rand_core::CryptoRng) -> Self {
                let mut bytes = zeroize::Zeroizing::new([0; 32]);
                rng.fill_bytes(bytes.as_mut());
                Self(bytes)
            }
            /// The 32 secret bytes, to be shown as a phrase or written to a key file, and nowhere else.
            #[must_use]
            pub fn expose(&self) -> zeroize::Zeroizing<[u8; 32]> {
                self.0.clone()
            }
        }
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(secret)"))
            }
        }
    };
}
pub(crate) use secret_bytes;
