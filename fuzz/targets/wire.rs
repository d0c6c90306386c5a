//! Whatever a peer may send: one encoding each, and a message that nobody signed is not believed.
#![no_main]
use libfuzzer_sys::fuzz_target;
use urne_consensus::verify_message;
use urne_fuzz::{canonical, voting};
use urne_types::{
    certificate::CommitCertificate,
    message::Equivocation,
    wire::{PeerMessage, TxBatch},
};

fuzz_target!(|bytes: &[u8]| {
    let (world, _) = voting();
    let tip = world.ledger.tip();
    canonical::<TxBatch>(bytes);
    canonical::<CommitCertificate>(bytes);
    canonical::<Equivocation>(bytes);
    if let Some(PeerMessage::Consensus(message)) = canonical(bytes) {
        let is_believed = verify_message(&message, &world.chain(), &tip.validators);
        // The fuzzer has no key; what is signed in its seeds is of the last height, and only that.
        assert!(!is_believed || message.height() <= tip.height.next());
    }
});
