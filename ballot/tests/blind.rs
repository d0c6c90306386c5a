//! Registrars sign a credential they cannot see: any majority of them, the same signature; one request per entry and
//! registrar; no answer before enough approvals; nothing of small order, nothing for another election.
#![allow(clippy::unwrap_used, reason = "a test stops at the first error")]
mod support;
use support::{CHAIN, COLLEGE, Chance, ELECTION, ceremony::shared_keys};
use urne_ballot::blind::{verify_all, verify_many};
use urne_ballot::*;
use urne_types::{ChainId, CollegeId, DraftId, ElectionId};

struct Office {
    keys: ThresholdKeys<Registrars>,
    shares: Vec<SecretShare<Registrars>>,
}
impl Office {
    fn new() -> Self {
        Self::of(&[1, 2, 3, 4, 5])
    }
    fn of(colleges: &[u16]) -> Self {
        let (keys, shares) = shared_keys::<Registrars>(colleges, 1);
        Self { keys, shares }
    }
    fn approved(&self, request: &BlindRequest) -> ApprovedRequest {
        let mut approvals = Approvals::default();
        (1..=self.keys.threshold()).for_each(|registrar| approvals.approve(registrar, request).unwrap());
        approvals.approved(request, &self.keys).unwrap()
    }
    fn answers(&self, request: &BlindRequest, registrars: &[usize]) -> Vec<BlindAnswer> {
        let approved = self.approved(request);
        let answer = |registrar: &usize| {
            let bytes = self.shares[registrar - 1].answer(&approved).encode();
            CandidateAnswer::decode(&bytes).unwrap().verify(request, &self.keys).unwrap()
        };
        registrars.iter().map(answer).collect()
    }
    fn credential(&self, voter: u8, registrars: &[usize]) -> (Credential, CredentialSignature) {
        let (secret, pending) = root(voter).request(&CHAIN, &ELECTION, COLLEGE);
        let answers = self.answers(pending.request(), registrars);
        (*secret.public(), pending.finish(&answers, &self.keys).unwrap())
    }
}
fn root(voter: u8) -> RootSecret {
    RootSecret::from_bytes([voter; 32])
}

#[test]
fn any_majority_gives_the_same_signature_and_no_minority_gives_one() {
    let office = Office::new();
    assert_eq!(office.keys.threshold(), 3);
    let (credential, signature) = office.credential(1, &[1, 2, 3]);
    for registrars in [&[1, 2, 4][..], &[5, 3, 1], &[2, 3, 4, 5], &[1, 2, 3, 4, 5]] {
        assert_eq!(office.credential(1, registrars), (credential, signature), "{registrars:?}");
    }
    let decoded = CredentialSignature::decode(&signature.bytes()).unwrap();
    assert_eq!(decoded.verify(&CHAIN, &ELECTION, &credential, &office.keys).map(|it| *it.credential()), Ok(credential));
    let finish = |registrars: &[usize]| {
        let (_, pending) = root(1).request(&CHAIN, &ELECTION, COLLEGE);
        let answers = office.answers(pending.request(), registrars);
        pending.finish(&answers, &office.keys)
    };
    assert_eq!(finish(&[1, 2]), Err(Refusal::TooFewAnswers));
    assert_eq!(finish(&[1, 2, 2]), Err(Refusal::TooFewAnswers), "one registrar counts once");
    assert_eq!(finish(&[]), Err(Refusal::TooFewAnswers));
}

#[test]
fn a_signature_is_for_one_credential_election_and_chain() {
    let office = Office::new();
    let (credential, signature) = office.credential(1, &[1, 2, 3]);
    let (other, _) = office.credential(2, &[1, 2, 3]);
    let verify = |chain: &ChainId, election: &ElectionId, credential: &Credential| {
        signature.verify(chain, election, credential, &office.keys).map(|_| ())
    };
    assert_eq!(verify(&CHAIN, &ELECTION, &credential), Ok(()));
    assert_eq!(verify(&CHAIN, &ELECTION, &other), Err(Refusal::WrongCredential));
    assert_eq!(verify(&CHAIN, &ElectionId([9; 32]), &credential), Err(Refusal::WrongCredential));
    assert_eq!(verify(&ChainId([9; 32]), &ELECTION, &credential), Err(Refusal::WrongCredential));
    let class = shared_keys::<Registrars>(&[1, 2, 3], 1).0;
    let wrong_class = signature.verify(&CHAIN, &ELECTION, &credential, &class).map(|_| ());
    assert_eq!(wrong_class, Err(Refusal::WrongCredential), "another class has another key");
}

