//! The published vectors, read as a second implementation reads them: from the files alone. Every right one passes with its
//! intermediate values, every wrong one earns its number.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "a test stops at the first error")]
mod support;
use serde_json::Value;
use support::json::*;
use urne_ballot::{ceremony::*, *};
use urne_types::{ChainId, CollegeId, DraftId, ElectionId};

fn each(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}
fn number(value: &Value) -> u16 {
    value.as_u64().unwrap() as u16
}
fn college(vector: &Value) -> CollegeId {
    CollegeId::new(number(&vector["college"]))
}
#[track_caller]
fn earns<T>(vector: &Value, verdict: Result<T, Refusal>) {
    let found = verdict.map(|_| ()).unwrap_err();
    assert_eq!(u64::from(found.code()), vector["refusal"].as_u64().unwrap(), "{}: {found}", vector["name"]);
}
fn questions(vector: &Value) -> Vec<Question> {
    each(&vector["questions"]).iter().map(question_from).collect()
}

#[test]
fn questions_compile_to_the_published_forms() {
    let vectors = read("questions.json");
    for vector in each(&vectors["right"]) {
        let compiled = Compiled::new(&questions(vector)).unwrap();
        assert_eq!(hex::encode(compiled.encode()), vector["compiled"], "{}", vector["name"]);
        assert_eq!(hex::encode(compiled.digest()), vector["digest"]);
        assert_eq!(forms_to(compiled.bit_forms()), vector["bit"]);
        assert_eq!(forms_to(compiled.zero_forms()), vector["zero"]);
        assert_eq!(forms_to(compiled.enc_forms()), vector["enc"]);
    }
    for vector in each(&vectors["wrong"]) {
        let compiled = Compiled::new(&questions(vector));
        match vector["census"].as_str() {
            Some("published_keys") => earns(vector, compiled.unwrap().admit(CensusMode::PublishedKeys)),
            _ => earns(vector, compiled),
        }
    }
}

#[test]
fn ballots_are_accepted_or_refused_as_published() {
    let vectors = read("ballots.json");
    let statements: Vec<Statement> = each(&vectors["elections"])
        .iter()
        .map(|it| {
            let keys: Vec<Element> = each(&it["keys"]).iter().map(|it| Element::decode(&array(it)).unwrap()).collect();
            let (chain, election) = (ChainId(array(&it["chain"])), ElectionId(array(&it["election"])));
            let statement = Statement::new(Compiled::new(&questions(it)).unwrap(), chain, election, &keys).unwrap();
            assert_eq!(hex::encode(statement.digest()), it["statement"], "{}", it["name"]);
            statement
        })
        .collect();
    let of = |vector: &Value| &statements[usize::from(number(&vector["election"]))];
    for vector in each(&vectors["right"]) {
        let (statement, sequence) = (of(vector), number(&vector["sequence"]).into());
        let bytes = bytes(&vector["ballot"]);
        let verified = statement.verify(CandidateBallot { sequence, bytes: &bytes }).unwrap();
        assert_eq!(hex::encode(verified.tracker().hash()), vector["tracker_hash"]);
        assert_eq!(verified.tracker().to_string(), vector["tracker"]);
        let root = RootSecret::from_bytes(array(&vector["root"]));
        let credential = root.credential(statement.chain(), statement.election(), college(vector));
        assert_eq!(verified.credential(), credential.public());
        let audited = AuditedBallot {
            seed: array(&vector["seed"]),
            answers: each(&vector["answers"]).iter().map(answer_from).collect(),
            sequence,
            credential: *credential.public(),
            bytes: bytes[..bytes.len() - 64].to_vec(),
        };
        assert_eq!(audited.recompute(statement), Ok(*verified.tracker()), "{}", vector["name"]);
    }
    for vector in each(&vectors["wrong"]) {
        let bytes = bytes(&vector["ballot"]);
        earns(
            vector,
            of(vector).verify(CandidateBallot { sequence: number(&vector["sequence"]).into(), bytes: &bytes }),
        );
    }
}

