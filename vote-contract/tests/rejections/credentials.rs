//! The rules of anonymous credentials, each broken by the smallest story that breaks it: tests/credentials.rs tells them whole.
use super::Story;
use crate::{
    credential_support::{ISSUANCE, REGISTRATION, credential_rules, registrar},
    support::{HOUR, START, World, assembly, question, referendum, under},
};
use urne_ballot::Answer as Choice;
use urne_types::{
    ElectionId, Rejection,
    election::{Method, Secrecy},
    governance::Act,
    method::{LotRule, RunoffStop},
    sealed::{CredentialBatch, RequestAnswer, SealedRules},
    statutes::Voice,
    transaction::Payload,
};

pub(crate) const STORIES: &[(Rejection, &str, Story)] = &[
    (Rejection::OneVoiceInSecret, "secret ballots of members of two colleges with one voice each", |w| {
        assembly::put(w, |it| it.voice = Voice::PerMember);
        let mut definition = w.credential_definition(vec![referendum()], credential_rules(&[&[1, 2]]));
        definition.statutes = under(1);
        let draft = definition.draft_id();
        w.send("admin 1", Payload::DraftElection(definition)).unwrap();
        w.act(Act::ScheduleElection { draft })
    }),
    (
        Rejection::OneVoiceInSecret,
        "the same with published keys, one of which in two colleges could not vote at all",
        |w| {
            assembly::put(w, |it| it.voice = Voice::PerMember);
            let census = w.usual_census();
            let mut definition = w.definition(census, vec![referendum()]);
            definition.secrecy = Secrecy::Sealed(Box::new(crate::secret_support::rules(4, &[&[1, 2]])));
            definition.statutes = under(1);
            let draft = definition.draft_id();
            w.send("admin 1", Payload::DraftElection(definition)).unwrap();
            w.act(Act::ScheduleElection { draft })
        },
    ),
    (Rejection::GroupTooSmall, "more credentials together than one transaction registers", |w| {
        let rules = SealedRules { minimum_group: 257, ..credential_rules(&[&[1, 2]]) };
        let definition = w.credential_definition(vec![referendum()], rules);
        w.send("admin 1", Payload::DraftElection(definition))
    }),
    (Rejection::GroupTooSmall, "rankings of a college of three, in a group of eight, where four hide together", |w| {
        let rules = SealedRules { minimum_group: 4, ..credential_rules(&[&[1, 2]]) };
        let method = Method::InstantRunoff { stop: RunoffStop::Majority, lot: LotRule::ListOrder };
        let definition = w.credential_definition(vec![question(&["x", "y", "z"], method)], rules);
        let draft = definition.draft_id();
        w.send("admin 1", Payload::DraftElection(definition)).unwrap();
        w.act(Act::ScheduleElection { draft })
    }),
    (Rejection::NoCredentialsIssued, "a request where keys are published", |w| {
        let id = w.open_secret(vec![referendum()], &[&[1, 2]]);
        let approval = w.approval(id, 1, "a");
        w.post(&registrar(1), Payload::ApproveRequest(approval))
    }),
    (Rejection::IssuanceNotOpen, "a request before the calendar says so", |w| {
        let id = w.named(vec![referendum()], &[&[1, 2]]);
        let approval = w.approval(id, 1, "a");
        w.post(&registrar(1), Payload::ApproveRequest(approval))
    }),
    (Rejection::NotARegistrar, "a trustee who approves", |w| {
        let id = issuing(w);
        let approval = w.approval(id, 1, "a");
        w.post("trustee 1", Payload::ApproveRequest(approval))
    }),
    (Rejection::NotARegistrar, "an answer under another registrar's number", |w| {
        let id = issuing(w);
        w.approve_by(id, 1, "a", &[1, 2]);
        let answer = w.answered(id, 1, "a", 1);
        w.post(&registrar(2), Payload::AnswerRequest(answer))
    }),
    (Rejection::RequestApproved, "a third approval where two are enough", |w| {
        let id = issuing(w);
        w.approve_by(id, 1, "a", &[1, 2]);
        let approval = w.approval(id, 1, "a");
        w.post(&registrar(3), Payload::ApproveRequest(approval))
    }),
    (Rejection::SecondRequest, "another request of the same entry to the same registrar", |w| {
        let id = issuing(w);
        w.approve_by(id, 1, "a", &[1]);
        let mut approval = w.approval(id, 1, "a");
        approval.request = w.approval(id, 1, "another device").request;
        w.post(&registrar(1), Payload::ApproveRequest(approval))
    }),
    (Rejection::NotYetApproved, "an answer to what one registrar of two has approved", |w| {
        let id = issuing(w);
        w.approve_by(id, 1, "a", &[1]);
        answer(w, id, 1)
    }),
    (Rejection::AnswerExists, "an answer twice", |w| {
        let id = issuing(w);
        w.approve_by(id, 1, "a", &[1, 2]);
        answer(w, id, 1).unwrap();
        answer(w, id, 1)
    }),
    (Rejection::EnoughAnswers, "a third answer where two are enough", |w| {
        let id = issuing(w);
        w.issue(id, 1, "a");
        answer(w, id, 1)
    }),
    (Rejection::SealOfOtherElection, "an answer verified under another college's key", |w| {
        let id = issuing(w);
        w.approve_by(id, 1, "a", &[1, 2]);
        let of_two =
            w.answered_to(id, crate::credential_support::entry_of(2, "a"), w.requested(&id, 1, "a").1.request(), 1);
        let moved = RequestAnswer { entry: crate::credential_support::entry_of(1, "a"), ..of_two };
        let tx = w.verify_under_college_2(&w.signed(&registrar(1), Payload::AnswerRequest(moved)));
        w.one(tx)
    }),
    (Rejection::RegistrationNotOpen, "credentials before the calendar says so", |w| {
        let id = issuing(w);
        ["a", "b", "c"].iter().for_each(|it| w.issue(id, 1, it));
        register(w, id, &["a", "b", "c"])
    }),
    (Rejection::CredentialsOutOfOrder, "a group of none", |w| {
        let id = issuing(w);
        w.empty(REGISTRATION);
        let batch: CredentialBatch = World::batch(id, 1, Vec::new());
        w.post("anyone", Payload::RegisterCredentials(batch))
    }),
    (Rejection::TooFewCredentials, "two before the opening, where three are the least", |w| {
        let id = issuing(w);
        ["a", "b"].iter().for_each(|it| w.issue(id, 1, it));
        w.empty(REGISTRATION);
        register(w, id, &["a", "b"])
    }),
    (Rejection::CredentialRegistered, "the same group twice", |w| {
        let id = issuing(w);
        w.registered(id, 1, &["a", "b", "c"]);
        register(w, id, &["a", "b", "c"])
    }),
    (Rejection::TooManyCredentials, "one more than asked for, once the proof is on record", |w| {
        let id = issuing(w);
        w.registered(id, 1, &["a", "b", "c"]);
        w.empty(START + HOUR);
        let forged = w.forged(id, 1, "mallory");
        w.register(id, 1, vec![forged.clone()]).unwrap();
        w.register(id, 1, vec![forged])
    }),
    (Rejection::NotRegistered, "a ballot of a member who never asked", |w| {
        let id = issuing(w);
        w.empty(START + HOUR);
        w.cast_anonymous("a", id, 1, 1, vec![Choice::One(0)])
    }),
];

fn issuing(w: &mut World) -> ElectionId {
    let id = w.named(vec![referendum()], &[&[1, 2]]);
    w.empty(ISSUANCE);
    id
}
fn answer(w: &mut World, id: ElectionId, number: u16) -> super::Outcome {
    let answer = w.answered(id, 1, "a", number);
    w.post(&registrar(number), Payload::AnswerRequest(answer))
}
fn register(w: &mut World, id: ElectionId, names: &[&str]) -> super::Outcome {
    let credentials = names.iter().map(|it| w.finished(id, 1, it)).collect();
    w.register(id, 1, credentials)
}
