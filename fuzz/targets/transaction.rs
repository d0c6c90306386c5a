//! A transaction from anywhere: what decodes has one encoding and one name, and one verification says what a batch says.
#![no_main]
use libfuzzer_sys::fuzz_target;
use rand::{SeedableRng, rngs::StdRng};
use urne_fuzz::chain;
use urne_types::transaction::{RawTx, UnsignedTx, verify_raw};

fuzz_target!(|bytes: &[u8]| {
    let raw = RawTx(bytes.to_vec());
    let chain = chain::genesis().chain_id();
    let decoded = raw.decode();
    if let Ok(tx) = &decoded {
        assert_eq!(tx.to_raw(), raw, "one transaction, one encoding");
        // The same words, truly signed by somebody, are accepted as that somebody's.
        let key = chain::secret("member 0");
        let signed = UnsignedTx { sender: key.public(), chain, ..tx.unsigned.clone() }.sign(&key);
        let verified = signed.clone().verify(&chain).expect("truly signed");
        assert_eq!((verified.id(), verified.bytes()), (signed.unsigned.id(), signed.to_raw().0.as_slice()));
    }
    let alone = decoded.and_then(|tx| tx.verify(&chain)).map(|it| it.id());
    let good = chain::World::new()
        .tx("member 1", urne_types::transaction::Payload::ApproveAct { act: urne_types::ActId([1; 32]) });
    let batch = [raw.clone(), RawTx(good.bytes().to_vec()), raw];
    let together = verify_raw(&batch, &chain, &mut StdRng::seed_from_u64(1));
    let together: Vec<_> = together.into_iter().map(|it| it.map(|it| it.id())).collect();
    assert_eq!(together, [alone.clone(), Ok(good.id()), alone], "the verdict does not depend on the company");
});
