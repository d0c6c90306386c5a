//! Signatures: one alone and many together get the same verdict, also for what another library accepts or refuses.
mod support;
use curve25519_dalek::{
    constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION},
    edwards::CompressedEdwardsY,
    scalar::Scalar,
};
use sha2::{Digest, Sha512};
use support::*;
use urne_types::{
    PublicKey, Signature,
    certificate::BadCertificate,
    key::{Claim, verify_many},
    validators::{ProposerDuty, Validator, ValidatorSet},
    *,
};

fn good(n: u8) -> Claim {
    let digest = [n; 32];
    Claim { key: key(n).public(), digest, signature: key(n).sign_digest(&digest) }
}

/// A signature whose R carries a small-order part: the cofactored equation accepts it, the cofactorless one does not.
fn mixed_order(n: u8) -> Claim {
    let digest = [n; 32];
    let secret = Scalar::from(u64::from(n) + 1);
    let public = PublicKey((secret * ED25519_BASEPOINT_POINT).compress().0);
    let nonce = Scalar::from(77_u64);
    let r = (nonce * ED25519_BASEPOINT_POINT + EIGHT_TORSION[1]).compress();
    let wide: [u8; 64] = Sha512::new().chain_update(r.0).chain_update(public.0).chain_update(digest).finalize().into();
    let s = nonce + Scalar::from_bytes_mod_order_wide(&wide) * secret;
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&r.0);
    signature[32..].copy_from_slice(s.as_bytes());
    Claim { key: public, digest, signature: Signature(signature) }
}

#[test]
fn one_and_many_agree_on_mixed_order_signatures_in_any_grouping() {
    let mut rng = rand::rng();
    let claims: Vec<Claim> = (1..=12).map(|n| if n % 3 == 0 { mixed_order(n) } else { good(n) }).collect();
    for claim in &claims {
        assert!(claim.key.verifies(&claim.digest, &claim.signature));
    }
    for size in 1..=claims.len() {
        for group in claims.chunks(size) {
            assert!(verify_many(group, &mut rng).into_iter().all(|it| it));
        }
    }
}

#[test]
fn a_batch_finds_every_culprit_and_only_them() {
    let mut rng = rand::rng();
    let mut claims: Vec<Claim> = (1..=20).map(good).collect();
    for culprit in [0, 7, 8, 19] {
        claims[culprit].digest[0] ^= 1;
    }
    let verdicts = verify_many(&claims, &mut rng);
    for (n, verdict) in verdicts.iter().enumerate() {
        assert_eq!(*verdict, ![0, 7, 8, 19].contains(&n), "claim {n}");
    }
    assert!(verify_many(&[], &mut rng).is_empty());
}

/// The signature that needs no secret: R is the neutral element, s is zero.
const NOBODYS: Signature = Signature({
    let mut bytes = [0; 64];
    bytes[0] = 1;
    bytes
});

#[test]
fn a_key_is_sound_unless_it_is_no_point_or_anyone_signs_under_it() {
    for point in EIGHT_TORSION {
        let key = PublicKey(point.compress().0);
        assert!(key.verifies(&[9; 32], &NOBODYS) && !key.is_sound(), "{key}");
    }
    let encoded = |y: u8| {
        let mut bytes = [0; 32];
        bytes[0] = y;
        bytes
    };
    let no_point = (2..).map(encoded).find(|it| CompressedEdwardsY(*it).decompress().is_none()).expect("half of all");
    assert!(!PublicKey(no_point).is_sound());
    for n in 1..=20 {
        assert!(key(n).public().is_sound() && !key(n).public().verifies(&[9; 32], &NOBODYS));
    }
    assert!(mixed_order(1).key.is_sound());
}

#[test]
fn a_secret_key_never_shows_itself() {
    let shown = format!("{:?}", key(3));
    assert!(!shown.contains(&hex::encode(key(3).expose().as_slice())));
    assert!(shown.contains("PublicKey"));
}

fn four() -> ValidatorSet {
    let member = |n| Validator {
        id: ValidatorId::of(&key(n).public()),
        key: key(n).public(),
        college: CollegeId::new(n.into()),
        power: VotingPower::new(250_000),
        duty: ProposerDuty::Proposes,
    };
    ValidatorSet::new((1..=4).map(member).collect()).expect("four members")
}

#[test]
fn a_certificate_proves_only_what_a_quorum_signed_once_each() {
    let good = certificate();
    assert_eq!(good.verify(&CHAIN, &four()), Ok(()));
    let with = |keep: &[usize]| {
        let mut it = good.clone();
        it.signatures = list(keep.iter().map(|at| good.signatures[*at].clone()).collect());
        it.verify(&CHAIN, &four())
    };
    assert_eq!(with(&[0, 1, 2]), Ok(()));
    assert!(matches!(with(&[0, 1]), Err(BadCertificate::NoQuorum { .. })));
    assert!(matches!(with(&[0, 1, 1]), Err(BadCertificate::Order(_))), "a signer counts once");
    assert!(matches!(with(&[1, 0, 2]), Err(BadCertificate::Order(_))));
    assert!(matches!(with(&[]), Err(BadCertificate::NoQuorum { .. })));
    let mut other = good.clone();
    other.block = BlockHash([9; 32]);
    assert!(matches!(other.verify(&CHAIN, &four()), Err(BadCertificate::Signature(_))));
    assert!(matches!(good.verify(&ChainId([1; 32]), &four()), Err(BadCertificate::Signature(_))));
    let mut stranger = good.clone();
    let mut signatures = good.signatures.to_vec();
    signatures[3].validator = ValidatorId([255; 20]);
    stranger.signatures = list(signatures);
    assert!(matches!(stranger.verify(&CHAIN, &four()), Err(BadCertificate::Stranger(_))));
}
