//! What a trustee has to send next, worked out from the state and its own secret: pure, so that the process that holds the
//! secret can be restarted at any time and say the same again. A registrar's ceremony is the same with another scope.
use super::{
    board::Board,
    ceremony::{cells, trustees},
    keys, pieces,
    questions::compile,
    records::{CeremonyRecord, CeremonyState, Stage, Step, UrnOpening},
    rules::TRUSTEES,
    sums,
};
use crate::{
    state::{Space, StateView},
    work::record,
};
use urne_ballot::{
    Refusal, Registrars, SecretShare, TallyGuard, ThresholdKeys, Trustees, Urn,
    ceremony::{CeremonySecret, ThresholdRule},
    threshold::ThresholdGroup,
};
use urne_types::{
    ChainId, DraftId, ElectionId,
    bounded::{Bytes, List},
    limits::{CEREMONY_BYTES_MAX, TX_BYTES_MAX},
    sealed::{CeremonyMessage, CeremonyStep, OpeningShare},
};

/// A participant of a ceremony: which one, its number and its secret.
#[derive(Clone, Copy, Debug)]
pub struct Participation<'a> {
    /// The chain.
    pub chain: &'a ChainId,
    /// The draft.
    pub draft: &'a DraftId,
    /// 0 for the trustees' ceremony, 1 + college for the registrars' of a college.
    pub scope: u32,
    /// Its number.
    pub number: u16,
    /// Its secret for this election.
    pub secret: &'a CeremonySecret,
}

/// What the participant has to say now; nothing when it has spoken, is out, or nothing is asked.
///
/// # Errors
/// [`Refusal`] when the state and the secret do not belong together.
pub fn ceremony_duties<V: StateView + ?Sized>(
    view: &V,
    of: Participation<'_>,
) -> Result<Vec<CeremonyMessage>, Refusal> {
    let steps = if of.scope == TRUSTEES { steps::<Trustees>(&view, of)? } else { steps::<Registrars>(&view, of)? };
    let attempt = stage(&view, of).map_or(0, |it| it.attempt);
    let message = |step| CeremonyMessage { draft: *of.draft, scope: of.scope, attempt, step };
    Ok(steps.into_iter().map(message).collect())
}

fn stage(view: &dyn StateView, of: Participation<'_>) -> Option<Stage> {
    record(view, Space::Map, &keys::stage(of.draft, of.scope))
}

fn steps<G: ThresholdGroup + ThresholdRule>(
    view: &dyn StateView,
    of: Participation<'_>,
) -> Result<Vec<CeremonyStep>, Refusal> {
    let Some((ceremony, stage)) = under_way(view, of) else { return Ok(Vec::new()) };
    let rules = ceremony.definition.secrecy.sealed().expect("only a secret election has a ceremony");
    let board = Board::new(view, of.chain, of.draft, of.scope, rules, &stage, cells(&ceremony.definition));
    let number = of.number;
    let has_spoken = |step| board.senders(step).contains(&number);
    let takes_part = match stage.step {
        Step::Joining => stage.candidates.contains(&number),
        Step::Rehearsing => true,
        Step::Over => false,
        _ => has_spoken(Step::Joining),
    };
    if !takes_part || (stage.step != Step::Dealing && has_spoken(stage.step)) {
        return Ok(Vec::new());
    }
    Ok(match stage.step {
        Step::Joining => vec![CeremonyStep::Join(bytes(of.secret.join::<G>(&board.invitation, number)?)?)],
        Step::Hashing => {
            let dealing = of.secret.deal(&board.ceremony::<G>()?, number)?;
            vec![CeremonyStep::CommitmentHash(dealing.hash.0)]
        }
        Step::Committing if has_spoken(Step::Hashing) => {
            let dealing = of.secret.deal(&board.ceremony::<G>()?, number)?;
            vec![CeremonyStep::Commitments(bytes(dealing.commitments)?)]
        }
        Step::Dealing if has_spoken(Step::Committing) => {
            let dealing = of.secret.deal(&board.ceremony::<G>()?, number)?;
            let is_sent = |to: u16| board.message(Step::Dealing, number, to).is_some();
            in_transactions(dealing.shares.into_iter().filter(|(to, _)| !is_sent(*to)))?
        }
        Step::Complaining => {
            let ceremony = board.ceremony::<G>()?;
            let (commitments, shares) = (board.commitments(&ceremony)?, board.shares(&ceremony)?);
            let found = of.secret.judge(&board.invitation, &ceremony, number, &commitments, &shares)?;
            let found = found.into_iter().map(|(dealer, it)| Ok::<_, Refusal>((dealer, bytes(it)?)));
            let found = found.collect::<Result<Vec<_>, Refusal>>()?;
            vec![CeremonyStep::Complaints(List::new(found).map_err(|_| Refusal::WrongShape)?)]
        }
        Step::Rehearsing => {
            let CeremonyState::Rehearsing { election } = ceremony.state else { return Ok(Vec::new()) };
            let keys = trustees(&stage)?;
            if !keys.holders().contains(&number) {
                return Ok(Vec::new());
            }
            let urn = Urn::rehearsal(election, &keys);
            let share = share::<Trustees>(&board, of, &keys)?.decrypt(&urn)?;
            vec![CeremonyStep::Rehearsal(bytes(share.encode())?)]
        }
        _ => Vec::new(),
    })
}

fn under_way(view: &dyn StateView, of: Participation<'_>) -> Option<(CeremonyRecord, Stage)> {
    view.get(Space::Map, &keys::under_way(of.draft))?;
    record(view, Space::Map, &keys::ceremony(of.draft)).zip(stage(view, of))
}

