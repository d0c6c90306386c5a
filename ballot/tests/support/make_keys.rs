//! Right and wrong credentials, ceremony messages and openings.
use crate::support::{ceremony::*, *};
use serde_json::{Value, json};
use urne_ballot::ceremony::*;
use urne_ballot::*;
use urne_types::{CollegeId, DraftId, ElectionId};

const FOUR: [u16; 4] = [1, 2, 3, 4];

fn outside_the_subgroup() -> [u8; 48] {
    let candidates = (1..40_u8).map(|x| {
        let mut bytes = [0; 48];
        (bytes[0], bytes[47]) = (0x80, x);
        bytes
    });
    let is_on_curve =
        |it: &[u8; 48]| plant::during(plant::Plant::SubgroupUnchecked, || BlindRequest::decode(it).is_ok());
    candidates.into_iter().find(is_on_curve).unwrap()
}

pub fn credentials() -> Value {
    let ours = shared_keys::<Registrars>(&[1, 2, 3], 1);
    let of_another_college = shared_keys::<Registrars>(&[1, 2, 3, 4], 1);
    let issue_by = |(keys, shares): &(ThresholdKeys<Registrars>, Vec<SecretShare<Registrars>>), voter, college| {
        let (secret, pending) = RootSecret::from_bytes([voter; 32]).request(&CHAIN, &ELECTION, college);
        let request = *pending.request();
        let mut approvals = Approvals::default();
        (1..4).for_each(|registrar| approvals.approve(registrar, &request).unwrap());
        let approved = approvals.approved(&request, keys).unwrap();
        let answers: Vec<CandidateAnswer> = shares.iter().map(|it| it.answer(&approved)).collect();
        let verified: Vec<BlindAnswer> = answers.iter().map(|it| it.verify(&request, keys).unwrap()).collect();
        (*secret.public(), request, answers, pending.finish(&verified, keys).unwrap())
    };
    let issue = |voter: u8, college: CollegeId| issue_by(&ours, voter, college);
    let keys = &ours.0;
    let elsewhere = CollegeId::new(COLLEGE.get() + 1);
    let voters = [(1, COLLEGE), (2, COLLEGE), (3, COLLEGE), (1, elsewhere)];
    let right = voters.map(|(voter, college)| {
        let (credential, request, answers, signature) = issue(voter, college);
        json!({
            "name": format!("voter {voter} in college {college}"),
            "root": hex::encode([voter; 32]),
            "college": college.get(),
            "credential": hex::encode(credential.bytes()),
            "message": hex::encode([CHAIN.0, ELECTION.0, *credential.bytes()].concat()),
            "request": hex::encode(request.bytes()),
            "answers": answers.iter().map(|it| hex::encode(it.encode())).collect::<Vec<_>>(),
            "signature": hex::encode(signature.bytes()),
        })
    });
    let (one, request, answers, signature) = issue(1, COLLEGE);
    let (two, other_request, _, other) = issue(2, COLLEGE);
    let (_, _, _, of_elsewhere) = issue(1, elsewhere);
    let (_, _, _, by_others) = issue_by(&of_another_college, 1, COLLEGE);
    let mut wrong = Vec::new();
    let mut signature_for = |name: &str, credential: &Credential, election: ElectionId, bytes: [u8; 48]| {
        let verified = CredentialSignature::decode(&bytes)
            .and_then(|it| it.verify(&CHAIN, &election, credential, keys).map(|_| ()));
        wrong.push(json!({
            "name": name, "kind": "signature", "credential": hex::encode(credential.bytes()),
            "election": hex::encode(election.0), "bytes": hex::encode(bytes), "refusal": verified.unwrap_err().code(),
        }));
    };
    signature_for("another credential's signature", &one, ELECTION, other.bytes());
    signature_for("a signature for another election", &one, ElectionId([9; 32]), signature.bytes());
    signature_for("a signature shown for another credential", &two, ELECTION, signature.bytes());
    signature_for("the signature of her credential in another college", &one, ELECTION, of_elsewhere.bytes());
    signature_for("a signature of another college's registrars", &one, ELECTION, by_others.bytes());
    let point = |first: u8| {
        let mut bytes = [0; 48];
        bytes[0] = first;
        bytes
    };
    signature_for("the identity as a signature", &one, ELECTION, point(0xc0));
    signature_for("a signature outside the subgroup", &one, ELECTION, outside_the_subgroup());
    for (name, bytes) in [
        ("a request of order three", point(0x80)),
        ("a request outside the subgroup", outside_the_subgroup()),
        ("the identity as a request", point(0xc0)),
        ("a request that is no point", [0xff; 48]),
        ("a request without the compression bit", point(0)),
    ] {
        let refusal = BlindRequest::decode(&bytes).unwrap_err().code();
        wrong.push(json!({"name": name, "kind": "request", "bytes": hex::encode(bytes), "refusal": refusal}));
    }
    let bytes = answers[0].encode();
    let mut answer_to = |name: &str, request: &BlindRequest, bytes: &[u8]| {
        let verified = CandidateAnswer::decode(bytes).and_then(|it| it.verify(request, keys).map(|_| ()));
        wrong.push(json!({
            "name": name, "kind": "answer", "request": hex::encode(request.bytes()), "bytes": hex::encode(bytes),
            "refusal": verified.unwrap_err().code(),
        }));
    };
    answer_to("an answer to another request", &other_request, &bytes);
    answer_to("an answer under another registrar's number", &request, &[&[2, 0], &bytes[2..]].concat());
    answer_to("an answer of nobody", &request, &[&[9, 0], &bytes[2..]].concat());
    answer_to("a short answer", &request, &bytes[..40]);
    // The ledger's rules, as Approvals keeps them.
    let mut approvals = Approvals::default();
    approvals.approve(1, &request).unwrap();
    wrong.push(json!({
        "name": "a second request of one entry", "kind": "approvals",
        "approved": [[1, hex::encode(request.bytes())]], "then": [1, hex::encode(other_request.bytes())],
        "refusal": approvals.approve(1, &other_request).unwrap_err().code(),
    }));
    wrong.push(json!({
        "name": "an answer before enough approvals", "kind": "approvals",
        "approved": [[1, hex::encode(request.bytes())]], "then": hex::encode(request.bytes()),
        "refusal": approvals.approved(&request, keys).unwrap_err().code(),
    }));
    json!({
        "domain": String::from_utf8(blind::DOMAIN.to_vec()).unwrap(),
        "chain": hex::encode(CHAIN.0), "election": hex::encode(ELECTION.0),
        "keys": hex::encode(keys.encode()), "right": right, "wrong": wrong,
    })
}

