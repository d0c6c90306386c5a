//! One rule, one number, one test: every `Rejection` that the contract decides (2xx to 4xx) is earned here by the smallest
//! story that earns it. A rule without a story fails the first test.
#![allow(clippy::unwrap_used)]
#[path = "rejections/counting.rs"]
mod counting;
#[path = "support/credentials.rs"]
mod credential_support;
#[path = "rejections/credentials.rs"]
mod credentials;
#[path = "rejections/sealed.rs"]
mod sealed;
#[path = "support/secret.rs"]
mod secret_support;
mod support;
use std::collections::BTreeSet;
use support::{
    AGAINST, FOR, HOUR, START, World, approvals, college, entry, grades, judgment, names, public, question, record,
    referendum, secret, text, validator_id,
};
use urne_types::{
    ActId, BlockHash, CensusId, ChainId, DraftId, ElectionId, Height, PublicKey, Rejection, Round, UnixMs, ValidatorId,
    ballot::Answer,
    bounded::List,
    election::{CensusCommitment, CensusEntry, ElectionDefinition, Method, NullPolicy, RevotePolicy},
    governance::{Act, Administrator, ParameterChange},
    limits::{
        ACTS_PENDING_MAX, ADMINISTRATORS_MAX, BALLOTS_PER_RIGHT_MAX, CENSUS_MEMBERS_MAX, CENSUSES_INCOMPLETE_MAX,
        DELEGATIONS_MAX, DRAFTS_MAX, EVIDENCE_HEIGHTS_MAX, SEQUENCE_STEP_MAX, VALIDATORS_MAX,
    },
    message::{Equivocation, Prevote},
    signed::Signed,
    transaction::{Payload, Withdrawal},
};
use urne_vote_contract::Outcome;