#[test]
fn credentials_are_issued_or_refused_as_published() {
    let vectors = read("credentials.json");
    let keys = ThresholdKeys::<Registrars>::decode(&bytes(&vectors["keys"])).unwrap();
    let (chain, election) = (ChainId(array(&vectors["chain"])), ElectionId(array(&vectors["election"])));
    for vector in each(&vectors["right"]) {
        let (secret, pending) =
            RootSecret::from_bytes(array(&vector["root"])).request(&chain, &election, college(vector));
        assert_eq!(hex::encode(secret.public().bytes()), vector["credential"]);
        let request = *pending.request();
        assert_eq!(hex::encode(request.bytes()), vector["request"]);
        let answers = each(&vector["answers"])
            .iter()
            .map(|it| CandidateAnswer::decode(&bytes(it)).unwrap().verify(&request, &keys).unwrap());
        let signature = pending.finish(&answers.collect::<Vec<_>>(), &keys).unwrap();
        assert_eq!(hex::encode(signature.bytes()), vector["signature"]);
    }
    let request = |value: &Value| BlindRequest::decode(&array(value)).unwrap();
    for vector in each(&vectors["wrong"]) {
        match vector["kind"].as_str().unwrap() {
            "signature" => {
                let credential = Credential::decode(&array(&vector["credential"])).unwrap();
                let election = ElectionId(array(&vector["election"]));
                let decoded = CredentialSignature::decode(&array(&vector["bytes"]));
                earns(vector, decoded.and_then(|it| it.verify(&chain, &election, &credential, &keys)));
            }
            "request" => earns(vector, BlindRequest::decode(&array(&vector["bytes"]))),
            "answer" => {
                let decoded = CandidateAnswer::decode(&bytes(&vector["bytes"]));
                earns(vector, decoded.and_then(|it| it.verify(&request(&vector["request"]), &keys)));
            }
            "approvals" => {
                let mut approvals = Approvals::default();
                for it in each(&vector["approved"]) {
                    approvals.approve(number(&it[0]), &request(&it[1])).unwrap();
                }
                match &vector["then"] {
                    Value::String(_) => earns(vector, approvals.approved(&request(&vector["then"]), &keys)),
                    second => earns(vector, approvals.approve(number(&second[0]), &request(&second[1]))),
                }
            }
            other => panic!("{other}"),
        }
    }
}

fn participants(colleges: &Value) -> Vec<Participant> {
    let participant =
        |(number_, college): (u16, &Value)| Participant { number: number_, college: CollegeId::new(number(college)) };
    (1..).zip(each(colleges)).map(participant).collect()
}

/// Everything that a ceremony's vector says, replayed.
struct Replay<G: threshold::ThresholdGroup + ThresholdRule> {
    invitation: Invitation,
    ceremony: Ceremony<G>,
    commitments: Vec<Commitments<G>>,
    shares: Vec<EncryptedShare>,
}
impl<G: threshold::ThresholdGroup + ThresholdRule> Replay<G> {
    fn of(vector: &Value) -> Self {
        let candidates = participants(&vector["colleges"]);
        let invitation = Invitation {
            chain: ChainId(array(&vector["chain"])),
            draft: DraftId(array(&vector["draft"])),
            scope: number(&vector["scope"]).into(),
            attempt: number(&vector["attempt"]).into(),
            declared: candidates.clone(),
            candidates,
            keys: number(&vector["keys_wanted"]),
        };
        let joined = (1..).zip(each(&vector["joinings"]));
        let joined = joined.map(|(sender, it)| invitation.verify_joining::<G>(sender, &bytes(it)).unwrap()).collect();
        let ceremony = Ceremony::<G>::begin(&invitation, joined).unwrap();
        assert_eq!(hex::encode(ceremony.digest()), vector["ceremony"]);
        let (mut commitments, mut shares) = (Vec::new(), Vec::new());
        for (secret, dealing) in each(&vector["secrets"]).iter().zip(each(&vector["dealings"])) {
            let dealer = number(&dealing["dealer"]);
            let hash = CommitmentHash(array(&dealing["hash"]));
            commitments.push(ceremony.verify_commitments(dealer, hash, &bytes(&dealing["commitments"])).unwrap());
            for it in each(&dealing["shares"]) {
                shares.push(ceremony.verify_encrypted_share(dealer, number(&it[0]), &bytes(&it[1])).unwrap());
            }
            let again = CeremonySecret::from_bytes(array(secret)).deal(&ceremony, dealer).unwrap();
            assert_eq!(again.hash, hash, "the dealer's seed gives the dealer's messages");
        }
        let qualified = ceremony.qualify(&commitments, &shares, &[]).unwrap();
        let Qualification::Keys(keys) = qualified else { panic!("everybody is qualified") };
        assert_eq!(hex::encode(keys.encode()), vector["keys"]);
        Self { invitation, ceremony, commitments, shares }
    }
}