fn ceremony_of<G: threshold::ThresholdGroup + ThresholdRule>(name: &str, colleges: &[u16], keys: u16) -> Value {
    let meeting = Meeting::<G>::of(invitation(colleges, keys));
    let recorded = meeting.record();
    let joinings =
        meeting.secrets.iter().map(|(number, it)| hex::encode(it.join::<G>(&meeting.invitation, *number).unwrap()));
    let dealings = meeting.dealings.iter().map(|(number, it)| {
        let shares: Vec<Value> = it.shares.iter().map(|(to, bytes)| json!([to, hex::encode(bytes)])).collect();
        json!({
            "dealer": number, "hash": hex::encode(it.hash.0), "commitments": hex::encode(&it.commitments), "shares": shares,
        })
    });
    json!({
        "name": name,
        "group": G::NAME,
        "chain": hex::encode(meeting.invitation.chain.0),
        "draft": hex::encode(meeting.invitation.draft.0),
        "scope": 0, "attempt": 0, "keys_wanted": keys,
        "colleges": colleges,
        "secrets": meeting.secrets.iter().map(|(_, it)| hex::encode(it.expose().as_ref())).collect::<Vec<_>>(),
        "joinings": joinings.collect::<Vec<_>>(),
        "threshold": meeting.ceremony.threshold(),
        "ceremony": hex::encode(meeting.ceremony.digest()),
        "dealings": dealings.collect::<Vec<_>>(),
        "keys": hex::encode(meeting.keys(&recorded).encode()),
    })
}

