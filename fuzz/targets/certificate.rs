//! Certificates put together from true and false signatures: one holds exactly when distinct members with more than two
//! thirds of the power signed this very block, counted here by hand.
#![no_main]
use libfuzzer_sys::fuzz_target;
use std::collections::BTreeSet;
use urne_fuzz::{Choices, chain, voting};
use urne_types::{
    BlockHash, Height, Round, Signature, ValidatorId,
    bounded::List,
    certificate::{CommitCertificate, CommitSignature},
    signed::Signed,
};

fuzz_target!(|bytes: &[u8]| {
    let mut choices = Choices(bytes);
    let (world, _) = voting();
    let set = &world.ledger.tip().validators;
    let pick = |n: u8| (Height::new(u64::from(n & 1)), Round::new(u32::from(n >> 1 & 1)), BlockHash([n >> 2 & 1; 32]));
    let (height, round, block) = pick(choices.byte());
    let claim = CommitCertificate { height, round, block, signatures: List::default() };
    let (mut signatures, mut honest, mut is_sorted) = (Vec::new(), BTreeSet::new(), true);
    let mut is_sound = true;
    for _ in 0..choices.below(8) {
        // 1 to 4 are members, 5 is a stranger; they sign this block, or another, or nothing.
        let key = chain::validator(u16::from(choices.below(5)) + 1);
        let validator = ValidatorId::of(&key.public());
        let said = pick(choices.byte());
        let precommit = CommitCertificate { height: said.0, round: said.1, block: said.2, ..claim.clone() };
        let signed = Signed::sign(&world.chain(), precommit.precommit_of(validator), &key).into_signed();
        let signature = if choices.below(8) == 0 { Signature([0; 64]) } else { signed.signature };
        let is_true = said == (height, round, block) && signature == signed.signature && set.get(&validator).is_some();
        is_sorted &= signatures.last().is_none_or(|it: &CommitSignature| it.validator < validator);
        is_sound &= is_true;
        honest.insert(validator);
        signatures.push(CommitSignature { validator, signature });
    }
    let certificate = CommitCertificate { signatures: List::new(signatures).expect("few"), ..claim };
    let expected = is_sound && is_sorted && 3 <= honest.len();
    assert_eq!(certificate.verify(&world.chain(), set).is_ok(), expected, "{certificate:?}");
});
