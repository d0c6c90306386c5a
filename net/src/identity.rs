//! Who is at the other end: a node is its Ed25519 key, proved by the handshake. The secret half is wiped and never printed.
use libp2p::{PeerId, identity::Keypair};
use urne_types::NodeId;
use zeroize::Zeroizing;

/// What precedes the 32 bytes of an Ed25519 key in a libp2p peer id: identity multihash (0x00) of 36 bytes (0x24) holding the
/// protobuf `{ type: Ed25519 (08 01), key: 32 bytes (12 20) }` (libp2p specs, peer-ids).
const PEER_ID_PREFIX: [u8; 6] = [0x00, 0x24, 0x08, 0x01, 0x12, 0x20];

/// The secret of a node's network identity: never printed, never serialised, wiped on drop.
///
/// ```compile_fail
/// println!("{:?}", urne_net::NodeSecret::from_bytes([7; 32])); // a secret has no Debug
/// ```
#[derive(Clone)]
pub struct NodeSecret(Zeroizing<[u8; 32]>);

impl NodeSecret {
    /// Takes the 32 bytes of an Ed25519 secret key.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The public name of the node that holds this secret.
    #[must_use]
    pub fn node_id(&self) -> NodeId {
        node_of(&self.keypair().public().to_peer_id()).expect("an Ed25519 key has an Ed25519 peer id")
    }

    pub(crate) fn keypair(&self) -> Keypair {
        // libp2p wipes the copy that it parses.
        Keypair::ed25519_from_bytes(*self.0).expect("any 32 bytes are an Ed25519 secret")
    }
}

/// The libp2p name of a node.
pub(crate) fn peer_of(node: NodeId) -> PeerId {
    let mut bytes = PEER_ID_PREFIX.to_vec();
    bytes.extend_from_slice(&node.0);
    PeerId::from_bytes(&bytes).expect("a 36-byte identity multihash is a peer id")
}

/// The node behind a libp2p name; none when its key is not Ed25519.
pub(crate) fn node_of(peer: &PeerId) -> Option<NodeId> {
    let bytes = peer.to_bytes();
    let key = bytes.strip_prefix(PEER_ID_PREFIX.as_slice())?;
    Some(NodeId(key.try_into().ok()?))
}