pub fn ceremony() -> Value {
    let meeting = Meeting::<Trustees>::of(invitation(&FOUR, 2));
    let recorded = meeting.record();
    let (invited, ceremony) = (&meeting.invitation, &meeting.ceremony);
    let mut wrong = Vec::new();
    let mut add = |name: &str, step: &str, sender: u16, bytes: &[u8], refused: Result<(), Refusal>| {
        let refusal = refused.unwrap_err().code();
        wrong.push(
            json!({"name": name, "step": step, "sender": sender, "bytes": hex::encode(bytes), "refusal": refusal}),
        );
    };
    let join = |number: u16, bytes: &[u8]| invited.verify_joining::<Trustees>(number, bytes).map(|_| ());
    let good = meeting.secrets[0].1.join::<Trustees>(invited, 1).unwrap();
    let identity = [vec![0; 32], good[32..].to_vec()].concat();
    for (name, sender, bytes) in [
        ("somebody who was not invited", 9, good.clone()),
        ("number zero", 0, good.clone()),
        ("another participant's key", 2, good.clone()),
        ("a short joining", 1, good[..95].to_vec()),
        ("the identity as an encryption key", 1, identity),
    ] {
        add(name, "joining", sender, &bytes, join(sender, &bytes));
    }
    let commit = |dealer: u16, bytes: &[u8]| {
        ceremony.verify_commitments(dealer, ceremony.commitment_hash(dealer, bytes), bytes).map(|_| ())
    };
    let good = meeting.dealings[0].1.commitments.clone();
    let mut rogue = good.clone();
    rogue[96..128].copy_from_slice(group::generator("rogue", 0).bytes());
    let mut none = good.clone();
    none[96..128].fill(0);
    let mut copied = meeting.dealings[1].1.commitments.clone();
    copied[..96].copy_from_slice(&good[..96]);
    for (name, sender, bytes) in [
        ("another dealer's commitments", 2, good.clone()),
        ("another dealer's ephemeral key", 2, copied),
        ("a rogue constant term", 1, rogue),
        ("the identity as a constant term", 1, none),
        ("a byte too many", 1, [good.clone(), vec![0]].concat()),
    ] {
        add(name, "commitments", sender, &bytes, commit(sender, &bytes));
    }
    let rushed = ceremony.verify_commitments(1, meeting.dealings[1].1.hash, &good).map(|_| ());
    add("commitments that do not fit their hash (the hash is dealer 2's)", "rushed", 1, &good, rushed);
    let share = recorded.shares.iter().find(|it| (it.dealer(), it.recipient()) == (1, 2)).unwrap();
    let dealt = &recorded.commitments[0];
    let unjustified = forge::complain(&meeting.secrets[1].1, invited, ceremony, dealt, share).unwrap();
    let complain = |bytes: &[u8]| ceremony.verify_complaint(2, dealt, share, bytes).map(|_| ());
    add("a complaint about a right share of dealer 1", "complaint", 2, &unjustified, complain(&unjustified));
    let mut lie = unjustified.clone();
    lie[..32].copy_from_slice(group::generator("lie", 0).bytes());
    add("a complaint with another shared key", "complaint", 2, &lie, complain(&lie));
    let mut nonce = unjustified.clone();
    nonce[64..96].copy_from_slice(group::generator("lie", 0).bytes());
    add("a complaint with another R2", "complaint", 2, &nonce, complain(&nonce));
    add("a complaint that is cut off", "complaint", 2, &unjustified[..127], complain(&unjustified[..127]));
    json!({
        "thresholds": thresholds(),
        "beginnings": beginnings(),
        "complaints": justified(&meeting, dealt, share),
        "right": [
            ceremony_of::<Trustees>("four trustees, two cells", &FOUR, 2),
            ceremony_of::<Registrars>("three registrars", &[1, 2, 3], 1),
        ],
        "wrong": wrong,
        "wrong_are_for": "four trustees, two cells",
    })
}

/// How many act together, of declared participants told by their colleges, when those with these numbers take part.
fn thresholds() -> Vec<Value> {
    fn of<G: threshold::ThresholdGroup + ThresholdRule>(name: &str, declared: &[u16], present: &[u16]) -> Value {
        let all = invitation(declared, 1).candidates;
        let there: Vec<Participant> = all.iter().copied().filter(|it| present.contains(&it.number)).collect();
        let mut vector = json!({"name": name, "group": G::NAME, "declared": declared, "present": present});
        match G::threshold(&all, &there) {
            Ok(threshold) => vector["threshold"] = json!(threshold),
            Err(refusal) => vector["refusal"] = json!(refusal.code()),
        }
        vector
    }
    let seven = [1, 2, 3, 4, 5, 6, 7];
    vec![
        of::<Trustees>("four trustees", &FOUR, &FOUR),
        of::<Trustees>("four trustees, one silent", &FOUR, &[1, 2, 4]),
        of::<Trustees>("four trustees, two silent", &FOUR, &[1, 2]),
        of::<Trustees>("no trustee", &FOUR, &[]),
        of::<Trustees>("seven trustees of four colleges", &[1, 1, 2, 2, 3, 3, 4], &seven),
        of::<Trustees>("three trustees, two of one college", &[1, 1, 2], &[1, 2, 3]),
        of::<Trustees>("seven trustees, three silent", &seven, &[1, 2, 3, 4]),
        of::<Trustees>("seven trustees, four silent", &seven, &[1, 2, 3]),
        of::<Trustees>("six trustees of three colleges, one of each silent", &[1, 1, 2, 2, 3, 3], &[1, 3, 5]),
        of::<Registrars>("one registrar", &[1], &[1]),
        of::<Registrars>("two registrars", &[1, 2], &[1, 2]),
        of::<Registrars>("two registrars of one college", &[1, 1], &[1, 2]),
        of::<Registrars>("three registrars, two of one college", &[1, 1, 2], &[1, 2, 3]),
        of::<Registrars>("four registrars, two of one college", &[1, 1, 2, 3], &FOUR),
        of::<Registrars>("five registrars", &[1, 2, 3, 4, 5], &[1, 2, 3, 4, 5]),
        of::<Registrars>("five registrars, two silent", &[1, 2, 3, 4, 5], &[2, 3, 5]),
        of::<Registrars>("five registrars, three silent", &[1, 2, 3, 4, 5], &[2, 3]),
    ]
}