fn bytes(bytes: Vec<u8>) -> Result<Bytes<CEREMONY_BYTES_MAX>, Refusal> {
    Bytes::new(bytes).map_err(|_| Refusal::WrongShape)
}

/// Shares in as few transactions as hold them.
fn in_transactions(shares: impl Iterator<Item = (u16, Vec<u8>)>) -> Result<Vec<CeremonyStep>, Refusal> {
    const ROOM: usize = TX_BYTES_MAX - 1_024;
    let (mut sent, mut next, mut length) = (Vec::new(), Vec::new(), 0);
    for (recipient, share) in shares {
        let more = share.len() + 10;
        if ROOM < length + more && !next.is_empty() {
            sent.push(std::mem::take(&mut next));
            length = 0;
        }
        length += more;
        next.push((recipient, bytes(share)?));
    }
    if !next.is_empty() {
        sent.push(next);
    }
    sent.into_iter().map(|it| Ok(CeremonyStep::Shares(List::new(it).map_err(|_| Refusal::WrongShape)?))).collect()
}

fn share<G: ThresholdGroup + ThresholdRule>(
    board: &Board<'_>,
    of: Participation<'_>,
    keys: &ThresholdKeys<G>,
) -> Result<SecretShare<G>, Refusal> {
    let ceremony = board.ceremony::<G>()?;
    let (commitments, shares) = (board.commitments(&ceremony)?, board.shares(&ceremony)?);
    of.secret.share(&board.invitation, &ceremony, of.number, &commitments, &shares, keys)
}

/// A registrar's share of its college's key, once the ceremony has ended: what answers approved requests.
///
/// # Errors
/// [`Refusal::NotATrustee`]: it holds none; [`Refusal::WrongStep`]: there are no keys yet; and what a state that is not the
/// secret's earns.
pub fn registrar_share<V: StateView + ?Sized>(
    view: &V,
    of: Participation<'_>,
) -> Result<SecretShare<Registrars>, Refusal> {
    let view: &dyn StateView = &view;
    let ceremony: CeremonyRecord = record(view, Space::Map, &keys::ceremony(of.draft)).ok_or(Refusal::NotATrustee)?;
    let stage = stage(view, of).ok_or(Refusal::NotATrustee)?;
    let keys = ThresholdKeys::<Registrars>::decode(stage.keys.as_ref().ok_or(Refusal::WrongStep)?)?;
    let rules = ceremony.definition.secrecy.sealed().ok_or(Refusal::NotATrustee)?;
    let board = Board::new(view, of.chain, of.draft, of.scope, rules, &stage, cells(&ceremony.definition));
    share::<Registrars>(&board, of, &keys)
}

/// The trustee's shares of a closed election's urns that the ledger does not hold yet. The guard refuses a second tally of
/// one election for ever: whoever calls writes it to disk *before* anything leaves.
///
/// # Errors
/// [`Refusal::SecondTally`], [`Refusal::NotATrustee`], and what a state that is not the secret's earns.
pub fn opening_duties<V: StateView + ?Sized>(
    view: &V,
    of: Participation<'_>,
    election: &ElectionId,
    guard: &mut TallyGuard,
) -> Result<Vec<OpeningShare>, Refusal> {
    let view: &dyn StateView = &view;
    if view.get(Space::Map, &keys::waiting(election)).is_none() {
        return Ok(Vec::new());
    }
    let ceremony: CeremonyRecord = record(view, Space::Map, &keys::ceremony(of.draft)).ok_or(Refusal::NotATrustee)?;
    // Nothing that decides what is opened is the state's word alone: the draft's name covers the definition, and the guard
    // knows one election of a draft.
    let definition = &ceremony.definition;
    if definition.draft_id() != *of.draft || ceremony.state != (CeremonyState::Done { election: *election }) {
        return Err(Refusal::OtherUrn);
    }
    let stage = stage(view, of).ok_or(Refusal::NotATrustee)?;
    let rules = definition.secrecy.sealed().ok_or(Refusal::NotATrustee)?;
    let board = Board::new(view, of.chain, of.draft, TRUSTEES, rules, &stage, cells(definition));
    let secret = share::<Trustees>(&board, of, &trustees(&stage)?)?;
    let opening = UrnOpening::of(&compile(definition).map_err(|_| Refusal::OtherUrn)?);
    let gate = super::sealed_gate(&view, election).ok_or(Refusal::NotATrustee)?;
    let (pieces, urns) = match opening {
        UrnOpening::Totals => (None, sums::urns(view, election)),
        UrnOpening::OneByOne => match pieces::urns(view, election, gate.cells)? {
            Some((list, urns)) => (Some(list), urns),
            // Not all cut yet.
            None => return Ok(Vec::new()),
        },
    };
    let mut answers = Vec::new();
    guard.bind(of.draft, election)?;
    for urn in urns {
        if opening == UrnOpening::Totals && rules.groups.len() <= usize::try_from(urn.part()).unwrap_or(usize::MAX) {
            return Err(Refusal::OtherUrn);
        }
        let is_sent = view.get(Space::Map, &keys::share(election, urn.part(), of.number)).is_some();
        if urn.is_empty() || is_sent {
            continue;
        }
        match &pieces {
            None => guard.permit(&urn)?,
            Some(list) => guard.permit_piece(list, &urn)?,
        }
        let share = bytes(secret.decrypt(&urn)?.encode())?;
        answers.push(OpeningShare { election: *election, part: urn.part(), share });
    }
    Ok(answers)
}