type Story = fn(&mut World) -> Outcome;
const STORIES: &[(Rejection, &str, Story)] = &[
    // Ballots
    (Rejection::UnknownElection, "a ballot for an election nobody scheduled", |w| {
        w.cast("a", ElectionId([7; 32]), 1, 1, &[FOR])
    }),
    (Rejection::NotOpenYet, "a ballot one millisecond before the opening", |w| {
        let census = w.census(&[(1, "a")]);
        let id = w.schedule(w.definition(census, vec![referendum()]));
        let early = w.ballot("a", id, 1, 1, &[FOR]);
        w.block(START + HOUR - 1, &[early]).remove(0)
    }),
    (Rejection::ElectionClosed, "a ballot at the very instant of the close", |w| {
        let id = w.open_referendum(|_| {});
        let late = w.ballot("a", id, 1, 1, &[FOR]);
        w.block(START + 2 * HOUR, &[late]).remove(0)
    }),
    (Rejection::ElectionCancelled, "a ballot after the colleges cancelled", |w| {
        let election = w.open_referendum(|_| {});
        w.act(Act::CancelElection { election, reason: text("panne") }).unwrap();
        w.cast("a", election, 1, 1, &[FOR])
    }),
    (Rejection::NotInCensus, "a member of college 1 who votes in college 2", |w| {
        let id = w.open_referendum(|_| {});
        w.cast("b", id, 2, 1, &[FOR])
    }),
    (Rejection::AlreadyVoted, "a second ballot where voting again is forbidden", |w| {
        let id = w.open_referendum(|it| it.revote = RevotePolicy::Forbidden);
        w.cast("a", id, 1, 1, &[FOR]).unwrap();
        w.cast("a", id, 1, 2, &[AGAINST])
    }),
    (Rejection::SequenceTooOld, "a second ballot with the same sequence", |w| {
        let id = w.open_referendum(|_| {});
        w.cast("a", id, 1, 5, &[FOR]).unwrap();
        w.cast("a", id, 1, 5, &[AGAINST])
    }),
    (Rejection::SequenceTooFar, "a first ballot that leaps one too far", |w| {
        let id = w.open_referendum(|_| {});
        w.cast("a", id, 1, SEQUENCE_STEP_MAX + 1, &[FOR])
    }),
    (Rejection::TooManyBallots, "a member who has used up the ballots of her right", |w| {
        let id = w.open_referendum(|_| {});
        for n in 1..=BALLOTS_PER_RIGHT_MAX / SEQUENCE_STEP_MAX {
            w.cast("a", id, 1, n * SEQUENCE_STEP_MAX, &[FOR]).unwrap();
        }
        w.cast("a", id, 1, BALLOTS_PER_RIGHT_MAX + 1, &[AGAINST])
    }),
    (Rejection::MemberSuspended, "a member suspended while the election is open", |w| {
        let id = w.open_referendum(|_| {});
        w.cast("a", id, 1, 1, &[FOR]).unwrap();
        w.act(Act::SuspendMember { member: public("a") }).unwrap();
        w.cast("a", id, 1, 2, &[AGAINST])
    }),
    (Rejection::WrongAnswerCount, "two answers to one question", |w| {
        let id = w.open_referendum(|_| {});
        w.cast("a", id, 1, 1, &[FOR, FOR])
    }),
    (Rejection::UnknownChoice, "a third choice of two", |w| {
        let id = w.open_referendum(|_| {});
        w.cast("a", id, 1, 1, &[Answer::Choice(2)])
    }),
    (Rejection::WrongAnswerKind, "approvals in a referendum", |w| {
        let id = w.open_referendum(|_| {});
        w.cast("a", id, 1, 1, &[approvals(&[0])])
    }),
    (Rejection::AnswerNotCanonical, "approvals out of order", |w| {
        let id = w.open_referendum(|it| it.questions = questions(&[question(&["x", "y"], Method::Approval)]));
        w.cast("a", id, 1, 1, &[approvals(&[1, 0])])
    }),
    // Drafts and census
    (Rejection::UnknownDraft, "scheduling what nobody proposed", |w| {
        w.act(Act::ScheduleElection { draft: DraftId([7; 32]) })
    }),
    (Rejection::DraftExists, "the same draft twice", |w| {
        draft(w, |_| {}).unwrap();
        draft(w, |_| {})
    }),
    (Rejection::TooManyDrafts, "one draft more than may wait", |w| {
        let definition = w.definition(CensusId([7; 32]), vec![referendum()]);
        let other = |grace_ms| Payload::DraftElection(ElectionDefinition { grace_ms, ..definition.clone() });
        let drafts = u32::try_from(DRAFTS_MAX).unwrap();
        (0..drafts).for_each(|n| drop(w.send("admin 1", other(n)).unwrap()));
        w.send("admin 1", other(drafts))
    }),
    (Rejection::NoQuestion, "an election that asks nothing", |w| draft(w, |it| it.questions = questions(&[]))),
    (Rejection::BadChoices, "one choice where there is nothing to choose", |w| {
        draft(w, |it| it.questions = questions(&[question(&["x"], Method::Plurality)]))
    }),
    (Rejection::BadNames, "two choices that look alike", |w| {
        draft(w, |it| it.questions = questions(&[question(&["é", "e\u{301}"], Method::Plurality)]))
    }),
    (Rejection::BadNames, "a choice that nobody sees", |w| {
        draft(w, |it| it.questions = questions(&[question(&["x", "\u{3164}"], Method::Plurality)]))
    }),
    (Rejection::BadNames, "two grades that look alike", |w| {
        let grades = names(&["bien", "bien\u{a0}", "passable"]);
        draft(w, |it| {
            it.questions = questions(&[question(&["x"], Method::MajorityJudgment { grades, nulls: NullPolicy::Worst })])
        })
    }),
    (Rejection::BadNames, "two questions under one title", |w| {
        draft(w, |it| it.questions = questions(&[referendum(), referendum()]))
    }),
    (Rejection::BadGrades, "a judgment with one grade", |w| {
        let method = Method::MajorityJudgment { grades: names(&["bien"]), nulls: NullPolicy::Worst };
        draft(w, |it| it.questions = questions(&[question(&["x"], method)]))
    }),
    (Rejection::BadCalendar, "an election that closes when it opens", |w| draft(w, |it| it.closes_at = it.opens_at)),
    (Rejection::UnknownCensus, "adopting a census nobody brought", |w| {
        w.act(Act::AdoptCensus { census: CensusId([7; 32]) })
    }),
    (Rejection::CensusIncomplete, "adopting a census half brought", |w| {
        let (commitment, entries) = census_of(&["a", "b"]);
        part(w, &commitment, 0, &entries[..1]).unwrap();
        w.act(Act::AdoptCensus { census: commitment.id() })
    }),
    (Rejection::CensusNotAdopted, "scheduling on a census nobody adopted", |w| {
        let census = w.bring_census(&[(1, "a")]);
        let definition = w.definition(census, vec![referendum()]);
        let draft = definition.draft_id();
        w.send("admin 1", Payload::DraftElection(definition)).unwrap();
        w.act(Act::ScheduleElection { draft })
    }),
    (Rejection::CensusOutOfOrder, "a part brought twice", |w| {
        let (commitment, entries) = census_of(&["a", "b", "c"]);
        part(w, &commitment, 0, &entries[..1]).unwrap();
        part(w, &commitment, 1, &entries[1..2]).unwrap();
        part(w, &commitment, 1, &entries[1..2])
    }),
    (Rejection::CensusMismatch, "another member than the root's", |w| {
        let (commitment, _) = census_of(&["a"]);
        part(w, &commitment, 0, &[entry(1, "b")])
    }),
    (Rejection::CensusTooLarge, "a census of more than may be", |w| {
        let (mut commitment, entries) = census_of(&["a"]);
        commitment.members = List::new(vec![(college(1), CENSUS_MEMBERS_MAX + 1)]).unwrap();
        part(w, &commitment, 0, &entries)
    }),
    (Rejection::CensusComplete, "a part of a census that lacks none", |w| {
        let (commitment, entries) = census_of(&["a"]);
        part(w, &commitment, 0, &entries).unwrap();
        part(w, &commitment, 0, &entries)
    }),
    (Rejection::CensusAdopted, "adopting a census twice", |w| {
        let census = w.census(&[(1, "a")]);
        w.act(Act::AdoptCensus { census })
    }),
    (Rejection::TooManyCensuses, "one census more than a key may be bringing", |w| {
        let names = ["a", "b", "c", "d", "e"];
        let outcomes = (0..=CENSUSES_INCOMPLETE_MAX).map(|n| {
            let (commitment, entries) = census_of(&[names[n], "z"]);
            part(w, &commitment, 0, &entries[..1])
        });
        outcomes.last().unwrap()
    }),
    // Acts
    (Rejection::NotAnAdministrator, "a member who proposes an election", |w| {
        let definition = w.definition(CensusId([7; 32]), vec![referendum()]);
        w.send("a", Payload::DraftElection(definition))
    }),
    (Rejection::UnknownAct, "approving what nobody proposed", |w| w.approve("admin 2", ActId([7; 32]))),
    (Rejection::ActExpired, "an approval at the very instant of the expiry", |w| {
        let (id, _) = w.propose("admin 1", Act::SuspendMember { member: public("a") });
        let late = w.tx("admin 2", Payload::ApproveAct { act: id });
        w.block(w.now - 1 + HOUR, &[late]).remove(0)
    }),
    (Rejection::AlreadyApproved, "two approvals of one college", |w| {
        let (id, _) = w.propose("admin 1", Act::SuspendMember { member: public("a") });
        w.approve("admin 1", id)
    }),
    (Rejection::ActExists, "the same act proposed by another", |w| {
        let proposed = w.proposed(Act::SuspendMember { member: public("a") });
        w.send("admin 1", Payload::ProposeAct(proposed.clone())).unwrap();
        w.send("admin 2", Payload::ProposeAct(proposed))
    }),
    (Rejection::BadExpiry, "an act that expires when it is proposed", |w| {
        let mut proposed = w.proposed(Act::SuspendMember { member: public("a") });
        proposed.expires_at = UnixMs::new(w.now + 1);
        w.send("admin 1", Payload::ProposeAct(proposed))
    }),
    (Rejection::TooManyActs, "one act more than may wait", |w| {
        let act = || Act::SuspendMember { member: public("a") };
        (0..ACTS_PENDING_MAX).for_each(|_| drop(w.propose("admin 1", act()).1.unwrap()));
        w.propose("admin 1", act()).1
    }),
    (Rejection::ActExecuted, "an approval too many", |w| {
        let (id, _) = w.propose("admin 1", Act::SuspendMember { member: public("a") });
        w.approve("admin 2", id).unwrap();
        w.approve("admin 3", id).unwrap();
        w.approve("admin 4", id)
    }),
    (Rejection::ActWithdrawn, "approving what its author took back", |w| {
        let (id, _) = w.propose("admin 1", Act::SuspendMember { member: public("a") });
        w.send("admin 1", Payload::Withdraw(Withdrawal::Act(id))).unwrap();
        w.approve("admin 2", id)
    }),
    (Rejection::NotYours, "taking back what another proposed", |w| {
        let (id, _) = w.propose("admin 1", Act::SuspendMember { member: public("a") });
        w.send("admin 2", Payload::Withdraw(Withdrawal::Act(id)))
    }),
    // Validators
    (Rejection::UnknownValidator, "suspending a stranger", |w| suspend(w, "stranger")),
    (Rejection::ValidatorExists, "the same validator twice", |w| {
        let record = record(&w.chain, 1, "validator 1");
        w.act(Act::AddValidator { record })
    }),
    (Rejection::BreaksCollegeRule, "a validator of a college that weighs nothing", story_of_a_broken_rule),
    (Rejection::UnknownCollege, "a validator of no college", |w| {
        let record = record(&w.chain, 9, "new");
        w.act(Act::AddValidator { record })
    }),
    (Rejection::BadValidatorRecord, "a record signed for another chain", |w| {
        w.act(Act::AddValidator { record: record(&ChainId([7; 32]), 1, "new") })
    }),
    (Rejection::WrongCollege, "a replacement from another college", |w| {
        let record = record(&w.chain, 2, "new");
        w.act(Act::ReplaceValidator { validator: validator_id("validator 1"), record })
    }),
    (Rejection::TooManyValidators, "one validator more than there may be", |w| {
        for n in 4..VALIDATORS_MAX {
            let record = record(&w.chain, u16::try_from(n % 4 + 1).unwrap(), &format!("new {n}"));
            w.act(Act::AddValidator { record }).unwrap();
        }
        let record = record(&w.chain, 1, "one more");
        w.act(Act::AddValidator { record })
    }),
    (Rejection::ValidatorNotSuspended, "reinstating a validator at work", |w| {
        w.act(Act::ReinstateValidator { validator: validator_id("validator 1") })
    }),
    (Rejection::ValidatorAlreadySuspended, "suspending twice, even while it waits", |w| {
        suspend(w, "validator 1").unwrap();
        suspend(w, "validator 1")
    }),
    // Administrators and members
    (Rejection::AdministratorExists, "an administrator added twice", |w| add_administrator(w, 2, "admin 1")),
    (Rejection::UnknownAdministrator, "removing a stranger", |w| {
        w.act(Act::RemoveAdministrator { key: public("stranger") })
    }),
    (Rejection::TooManyAdministrators, "one administrator more than there may be", |w| {
        (4..ADMINISTRATORS_MAX).for_each(|n| drop(add_administrator(w, 1, &format!("new {n}")).unwrap()));
        add_administrator(w, 1, "one more")
    }),
    (Rejection::BadKey, "an administrator for whom anyone can sign", |w| {
        w.act(Act::AddAdministrator { administrator: Administrator { college: college(1), key: NOBODYS } })
    }),
    (Rejection::TooFewColleges, "removing the administrator of one college too many", |w| {
        w.act(Act::RemoveAdministrator { key: public("admin 4") }).unwrap();
        w.act(Act::RemoveAdministrator { key: public("admin 3") })
    }),
    (Rejection::MemberNotSuspended, "reinstating a member at large", |w| {
        w.act(Act::ReinstateMember { member: public("a") })
    }),
    (Rejection::MemberAlreadySuspended, "suspending a member twice", |w| {
        w.act(Act::SuspendMember { member: public("a") }).unwrap();
        w.act(Act::SuspendMember { member: public("a") })
    }),
    // Elections by act
    (Rejection::WrongElectionState, "closing before the opening", |w| {
        let census = w.census(&[(1, "a")]);
        let election = w.schedule(w.definition(census, vec![referendum()]));
        w.act(Act::CloseElection { election })
    }),
    (Rejection::EarlyCloseForbidden, "closing early where the definition says never", |w| {
        let election = w.open_referendum(|_| {});
        w.act(Act::CloseElection { election })
    }),
    (Rejection::BadParameter, "a block without room for two transactions", |w| {
        w.act(Act::SetParameter { change: ParameterChange::BlockBytesMax(1_000) })
    }),
    (Rejection::BadUpgrade, "an upgrade to the version in force", |w| {
        w.act(Act::UpgradeProtocol { version: 1, height: Height::new(1_000) })
    }),
    // Delegations
    (Rejection::DelegationExists, "delegating to a delegate", |w| {
        delegate(w, "admin 1", "deputy").unwrap();
        delegate(w, "admin 2", "deputy")
    }),
    (Rejection::UnknownDelegation, "revoking another's delegation", |w| {
        delegate(w, "admin 1", "deputy").unwrap();
        let expires_at = UnixMs::new(w.now - 1 + HOUR);
        w.send("admin 2", Payload::RevokeDelegation { to: public("deputy"), expires_at })
    }),
    (Rejection::TooManyDelegations, "one delegation more than there may be", |w| {
        (0..DELEGATIONS_MAX).for_each(|n| drop(delegate(w, "admin 1", &format!("deputy {n}")).unwrap()));
        delegate(w, "admin 1", "one more")
    }),
    // Evidence
    (Rejection::NotEquivocation, "twice the same prevote", |w| {
        let evidence = two_prevotes(w, 1, (1, 1));
        w.send("anyone", evidence)
    }),
    (Rejection::EvidenceTooOld, "an offence of long ago", |w| {
        w.height = EVIDENCE_HEIGHTS_MAX + 1;
        let evidence = two_prevotes(w, 1, (1, 2));
        w.send("anyone", evidence)
    }),
    (Rejection::EvidenceKnown, "the same offence twice", |w| {
        let evidence = two_prevotes(w, 1, (1, 2));
        w.send("anyone", evidence.clone()).unwrap();
        w.send("someone else", evidence)
    }),
];