#[test]
fn the_ceremony_gives_the_published_keys_and_refuses_wrong_messages() {
    let vectors = read("ceremony.json");
    Replay::<Registrars>::of(&vectors["right"][1]);
    let replay = Replay::<Trustees>::of(&vectors["right"][0]);
    let ceremony = &replay.ceremony;
    for vector in each(&vectors["complaints"]) {
        let (dealer, complainer) = (number(&vector["dealer"]), number(&vector["complainer"]));
        let share = ceremony.verify_encrypted_share(dealer, complainer, &bytes(&vector["share"])).unwrap();
        let dealt = &replay.commitments[usize::from(dealer) - 1];
        let convicted = ceremony.verify_complaint(complainer, dealt, &share, &bytes(&vector["bytes"])).unwrap();
        assert_eq!(convicted.dealer(), dealer, "{}", vector["name"]);
        let left = ceremony.qualify(&replay.commitments, &replay.shares, &[convicted]).unwrap();
        assert_eq!(left, Qualification::Again(vec![2, 3, 4]), "three of three are another threshold");
    }
    for vector in each(&vectors["wrong"]) {
        let (sender, bytes) = (number(&vector["sender"]), bytes(&vector["bytes"]));
        match vector["step"].as_str().unwrap() {
            "joining" => earns(vector, replay.invitation.verify_joining::<Trustees>(sender, &bytes)),
            "commitments" => {
                let hash = ceremony.commitment_hash(sender, &bytes);
                earns(vector, ceremony.verify_commitments(sender, hash, &bytes));
            }
            "rushed" => {
                let hash = CommitmentHash(array(&vectors["right"][0]["dealings"][1]["hash"]));
                earns(vector, ceremony.verify_commitments(sender, hash, &bytes));
            }
            "complaint" => {
                let share = replay.shares.iter().find(|it| (it.dealer(), it.recipient()) == (1, sender)).unwrap();
                earns(vector, ceremony.verify_complaint(sender, &replay.commitments[0], share, &bytes));
            }
            other => panic!("{other}"),
        }
    }
}

#[test]
fn thresholds_follow_from_who_is_declared_and_who_takes_part() {
    fn acting<G: ThresholdRule>(vector: &Value) -> Result<u16, Refusal> {
        let declared = participants(&vector["declared"]);
        let present: Vec<u16> = each(&vector["present"]).iter().map(number).collect();
        let present: Vec<Participant> = declared.iter().copied().filter(|it| present.contains(&it.number)).collect();
        G::threshold(&declared, &present)
    }
    for vector in each(&read("ceremony.json")["thresholds"]) {
        let found =
            if vector["group"] == "ristretto255" { acting::<Trustees>(vector) } else { acting::<Registrars>(vector) };
        match vector.get("threshold") {
            Some(threshold) => assert_eq!(found, Ok(number(threshold)), "{}", vector["name"]),
            None => earns(vector, found),
        }
    }
}

#[test]
fn joinings_that_are_right_one_by_one_may_begin_no_ceremony() {
    fn begin<G: threshold::ThresholdGroup + ThresholdRule>(vector: &Value) {
        let declared = participants(&vector["declared"]);
        let invitation = Invitation {
            chain: ChainId(array(&vector["chain"])),
            draft: DraftId(array(&vector["draft"])),
            scope: 0,
            attempt: 0,
            candidates: declared.clone(),
            declared,
            keys: number(&vector["keys_wanted"]),
        };
        let joined = each(&vector["joinings"])
            .iter()
            .map(|it| invitation.verify_joining::<G>(number(&it[0]), &bytes(&it[1])).unwrap());
        earns(vector, Ceremony::<G>::begin(&invitation, joined.collect()));
    }
    for vector in each(&read("ceremony.json")["beginnings"]) {
        if vector["group"] == "ristretto255" { begin::<Trustees>(vector) } else { begin::<Registrars>(vector) }
    }
}