#[test]
fn a_request_and_its_signature_share_nothing_that_a_registrar_could_compare() {
    let office = Office::new();
    let (secret, pending) = root(1).request(&CHAIN, &ELECTION, COLLEGE);
    let request = pending.request().bytes();
    let signature = pending.finish(&office.answers(&BlindRequest::decode(&request).unwrap(), &[1, 2, 3]), &office.keys);
    assert_ne!(signature.unwrap().bytes(), request);
    // The same phrase gives the same request: a lost device is not a lost vote.
    let (again, pending) = root(1).request(&CHAIN, &ELECTION, COLLEGE);
    assert_eq!((pending.request().bytes(), again.public()), (request, secret.public()));
    let (_, elsewhere) = root(1).request(&CHAIN, &ElectionId([9; 32]), COLLEGE);
    assert_ne!(elsewhere.request().bytes(), request, "and another in each election");
}

#[test]
fn a_member_of_two_colleges_has_two_credentials_that_nothing_joins() {
    let (one, other) = (Office::new(), Office::of(&[1, 2, 3]));
    let signed = |office: &Office, college: u16| {
        let (secret, pending) = root(1).request(&CHAIN, &ELECTION, CollegeId::new(college));
        let signature = pending.finish(&office.answers(pending.request(), &[1, 2, 3]), &office.keys).unwrap();
        (*secret.public(), pending.request().bytes(), signature)
    };
    let (first, second) = (signed(&one, 1), signed(&other, 2));
    assert_ne!(first.0, second.0);
    assert_ne!(first.1, second.1);
    let is_signed = |by: &Office, (credential, _, signature): &(Credential, [u8; 48], CredentialSignature)| {
        signature.verify(&CHAIN, &ELECTION, credential, &by.keys).is_ok()
    };
    assert!(is_signed(&one, &first) && is_signed(&other, &second));
    assert!(
        !is_signed(&one, &second) && !is_signed(&other, &first),
        "the credential of one college is none in the other"
    );
    let exchanged = (first.0, first.1, second.2);
    assert!(!is_signed(&one, &exchanged) && !is_signed(&other, &exchanged));
}

#[test]
fn a_registrar_approves_one_request_of_an_entry_and_answers_after_enough_approvals() {
    let office = Office::new();
    let [first, second] = [1, 2].map(|voter| *root(voter).request(&CHAIN, &ELECTION, COLLEGE).1.request());
    let mut approvals = Approvals::default();
    approvals.approve(1, &first).unwrap();
    assert_eq!(approvals.approve(1, &second), Err(Refusal::SecondRequest));
    assert_eq!(approvals.approve(1, &first), Err(Refusal::SecondRequest), "not even the same twice");
    approvals.approve(2, &first).unwrap();
    approvals.approve(3, &second).unwrap();
    approvals.approve(9, &first).unwrap();
    assert_eq!(approvals.approved(&first, &office.keys), Err(Refusal::NotYetApproved), "9 is no registrar");
    approvals.approve(4, &first).unwrap();
    assert!(approvals.approved(&first, &office.keys).is_ok());
    approvals.approve(5, &second).unwrap();
    assert_eq!(approvals.approved(&second, &office.keys), Err(Refusal::NotYetApproved), "nor can a second ever be");
}

#[test]
fn wrong_answers_are_noticed_and_named() {
    let office = Office::new();
    let (_, pending) = root(1).request(&CHAIN, &ELECTION, COLLEGE);
    let other = *root(2).request(&CHAIN, &ELECTION, COLLEGE).1.request();
    let request = *pending.request();
    let bytes = office.shares[0].answer(&office.approved(&request)).encode();
    let verify = |bytes: &[u8], request: &BlindRequest| {
        CandidateAnswer::decode(bytes).and_then(|it| it.verify(request, &office.keys)).map(|_| ())
    };
    assert_eq!(verify(&bytes, &request), Ok(()));
    assert_eq!(verify(&bytes, &other), Err(Refusal::WrongBlindAnswer));
    assert_eq!(verify(&[&[2, 0], &bytes[2..]].concat(), &request), Err(Refusal::WrongBlindAnswer));
    assert_eq!(verify(&[&[9, 0], &bytes[2..]].concat(), &request), Err(Refusal::NotATrustee));
    assert_eq!(verify(&bytes[..49], &request), Err(Refusal::WrongShape));
    assert_eq!(verify(&[&bytes[..2], &other.bytes()].concat(), &request), Err(Refusal::WrongBlindAnswer));
    let foreign = office.answers(&other, &[1, 2, 3]);
    assert_eq!(pending.finish(&foreign, &office.keys), Err(Refusal::WrongBlindAnswer));
}