fn all_stories() -> impl Iterator<Item = &'static (Rejection, &'static str, Story)> {
    STORIES.iter().chain(counting::STORIES).chain(sealed::STORIES).chain(credentials::STORIES)
}

#[test]
fn every_rule_of_the_contract_has_its_story() {
    let told: BTreeSet<Rejection> = all_stories().map(|it| it.0).collect();
    let ours = Rejection::ALL.iter().copied().filter(|it| (200..500).contains(&it.code()));
    let missing: Vec<Rejection> = ours.filter(|it| !told.contains(it)).collect();
    assert_eq!(missing, []);
}

#[test]
fn every_story_earns_its_number_and_writes_nothing() {
    for (rejection, description, story) in all_stories() {
        let outcome = story(&mut World::new());
        assert_eq!(outcome, Err(*rejection), "{description}");
    }
}

#[test]
fn answers_to_a_judgment_are_refused_by_the_finest_rule() {
    let mut world = World::new();
    let id = world.open_referendum(|it| it.questions = questions(&[judgment(&["x", "y"], NullPolicy::Worst)]));
    for (given, rejection) in [
        (grades(&[Some(0), Some(3)]), Rejection::UnknownChoice),
        (grades(&[Some(0), Some(0), Some(0)]), Rejection::UnknownChoice),
        (grades(&[Some(0)]), Rejection::AnswerNotCanonical),
        (grades(&[None, None]), Rejection::AnswerNotCanonical),
        (FOR, Rejection::WrongAnswerKind),
    ] {
        assert_eq!(world.cast("a", id, 1, 1, std::slice::from_ref(&given)), Err(rejection), "{given:?}");
    }
    world.cast("a", id, 1, 1, &[grades(&[None, Some(2)])]).unwrap();
    world.cast("b", id, 1, 1, &[Answer::Blank]).unwrap();
}