/// Joinings that are right one by one, and begin no ceremony.
fn beginnings() -> Vec<Value> {
    type Joinings = Vec<(u16, Vec<u8>)>;
    fn of<G: threshold::ThresholdGroup + ThresholdRule>(
        name: &str,
        declared: &[u16],
        keys: u16,
        joinings: impl Fn(&Invitation) -> Joinings,
    ) -> Value {
        let invited = invitation(declared, keys);
        let sent = joinings(&invited);
        let joined = sent.iter().map(|(number, bytes)| invited.verify_joining::<G>(*number, bytes).unwrap());
        let refusal = Ceremony::<G>::begin(&invited, joined.collect()).unwrap_err();
        json!({
            "name": name, "group": G::NAME, "declared": declared, "keys_wanted": keys,
            "chain": hex::encode(invited.chain.0), "draft": hex::encode(invited.draft.0),
            "joinings": sent.iter().map(|(number, it)| json!([number, hex::encode(it)])).collect::<Vec<_>>(),
            "refusal": refusal.code(),
        })
    }
    fn join<G: threshold::ThresholdGroup>(invited: &Invitation, numbers: &[u16]) -> Joinings {
        numbers.iter().map(|it| (*it, secret(*it).join::<G>(invited, *it).unwrap())).collect()
    }
    vec![
        of::<Trustees>("two equal encryption keys", &FOUR, 2, |it| {
            let copied = forge::join_with_key_of::<Trustees>(&secret(1), 1, it, 4);
            [join::<Trustees>(it, &[1, 2, 3]), vec![(4, copied)]].concat()
        }),
        of::<Trustees>("a participant twice", &FOUR, 2, |it| join::<Trustees>(it, &[1, 2, 3, 4, 1])),
        of::<Trustees>("more keys than a transaction carries", &FOUR, 646, |it| join::<Trustees>(it, &FOUR)),
        of::<Trustees>("no key", &FOUR, 0, |it| join::<Trustees>(it, &FOUR)),
        of::<Registrars>("fewer registrars than sign together", &[1, 2, 3, 4, 5], 1, |it| {
            join::<Registrars>(it, &[2, 5])
        }),
    ]
}

/// Wrong shares of dealer 1 for participant 2, and what she says of them: the dealer is out.
fn justified(meeting: &Meeting<Trustees>, dealt: &Commitments<Trustees>, right: &EncryptedShare) -> Vec<Value> {
    let (secret, invited, ceremony) = (&meeting.secrets[1].1, &meeting.invitation, &meeting.ceremony);
    let mut garbled = right.bytes().to_vec();
    garbled[0] ^= 1;
    let off_by_one = forge::wrong_share(secret, invited, ceremony, dealt, right).unwrap();
    let wrong = [("a share that does not decrypt", garbled), ("a share with a number one too many", off_by_one)];
    wrong
        .into_iter()
        .map(|(name, bytes)| {
            let share = ceremony.verify_encrypted_share(1, 2, &bytes).unwrap();
            let said = forge::complain(secret, invited, ceremony, dealt, &share).unwrap();
            let convicted = ceremony.verify_complaint(2, dealt, &share, &said).unwrap();
            assert_eq!((convicted.dealer(), convicted.complainer()), (1, 2));
            json!({"name": name, "dealer": 1, "complainer": 2, "share": hex::encode(bytes), "bytes": hex::encode(said)})
        })
        .collect()
}

