//! The nouns everyone shares, their canonical encoding, signatures and Merkle proofs.