#[test]
fn points_of_small_order_the_identity_and_second_encodings_are_refused() {
    // x = 0, y = 2 is on the curve y² = x³ + 4 and has order 3.
    let mut small_order = [0; 48];
    small_order[0] = 0x80;
    assert_eq!(BlindRequest::decode(&small_order).map(|_| ()), Err(Refusal::BadCredentialPoint));
    let mut identity = [0; 48];
    identity[0] = 0xc0;
    assert_eq!(BlindRequest::decode(&identity).map(|_| ()), Err(Refusal::IdentityPoint));
    assert_eq!(BlindRequest::decode(&[0xff; 48]).map(|_| ()), Err(Refusal::BadCredentialPoint));
    assert_eq!(CredentialSignature::decode(&small_order).map(|_| ()), Err(Refusal::BadCredentialPoint));
    let answer = [&[1, 0][..], &small_order].concat();
    assert_eq!(CandidateAnswer::decode(&answer).map(|_| ()), Err(Refusal::BadCredentialPoint));
}

#[test]
fn a_batch_of_credentials_finds_the_wrong_ones() {
    let office = Office::new();
    let mut many: Vec<_> = (1..8).map(|voter| office.credential(voter, &[1, 2, 3])).collect();
    let verdicts = |many: &[(Credential, CredentialSignature)]| -> Vec<bool> {
        let found = verify_many(&CHAIN, &ELECTION, many, &office.keys, &mut Chance::named("batch"));
        found.iter().map(Result::is_ok).collect()
    };
    let all = |many: &[(Credential, CredentialSignature)]| {
        verify_all(&CHAIN, &ELECTION, many, &office.keys, &mut Chance::named("batch"))
    };
    assert_eq!(verdicts(&many), [true; 7]);
    assert_eq!((all(&many), all(&[])), (Ok(()), Ok(())));
    assert!(verdicts(&[]).is_empty());
    (many[2].1, many[5].1) = (many[5].1, many[2].1);
    assert_eq!(verdicts(&many), [true, true, false, true, true, false, true]);
    assert_eq!(all(&many), Err(Refusal::WrongCredential));
}

#[test]
fn a_trustee_knows_one_election_of_a_draft() {
    let (draft, other) = (DraftId([3; 32]), ElectionId([9; 32]));
    let mut guard = TallyGuard::default();
    guard.bind(&draft, &ELECTION).unwrap();
    guard.bind(&draft, &ELECTION).unwrap();
    assert_eq!(guard.bind(&draft, &other), Err(Refusal::SecondTally));
    let mut restored = TallyGuard::decode(&guard.encode()).unwrap();
    assert_eq!(restored.bind(&draft, &other), Err(Refusal::SecondTally), "nor after a restart");
    assert!(restored.bind(&DraftId([4; 32]), &other).is_ok(), "another draft is another secret");
    assert!(!guard.has_answered(&ELECTION), "a name is no tally");
}

#[test]
fn a_trustee_answers_one_tally_of_an_election() {
    let mut guard = TallyGuard::default();
    let mut totals = Totals::empty(1);
    let urn = Urn::totals(ELECTION, 0, &totals);
    guard.permit(&urn).unwrap();
    guard.permit(&urn).unwrap();
    totals
        .merge(&{
            let mut bytes = totals.encode();
            bytes[0] = 1;
            Totals::restore_from_state(&bytes, 1).unwrap()
        })
        .unwrap();
    assert_eq!(guard.permit(&Urn::totals(ELECTION, 0, &totals)), Err(Refusal::SecondTally));
    let mut restored = TallyGuard::decode(&guard.encode()).unwrap();
    assert_eq!(restored, guard);
    assert_eq!(restored.permit(&Urn::totals(ELECTION, 0, &totals)), Err(Refusal::SecondTally), "nor after a restart");
    assert!(guard.permit(&Urn::totals(ELECTION, 1, &totals)).is_ok(), "another group of the partition");
    assert!(guard.has_answered(&ELECTION) && !guard.has_answered(&ElectionId([9; 32])));
    assert_eq!(TallyGuard::decode(&[0; 3]), Err(Refusal::WrongShape));
    assert_eq!(TallyGuard::decode(&[guard.encode(), guard.encode()].concat()), Err(Refusal::SecondTally));
}