/// The neutral element: a point of order one, under which `R = neutral, s = 0` signs everything.
const NOBODYS: PublicKey = PublicKey({
    let mut bytes = [0; 32];
    bytes[0] = 1;
    bytes
});
/// No point of the curve has this ordinate.
const NO_POINT: PublicKey = PublicKey({
    let mut bytes = [0; 32];
    bytes[0] = 2;
    bytes
});

#[test]
fn no_role_is_given_to_a_key_that_is_not_its_holders_alone() {
    for bad in [NOBODYS, NO_POINT] {
        let mut world = World::new();
        let mut by = record(&world.chain, 1, "new");
        by.claim.key = bad;
        let delegation = Payload::Delegate { to: bad, expires_at: UnixMs::new(world.now + HOUR) };
        let outcomes = [
            world.act(Act::AddValidator { record: by.clone() }),
            world.act(Act::ReplaceValidator { validator: validator_id("validator 1"), record: by }),
            world.act(Act::AddAdministrator { administrator: Administrator { college: college(1), key: bad } }),
            world.act(Act::RotateAdministratorKey { from: public("admin 1"), to: bad }),
            world.send("admin 1", delegation),
        ];
        for outcome in outcomes {
            assert_eq!(outcome, Err(Rejection::BadKey), "{bad}");
        }
        // On a census it may be a commitment; no open election takes it.
        let census = world.bring_entries(&mut vec![CensusEntry { college: college(1), member: bad }]);
        world.act(Act::AdoptCensus { census }).unwrap();
        let definition = world.definition(census, vec![referendum()]);
        let draft = definition.draft_id();
        world.send("admin 1", Payload::DraftElection(definition)).unwrap();
        assert_eq!(world.act(Act::ScheduleElection { draft }), Err(Rejection::WrongCensusKeys), "{bad}");
    }
}

