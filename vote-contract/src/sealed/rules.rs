//! What a secret election must declare before anybody makes keys for it: each rule with its number.
use super::{
    pieces::per_piece,
    questions::{compile, refused},
    records::UrnOpening,
};
use crate::{read, records::CensusRecord, state::StateView};
use std::collections::BTreeSet;
use urne_ballot::{
    CensusMode, Registrars, Trustees,
    ceremony::{COMMITMENTS_BYTES_MAX, Participant, ThresholdRule},
};
use urne_types::{
    CollegeId, ElectionId, Rejection, UnixMs,
    election::{ElectionDefinition, Secrecy},
    limits::{
        CEREMONY_STEP_MS_MAX, CEREMONY_STEP_MS_MIN, CREDENTIAL_COMMITMENTS_MAX, EVIDENT_KEYS_MIN, MINIMUM_GROUP_MIN,
        PIECES_MAX, REGISTRATIONS_MAX,
    },
    sealed::{Officer, SealedCensus, SealedRules},
    statutes::Voice,
};

/// The scope of the trustees' ceremony; a college's registrars have `1 + college`.
pub const TRUSTEES: u32 = 0;

/// Who takes part in a scope.
pub(crate) fn officers(rules: &SealedRules, scope: u32) -> &[Officer] {
    match &rules.census {
        _ if scope == TRUSTEES => &rules.trustees,
        SealedCensus::PublishedKeys => &[],
        SealedCensus::Credentials(it) => &it.registrars,
    }
}
/// Officers as the ceremony numbers them, from 1.
pub(crate) fn participants(officers: &[Officer]) -> Vec<Participant> {
    (1_u16..).zip(officers).map(|(number, it)| Participant { number, college: it.college }).collect()
}
/// Before this instant the keys must be made.
pub(crate) fn keys_due(definition: &ElectionDefinition) -> UnixMs {
    match definition.secrecy.sealed().map(|it| &it.census) {
        Some(SealedCensus::Credentials(it)) => it.issuance_at,
        _ => definition.opens_at,
    }
}

/// Judges what a definition declares by itself.
pub(crate) fn judge(definition: &ElectionDefinition, now: UnixMs) -> Result<(), Rejection> {
    let Some(rules) = definition.secrecy.sealed() else { return Ok(()) };
    let compiled = compile(definition)?;
    let mode = match rules.census {
        SealedCensus::PublishedKeys => CensusMode::PublishedKeys,
        SealedCensus::Credentials(_) => CensusMode::BlindCredentials,
    };
    compiled.admit(mode).map_err(refused)?;
    judge_officers(&rules.trustees)?;
    let trustees = participants(&rules.trustees);
    let threshold = Trustees::threshold(&trustees, &trustees).map_err(refused)?;
    if COMMITMENTS_BYTES_MAX < 32 * usize::from(threshold) * compiled.cells() {
        return Err(Rejection::TooManyCells);
    }
    if rules.minimum_group < MINIMUM_GROUP_MIN {
        return Err(Rejection::GroupTooSmall);
    }
    let colleges: Vec<CollegeId> = rules.groups.iter().flatten().copied().collect();
    let is_partition = colleges.iter().collect::<BTreeSet<_>>().len() == colleges.len();
    if !is_partition || rules.groups.iter().any(|it| it.is_empty()) {
        return Err(Rejection::BadGroups);
    }
    if !(CEREMONY_STEP_MS_MIN..=CEREMONY_STEP_MS_MAX).contains(&rules.step_ms) {
        return Err(Rejection::BadSealedCalendar);
    }
    if let SealedCensus::Credentials(it) = &rules.census {
        // No transaction registers more of them together.
        if u32::try_from(REGISTRATIONS_MAX).is_ok_and(|most| most < rules.minimum_group) {
            return Err(Rejection::GroupTooSmall);
        }
        judge_officers(&it.registrars)?;
        let registrars = participants(&it.registrars);
        let threshold = Registrars::threshold(&registrars, &registrars).map_err(refused)?;
        if CREDENTIAL_COMMITMENTS_MAX < registrars.len() * usize::from(threshold) * colleges.len() {
            return Err(Rejection::TooManyRegistrars);
        }
        let follows =
            now < it.issuance_at && it.issuance_at < it.registration_at && it.registration_at <= definition.opens_at;
        if !follows {
            return Err(Rejection::BadSealedCalendar);
        }
    }
    Ok(())
}

