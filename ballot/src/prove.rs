//! The prover. It works on the voter's own device and on her bits only; every secret scalar is derived, none is reused, and
//! all of them are wiped. Equations and letters: docs/ballots.md.
use crate::{
    credential::{Credential, CredentialSecret},
    group::{Element, MultiscalarMul, Point, Scalar, base, powers},
    plant::{self, Plant},
    proof::{Proof, SignedProof},
    statement::{Committed, Masks, Statement},
    transcript::SecretSource,
    wire::index,
};
use zeroize::Zeroizing;

/// Encrypts cells and proves them of hidden values. An honest caller has made the values 0 or 1 and the cells `enc_i` of
/// them. The same source gives the same bytes.
pub(crate) fn prove(
    statement: &Statement,
    sequence: u32,
    credential: &Credential,
    values: &[Scalar],
    cells: &[Scalar],
    source: &SecretSource,
) -> Proof {
    let compiled = statement.compiled();
    let (one, nil) = (Scalar::ONE, Scalar::ZERO);
    let h = statement.h().point();
    let h_bits = || statement.h_bits().iter().map(|it| *it.point());

    // A = rG, B_i = enc_i(b) G + r Y_i, V = Σ b_j H_j + β H
    let r = Zeroizing::new(source.scalar("r", 0));
    let beta = Zeroizing::new(source.scalar("beta", 0));
    let a_point = Element::of(base(&r));
    let encrypted = cells.iter().zip(statement.keys());
    let b: Vec<Element> = encrypted.map(|(cell, key)| Element::of(base(cell) + *r * key.point())).collect();
    let commit = |values: &[Scalar], blinder: &Scalar| {
        Element::of(Point::multiscalar_mul(values.iter().chain([blinder]), h_bits().chain([*h])))
    };
    let v = commit(values, &beta);
    let before_y = statement.transcript(sequence);
    let committed = Committed { credential: credential.element(), a: &a_point, b: &b, v: &v };
    let (y, before_x) = before_y.y(&committed);

    // W = Σ a_j H_j + ρ H, S = sG, T = (Σ y^i enc_i^lin(a)) G + s Σ y^i Y_i
    let at = |j: usize| if plant::is(Plant::ReusedMasks) { 0 } else { index(j) };
    let a: Zeroizing<Vec<Scalar>> = Zeroizing::new((0..values.len()).map(|j| source.scalar("a", at(j))).collect());
    let rho = Zeroizing::new(source.scalar("rho", 0));
    let s = Zeroizing::new(source.scalar("s", 0));
    let w_point = commit(&a, &rho);
    let s_point = Element::of(base(&s));
    let mut masked_cells = Zeroizing::new(nil);
    let mut key_scalars = Zeroizing::new(Vec::with_capacity(compiled.cells()));
    for (form, y_i) in compiled.enc_forms().iter().zip(powers(y)) {
        *masked_cells += y_i * form.of_scalars(&a, &nil);
        key_scalars.push(*s * y_i);
    }
    let folded_keys = Point::multiscalar_mul(key_scalars.iter(), statement.keys().iter().map(Element::point));
    let t = Element::of(base(&masked_cells) + folded_keys);

    // d1 = Σ y^k α_k (2 u_k − 1), d0 = Σ y^k α_k², D1 = d1 G + δ1 H, D0 = d0 G + δ0 H
    let (mut square_1, mut square_0) = (Zeroizing::new(nil), Zeroizing::new(nil));
    for (form, y_k) in compiled.bit_forms().iter().zip(powers(y)) {
        let value = Zeroizing::new(form.of_scalars(values, &one));
        let alpha = Zeroizing::new(form.of_scalars(&a, &nil));
        *square_1 += y_k * *alpha * (*value + *value - one);
        *square_0 += y_k * *alpha * *alpha;
    }
    let (delta_1, delta_0) = (Zeroizing::new(source.scalar("delta", 1)), Zeroizing::new(source.scalar("delta", 0)));
    let d1 = Element::of(base(&square_1) + *delta_1 * h);
    let d0 = Element::of(base(&square_0) + *delta_0 * h);

    // u = Σ y^k zero_k^lin(a)
    let u = statement.has_zero_forms().then(|| {
        let forms = compiled.zero_forms().iter().zip(powers(y));
        forms.map(|(form, y_k)| y_k * form.of_scalars(&a, &nil)).sum::<Scalar>()
    });
    let masks = Masks { points: [&w_point, &s_point, &t, &d1, &d0], u: u.as_ref() };
    let (x, _) = before_x.x(&masks);

    // f_j = x b_j + a_j, φ = xβ + ρ, w = xr + s, δ = xδ1 + δ0
    let f = values.iter().zip(a.iter()).map(|(b_j, a_j)| x * b_j + a_j).collect();
    Proof {
        phi: x * *beta + *rho,
        w: x * *r + *s,
        delta: x * *delta_1 + *delta_0,
        a: a_point,
        b,
        v,
        w_point,
        s: s_point,
        t,
        d1,
        d0,
        u,
        f,
        k: *credential,
    }
}

/// Signs a proof under K. The nonce depends on the credential's secret, on everything signed and on fresh randomness, never
/// on the ballot's seed: the seed is revealed by an audit, and a known nonce gives the secret away.
pub(crate) fn sign(
    statement: &Statement,
    sequence: u32,
    proof: Proof,
    secret: &CredentialSecret,
    fresh: &[u8; 32],
) -> SignedProof {
    let (_, before_x) = statement.transcript(sequence).y(&proof.committed());
    let (_, before_e) = before_x.x(&proof.masks());
    let answered = before_e.answered(&proof.responses());
    let role = "urne.v1 ballot signature nonce";
    let mut source = SecretSource::after(role, secret.scalar().as_bytes(), answered.transcript());
    source.append("fresh", fresh);
    if plant::is(Plant::NonceFromSeed) {
        source = SecretSource::new(role, fresh);
    }
    let nonce = Zeroizing::new(source.scalar("nonce", 0));
    let r = Element::of(base(&nonce));
    let sigma = *nonce + answered.e(&r) * secret.scalar();
    SignedProof { proof, r, sigma }
}