pub fn openings() -> Value {
    let questions = [one_of(3, Blank::Refused)];
    let compiled = Compiled::new(&questions).unwrap();
    let (keys, shares) = shared_keys::<Trustees>(&FOUR, 2);
    let election = election_id(&CHAIN, &DraftId([3; 32]), &keys, &[]);
    let statement = Statement::new(compiled, CHAIN, election, &keys.elements()).unwrap();
    let mut totals = Totals::empty(2);
    let mut ballots = Vec::new();
    for (voter_number, choice) in [(1, 0), (2, 2), (3, 0), (4, 1), (5, 0)] {
        let ballot = cast(&statement, &voter(voter_number), 1, vec![Answer::One(choice)]);
        totals.add(statement.verify(ballot.candidate()).unwrap().ciphertext()).unwrap();
        ballots.push(hex::encode(&ballot.bytes));
    }
    let urn = Urn::totals(election, 0, &totals);
    let given: Vec<Vec<u8>> = shares.iter().map(|it| it.decrypt(&urn).unwrap().encode()).collect();
    let verify = |bytes: &[u8], urn: &Urn| CandidateShare::decode(bytes, urn).and_then(|it| it.verify(urn, &keys));
    let verified: Vec<DecryptionShare> = given.iter().map(|it| verify(it, &urn).unwrap()).collect();
    let opened = tally::open(&urn, &keys, &verified, statement.compiled()).unwrap();
    let rehearsal = Urn::rehearsal(election, &keys);
    let rehearsed: Vec<String> =
        shares.iter().map(|it| hex::encode(it.decrypt(&rehearsal).unwrap().encode())).collect();
    let mut wrong = Vec::new();
    let mut add = |name: &str, bytes: &[u8]| {
        let refusal = verify(bytes, &urn).map(|_| ()).unwrap_err().code();
        wrong.push(json!({"name": name, "share": hex::encode(bytes), "refusal": refusal}));
    };
    let changed = |word: usize| {
        let mut bytes = given[0].clone();
        bytes[2 + 32 * word..][..32].copy_from_slice(group::generator("wrong", 0).bytes());
        bytes
    };
    for (word, name) in ["D_1", "D_2", "R1", "R2"].into_iter().enumerate() {
        add(&format!("{name} changed"), &changed(word));
    }
    let mut z = given[0].clone();
    z[2 + 32 * 4] ^= 1;
    add("z changed", &z);
    add("under another trustee's number", &[&[2, 0], &given[0][2..]].concat());
    add("of nobody", &[&[9, 0], &given[0][2..]].concat());
    add("a byte short", &given[0][..given[0].len() - 1]);
    add("a share of the rehearsal", &hex::decode(&rehearsed[0]).unwrap());
    add("a share of another group's urn", &shares[0].decrypt(&Urn::totals(election, 1, &totals)).unwrap().encode());
    let other = Urn::totals(ElectionId([9; 32]), 0, &totals);
    add("a share of another election's urn", &shares[0].decrypt(&other).unwrap().encode());
    let few = tally::open(&urn, &keys, &verified[..2], statement.compiled()).unwrap_err().code();
    wrong.push(json!({"name": "two shares where three are needed", "shares": [hex::encode(&given[0]), hex::encode(&given[1])], "refusal": few}));
    let mut guard = TallyGuard::default();
    guard.permit(&urn).unwrap();
    let first = hex::encode(totals.encode());
    totals.add(&totals.ciphertext()).unwrap();
    let second = guard.permit(&Urn::totals(election, 0, &totals)).unwrap_err().code();
    wrong.push(json!({
        "name": "a second tally of one election", "answered": first, "then": hex::encode(totals.encode()), "refusal": second,
    }));
    json!({
        "chain": hex::encode(CHAIN.0), "draft": hex::encode([3; 32]), "election": hex::encode(election.0),
        "keys": hex::encode(keys.encode()),
        "right": [{
            "name": "five ballots, one of three",
            "sequence": 1, "ballots": ballots, "totals": first, "urn": hex::encode(urn.digest()),
            "shares": given.iter().map(hex::encode).collect::<Vec<_>>(), "cells": opened[0], "choices": [3, 1, 1],
        }, {
            "name": "no ballot",
            "sequence": 1, "ballots": [], "totals": hex::encode(Totals::empty(2).encode()),
            "urn": hex::encode(Urn::totals(election, 0, &Totals::empty(2)).digest()), "shares": [], "cells": [0, 0],
            "choices": [0, 0, 0],
        }],
        "rehearsal": {"urn": hex::encode(rehearsal.digest()), "shares": rehearsed},
        "wrong": wrong,
    })
}