fn judge_officers(officers: &[Officer]) -> Result<(), Rejection> {
    let keys: BTreeSet<_> = officers.iter().map(|it| it.key).collect();
    if keys.len() == officers.len() { Ok(()) } else { Err(Rejection::BadOfficers) }
}

/// Whether an election may take a census: one of the keys that sign its ballots, or of commitments behind which credentials are
/// asked for. Every 32 bytes of a few may be keys by chance; of so many, they are.
pub(crate) fn takes(secrecy: &Secrecy, census: &CensusRecord) -> bool {
    let keys = census.keys;
    match secrecy.sealed().map(|it| &it.census) {
        None => keys.members,
        Some(SealedCensus::PublishedKeys) => keys.credentials,
        Some(SealedCensus::Credentials(_)) => {
            census.commitment.total() < EVIDENT_KEYS_MIN || !(keys.members || keys.credentials)
        }
    }
}

/// Judges the groups against the census, and against the statutes that weigh colleges or give one voice a member.
pub(crate) fn judge_groups(
    view: &dyn StateView,
    definition: &ElectionDefinition,
    census: &CensusRecord,
) -> Result<(), Rejection> {
    let Some(rules) = definition.secrecy.sealed() else { return Ok(()) };
    let members = &census.commitment.members;
    let grouped: BTreeSet<CollegeId> = rules.groups.iter().flatten().copied().collect();
    if grouped != members.iter().map(|(college, _)| *college).collect() {
        return Err(Rejection::BadGroups);
    }
    let statutes = definition.statutes.and_then(|it| read::statutes(&view, it.version));
    // Who votes with a credential votes with as many as she has colleges, and nobody can tell.
    let has_one_voice = statutes.as_ref().is_some_and(|it| it.voice == Voice::PerMember);
    if has_one_voice && 1 < members.len() {
        return Err(Rejection::OneVoiceInSecret);
    }
    let weighs_colleges = statutes.is_some_and(|it| it.colleges.is_some());
    if weighs_colleges && rules.groups.iter().any(|it| it.len() != 1) {
        return Err(Rejection::BadGroups);
    }
    let size = |group: &[CollegeId]| members.iter().filter(|it| group.contains(&it.0)).map(|it| it.1).sum::<u64>();
    if rules.groups.iter().any(|it| size(it) < u64::from(rules.minimum_group)) {
        return Err(Rejection::GroupTooSmall);
    }
    let compiled = compile(definition)?;
    // A ranking stands in public beside its credential, and the credential beside its college.
    let is_lonely = |(_, members): &(CollegeId, u64)| *members < u64::from(rules.minimum_group);
    if UrnOpening::of(&compiled) == UrnOpening::OneByOne && members.iter().any(is_lonely) {
        return Err(Rejection::GroupTooSmall);
    }
    let pieces = |group: &[CollegeId]| size(group).div_ceil(per_piece(compiled.cells()) as u64);
    let is_bounded = rules.groups.iter().map(|it| pieces(it)).sum::<u64>() <= PIECES_MAX;
    if UrnOpening::of(&compiled) == UrnOpening::OneByOne && !is_bounded {
        return Err(Rejection::TooManyCounters);
    }
    Ok(())
}

/// Whether what would be opened now has ballots, and fewer than the election's minimum: whoever may close it early could wait
/// for the one ballot she wants to read (decision 0098).
pub(crate) fn would_show_few(view: &dyn StateView, id: &ElectionId) -> bool {
    let Some(definition) = read::definition(&view, id) else { return false };
    let Some(rules) = definition.secrecy.sealed() else { return false };
    let Some(turnout) = read::turnout(&view, id) else { return false };
    let voted = |group: &[CollegeId]| -> u64 {
        turnout.colleges.iter().filter(|it| group.contains(&it.college)).map(|it| it.voted.get()).sum()
    };
    let minimum = u64::from(rules.minimum_group);
    let is_few = |group: &[CollegeId]| (1..minimum).contains(&voted(group));
    let of_one_college = |it: &CollegeId| is_few(std::slice::from_ref(it));
    // A ranking stands beside its college.
    compile(&definition).is_ok_and(|it| match UrnOpening::of(&it) {
        UrnOpening::Totals => rules.groups.iter().any(|it| is_few(it)),
        UrnOpening::OneByOne => rules.groups.iter().flatten().any(of_one_college),
    })
}
