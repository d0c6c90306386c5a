//! The rules of secret elections, each broken by the smallest story that breaks it. What the proofs themselves can get wrong
//! (600 to 699) is told in urne-ballot's tests and in the shared vectors.
use super::{Outcome, Story};
use crate::{
    secret_support::{rules, trustee},
    support::{FOR, HOUR, START, World, college, public, question, referendum},
};
use urne_ballot::{Answer as Choice, Seed, Statement};
use urne_types::{
    DraftId, Rejection, UnixMs,
    bounded::{Bytes, List},
    election::{CensusEntry, ElectionDefinition, Method, Question, Secrecy},
    governance::Act,
    limits::CEREMONIES_MAX,
    method::{BudgetBallot, BudgetRule, SharesCompletion},
    sealed::{CeremonyMessage, CeremonyStep, CredentialRules, Officer, OpeningShare, SealedCensus, SealedRules},
    transaction::Payload,
};
use urne_vote_contract::sealed::records::CeremonyState;

pub(crate) const STORIES: &[(Rejection, &str, Story)] = &[
    // Definitions
    (Rejection::MethodNotSealable, "equal shares, which read each ballot", |w| {
        let rule =
            BudgetRule::EqualShares { ballot: BudgetBallot::Approvals { most: 2 }, completion: SharesCompletion::None };
        let method = Method::Budget { budget: 80, costs: List::new(vec![60, 40]).unwrap(), rule };
        draft(w, vec![question(&["x", "y"], method)], |_| {})
    }),
    (Rejection::BadGroups, "a college in two groups", |w| {
        draft(w, vec![referendum()], |it| it.groups = rules(4, &[&[1, 2], &[2]]).groups)
    }),
    (Rejection::BadGroups, "a college of the census in no group", |w| {
        schedule(w, |it| it.groups = rules(4, &[&[1]]).groups)
    }),
    (Rejection::GroupTooSmall, "groups of two, who know each other's ballots", |w| {
        draft(w, vec![referendum()], |it| it.minimum_group = 2)
    }),
    (Rejection::GroupTooSmall, "a college of three where four is the least", |w| {
        schedule(w, |it| {
            it.groups = rules(4, &[&[1], &[2]]).groups;
            it.minimum_group = 4;
        })
    }),
    (Rejection::BadOfficers, "a trustee twice", |w| {
        draft(w, vec![referendum()], |it| {
            it.trustees = List::new([it.trustees.to_vec(), it.trustees.to_vec()].concat()).unwrap();
        })
    }),
    (Rejection::BadSealedCalendar, "steps of less than a second", |w| {
        draft(w, vec![referendum()], |it| it.step_ms = 999)
    }),
    (Rejection::TooFewBallots, "closing early on one ballot", |w| {
        let mut definition = w.secret_definition(vec![referendum()], rules(4, &[&[1, 2]]));
        definition.early_close = urne_types::election::EarlyClose::ByAct;
        let draft = w.begin_ceremony(&definition);
        let CeremonyState::Done { election } = w.run_ceremony(&draft, 4, |_, it| Some(it)) else { panic!("keys") };
        w.empty(definition.opens_at.get());
        w.cast_secret("a", election, 1, 1, vec![Choice::One(0)]).unwrap();
        w.act(Act::CloseElection { election })
    }),
    (Rejection::RankingWithPublishedKeys, "a ranking under credentials that have names", |w| {
        let method = Method::InstantRunoff {
            stop: urne_types::method::RunoffStop::Majority,
            lot: urne_types::method::LotRule::LaterBlock,
        };
        draft(w, vec![question(&["x", "y", "z"], method)], |_| {})
    }),
    (Rejection::WrongCensusKeys, "a secret election over the keys of members", |w| {
        let census = w.census(&[(1, "a"), (1, "b"), (1, "c"), (2, "d"), (2, "e"), (2, "f")]);
        let mut definition = w.definition(census, vec![referendum()]);
        definition.secrecy = Secrecy::Sealed(Box::new(rules(4, &[&[1, 2]])));
        let draft = definition.draft_id();
        w.send("admin 1", Payload::DraftElection(definition)).unwrap();
        w.act(Act::ScheduleElection { draft })
    }),
    (Rejection::WrongCensusKeys, "an open election over credentials", |w| {
        let census = w.usual_census();
        let definition = w.definition(census, vec![referendum()]);
        let draft = definition.draft_id();
        w.send("admin 1", Payload::DraftElection(definition)).unwrap();
        w.act(Act::ScheduleElection { draft })
    }),
    (Rejection::WrongCensusKeys, "an open election over members' keys with a credential among them", |w| {
        let member = |key| CensusEntry { college: crate::support::college(1), member: key };
        let credential =
            ["a", "b", "c", "d", "e"].map(|it| w.key_of(it)).into_iter().find(|it| !it.is_sound()).unwrap();
        let mut entries = vec![member(credential)];
        entries.extend((0..20).map(|n| member(crate::support::public(&format!("member {n}")))));
        let census = w.bring_entries(&mut entries);
        w.act(Act::AdoptCensus { census }).unwrap();
        let definition = w.definition(census, vec![referendum()]);
        let draft = definition.draft_id();
        w.send("admin 1", Payload::DraftElection(definition)).unwrap();
        w.act(Act::ScheduleElection { draft })
    }),
    (Rejection::TooManyRegistrars, "thirty-two registrars for each of eight colleges", |w| {
        draft(w, vec![referendum()], |it| {
            let officer = |of: u16| Officer { college: college(of), key: public(&format!("registrar {of}")) };
            it.groups = rules(4, &[&[1, 2, 3, 4, 5, 6, 7, 8]]).groups;
            it.census = SealedCensus::Credentials(CredentialRules {
                registrars: List::new((1..=32).map(officer).collect()).unwrap(),
                issuance_at: UnixMs::new(START + HOUR / 4),
                registration_at: UnixMs::new(START + HOUR / 2),
            });
        })
    }),
    // Ceremonies
    (Rejection::TooManyCeremonies, "one ceremony more than may be under way", |w| {
        let definition = w.secret_definition(vec![referendum()], rules(4, &[&[1, 2]]));
        let begin = |w: &mut World, grace_ms: usize| {
            let grace_ms = u32::try_from(grace_ms).unwrap();
            let definition = ElectionDefinition { grace_ms, ..definition.clone() };
            let draft = definition.draft_id();
            w.send("admin 1", Payload::DraftElection(definition)).unwrap();
            w.act(Act::ScheduleElection { draft })
        };
        (0..CEREMONIES_MAX).for_each(|n| drop(begin(w, n).unwrap()));
        begin(w, CEREMONIES_MAX)
    }),
    (Rejection::UnknownCeremony, "a message about a draft that nobody scheduled", |w| {
        let step = CeremonyStep::CommitmentHash([0; 32]);
        let message = CeremonyMessage { draft: DraftId([7; 32]), scope: 0, attempt: 0, step };
        w.send(&trustee(1), Payload::Ceremony(message))
    }),
    // Ballots
    (Rejection::WrongBallotKind, "a ballot in clear in a secret election", |w| {
        let id = w.open_secret(vec![referendum()], &[&[1, 2]]);
        w.cast("a", id, 1, 1, &[FOR])
    }),
    (Rejection::SealOfOtherElection, "a ballot verified against the keys in another order", |w| {
        let id = w.open_secret(vec![referendum()], &[&[1, 2]]);
        let right = w.statement(&id);
        let mut keys = right.keys().to_vec();
        keys.reverse();
        let compiled = urne_vote_contract::sealed::compile(&urne_vote_contract::definition(&w.state, &id).unwrap());
        let other = Statement::new(compiled.unwrap(), w.chain, id, &keys).unwrap();
        let ballot = w.seal_by(&other, "a", 1, vec![Choice::One(0)], Seed::from_bytes([1; 32]));
        let tx = w.verify_by(&other, &w.carry(id, 1, &ballot)).unwrap();
        w.one(tx)
    }),
    (Rejection::RandomnessReused, "randomness that is in the urn already", |w| {
        let id = w.open_secret(vec![referendum()], &[&[1, 2]]);
        let ballot = w.seal("a", id, 1, vec![Choice::One(0)]);
        // An honest device never makes it, and a forged one would need the points of the whole proof: the state is set by hand.
        w.state.index.insert([&[0x11], &id.0[..], &ballot.bytes[..32]].concat(), Vec::new());
        let tx = w.verify_ballot(&w.carry(id, 1, &ballot)).unwrap();
        w.one(tx)
    }),
    (Rejection::CredentialInTwoColleges, "a credential whose ballot could be moved to her other college", |w| {
        let census = w.secret_census(&[(1, "a"), (1, "b"), (1, "c"), (2, "a"), (2, "d"), (2, "e")]);
        let mut definition = w.definition(census, vec![referendum()]);
        definition.secrecy = Secrecy::Sealed(Box::new(rules(4, &[&[1, 2]])));
        let draft = w.begin_ceremony(&definition);
        let CeremonyState::Done { election } = w.run_ceremony(&draft, 4, |_, it| Some(it)) else { panic!("keys") };
        w.empty(START + HOUR);
        w.cast_secret("a", election, 1, 1, vec![Choice::One(0)])
    }),
    // Opening
    (Rejection::NothingToOpen, "a share while ballots are still cast", |w| {
        let election = w.open_secret(vec![referendum()], &[&[1, 2]]);
        w.send(&trustee(1), Payload::Opening(OpeningShare { election, part: 0, share: Bytes::default() }))
    }),
];

fn sealed(w: &mut World, questions: Vec<Question>, edit: impl FnOnce(&mut SealedRules)) -> ElectionDefinition {
    let mut sealed = rules(4, &[&[1, 2]]);
    edit(&mut sealed);
    w.secret_definition(questions, sealed)
}
fn draft(w: &mut World, questions: Vec<Question>, edit: impl FnOnce(&mut SealedRules)) -> Outcome {
    let definition = sealed(w, questions, edit);
    w.send("admin 1", Payload::DraftElection(definition))
}
fn schedule(w: &mut World, edit: impl FnOnce(&mut SealedRules)) -> Outcome {
    let definition = sealed(w, vec![referendum()], edit);
    let draft = definition.draft_id();
    w.send("admin 1", Payload::DraftElection(definition)).unwrap();
    w.act(Act::ScheduleElection { draft })
}