// ---- Pieces of stories ----

fn questions(of: &[urne_types::election::Question]) -> List<urne_types::election::Question, 32> {
    List::new(of.to_vec()).unwrap()
}
fn draft(world: &mut World, edit: impl FnOnce(&mut ElectionDefinition)) -> Outcome {
    let mut definition = world.definition(CensusId([7; 32]), vec![referendum()]);
    edit(&mut definition);
    world.nonce += 1; // another administrator, so that the transaction is another one
    let who = format!("admin {}", world.nonce % 4 + 1);
    world.send(&who, Payload::DraftElection(definition))
}
fn census_of(members: &[&str]) -> (CensusCommitment, Vec<CensusEntry>) {
    let mut entries: Vec<CensusEntry> = members.iter().map(|it| entry(1, it)).collect();
    (CensusCommitment::over(&mut entries).unwrap(), entries)
}
fn part(world: &mut World, commitment: &CensusCommitment, first: u64, entries: &[CensusEntry]) -> Outcome {
    let entries = List::new(entries.to_vec()).unwrap();
    world.send("admin 1", Payload::CensusChunk { commitment: commitment.clone(), attempt: 0, first, entries })
}
fn suspend(world: &mut World, name: &str) -> Outcome {
    world.act(Act::SuspendValidator { validator: validator_id(name), reason: text("absent") })
}
fn add_administrator(world: &mut World, of: u16, name: &str) -> Outcome {
    world.act(Act::AddAdministrator { administrator: Administrator { college: college(of), key: public(name) } })
}
fn delegate(world: &mut World, by: &str, to: &str) -> Outcome {
    let expires_at = UnixMs::new(world.now + HOUR);
    world.send(by, Payload::Delegate { to: public(to), expires_at })
}
fn two_prevotes(world: &World, height: u64, blocks: (u8, u8)) -> Payload {
    let prevote = |block: u8| {
        let validator: ValidatorId = validator_id("validator 1");
        let block = Some(BlockHash([block; 32]));
        let prevote = Prevote { height: Height::new(height), round: Round::FIRST, block, validator };
        Signed::sign(&world.chain, prevote, &secret("validator 1")).into_signed()
    };
    Payload::Evidence(Equivocation::Prevotes(prevote(blocks.0), prevote(blocks.1)))
}
/// A guarantor college without voting rights that was never told what it weighs in the agreement.
fn story_of_a_broken_rule(world: &mut World) -> Outcome {
    *world = World::with(|genesis| {
        let mut colleges = genesis.colleges.to_vec();
        let mut guarantor = colleges[0].clone();
        (guarantor.id, guarantor.statutory_weight_bp) = (college(5), 0);
        colleges.push(guarantor);
        genesis.colleges = List::new(colleges).unwrap();
    });
    let record = record(&world.chain, 5, "guarantor");
    world.act(Act::AddValidator { record })
}