#[test]
fn urns_open_to_the_published_totals_and_wrong_shares_are_refused() {
    let vectors = read("openings.json");
    let keys = ThresholdKeys::<Trustees>::decode(&bytes(&vectors["keys"])).unwrap();
    let (chain, draft) = (ChainId(array(&vectors["chain"])), DraftId(array(&vectors["draft"])));
    let election = election_id(&chain, &draft, &keys, &[]);
    assert_eq!(hex::encode(election.0), vectors["election"]);
    let compiled = Compiled::new(&[support::one_of(3, Blank::Refused)]).unwrap();
    let statement = Statement::new(compiled.clone(), chain, election, &keys.elements()).unwrap();
    let verify =
        |value: &Value, urn: &Urn| CandidateShare::decode(&bytes(value), urn).and_then(|it| it.verify(urn, &keys));
    let mut first = None;
    for vector in each(&vectors["right"]) {
        let mut totals = Totals::empty(2);
        for ballot in each(&vector["ballots"]) {
            let bytes = bytes(ballot);
            let verified = statement.verify(CandidateBallot { sequence: 1, bytes: &bytes }).unwrap();
            totals.add(verified.ciphertext()).unwrap();
        }
        assert_eq!(hex::encode(totals.encode()), vector["totals"]);
        let urn = Urn::totals(election, 0, &totals);
        assert_eq!(hex::encode(urn.digest()), vector["urn"]);
        let shares: Vec<DecryptionShare> = each(&vector["shares"]).iter().map(|it| verify(it, &urn).unwrap()).collect();
        let opened = tally::open(&urn, &keys, &shares, &compiled).unwrap();
        assert_eq!(serde_json::json!(opened[0]), vector["cells"]);
        let tallied = compiled.tally(&opened[0], totals.ballots()).unwrap();
        let QuestionTally::Marks { by_choice, .. } = &tallied[0] else { panic!("marks") };
        assert_eq!(serde_json::json!(by_choice), vector["choices"]);
        first.get_or_insert(urn);
    }
    let urn = first.unwrap();
    let rehearsal = Urn::rehearsal(election, &keys);
    assert_eq!(hex::encode(rehearsal.digest()), vectors["rehearsal"]["urn"]);
    assert!(each(&vectors["rehearsal"]["shares"]).iter().all(|it| verify(it, &rehearsal).is_ok()));
    for vector in each(&vectors["wrong"]) {
        if let Some(shares) = vector["shares"].as_array() {
            let shares: Vec<DecryptionShare> = shares.iter().map(|it| verify(it, &urn).unwrap()).collect();
            earns(vector, tally::open(&urn, &keys, &shares, &compiled));
        } else if vector["answered"].is_string() {
            let urn =
                |name: &str| Urn::totals(election, 0, &Totals::restore_from_state(&bytes(&vector[name]), 2).unwrap());
            let mut guard = TallyGuard::default();
            guard.permit(&urn("answered")).unwrap();
            earns(vector, guard.permit(&urn("then")));
        } else {
            earns(vector, verify(&vector["share"], &urn));
        }
    }
}

#[test]
fn refusals_have_stable_distinct_numbers_and_the_ledger_calls_them_by_the_same_names() {
    let codes: Vec<u16> = Refusal::ALL.iter().map(|it| it.code()).collect();
    assert!(codes.is_sorted_by(|a, b| a < b) && codes.iter().all(|it| (600..700).contains(it)));
    for refusal in Refusal::ALL {
        assert_eq!(Refusal::from_code(refusal.code()), Some(*refusal));
        let rejection = urne_types::Rejection::from_code(refusal.code());
        assert!(rejection.is_none_or(|it| it.name() == refusal.name()), "{refusal:?}");
    }
}
