//! An urn that is opened ballot by ballot: rankings are not added up. After the close the last ballot of each credential, and no
//! other, is put in the order of its own randomness, which says nothing of when or by whom it was cast; the list is cut in
//! pieces, each is opened once t shares of it are verified, and what it holds is counted as open ballots are. Every step takes
//! as much of a block as its units of counting allow.
//!
//! ```text
//! Closed ─ cut, by group and A ─ shares of each piece: verified, opened ─ all pieces opened: Counting
//!           └─ pause ─┘            └──────────── pause ───────────┘
//! ```
use super::{
    keys,
    opening::{Waiting, Went, conclude, drop_unverified, has_shares, shares},
    questions::{opened_answers, refused},
    records::{OpenedPart, Piece, PieceList},
};
use crate::{
    counting,
    event::Event,
    read,
    result::Count,
    state::{Space, StateView},
    work::{Work, keys_while, parse, record},
};
use std::ops::ControlFlow;
use urne_ballot::{Ciphertext, DecryptionShare, Pieces, Refusal, Urn, tally};
use urne_types::{
    ElectionId, Rejection,
    ballot::Answer,
    codec::{Decode, Encode, decode_record, encode},
    limits::{COUNT_BALLOT_UNITS, COUNT_OPENED_UNITS, COUNT_POINT_UNITS, PIECE_CELLS_MAX},
};

/// What an opened ballot says, to the count.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "urne_types::codec::bincode")]
struct OpenedBallot(Vec<Answer>);

/// Ballots of a piece, where each has so many cells.
pub(crate) const fn per_piece(cells: usize) -> usize {
    if cells == 0 || PIECE_CELLS_MAX < cells { 1 } else { PIECE_CELLS_MAX / cells }
}

/// The answers of an opened ballot's record.
pub(crate) fn answers_in(record: &[u8]) -> Vec<Answer> {
    parse::<OpenedBallot>(record).0
}

/// How many ciphertexts a share of a piece is for, while it is not opened.
pub(super) fn ciphertexts(view: &dyn StateView, id: &ElectionId, part: u32) -> Option<usize> {
    let list: PieceList = record(view, Space::Map, &keys::pieces(id)).filter(|it: &PieceList| it.is_whole)?;
    usize::try_from(part).ok().filter(|it| *it < list.urns.len())?;
    record(view, Space::Map, &keys::piece(id, part)).map(|it: Piece| it.ballots.len())
}

/// The pieces that are not opened yet, as far as the view shows them, and the list that they are of: what trustees decrypt. The
/// view is what a node shows, of which the list alone is proven: what is no piece is refused.
pub(crate) fn urns(view: &dyn StateView, id: &ElectionId, cells: u16) -> Result<Option<(Pieces, Vec<Urn>)>, Refusal> {
    let list: Option<PieceList> = record(view, Space::Map, &keys::pieces(id));
    let Some(list) = list.filter(|it| it.is_whole) else { return Ok(None) };
    let mut urns = Vec::new();
    view.scan(Space::Map, &keys::all_pieces(id), &mut |key, value| {
        urns.push(shown(id, key, value, cells).ok_or(Refusal::OtherUrn));
        ControlFlow::Continue(())
    });
    Ok(Some((Pieces::new(*id, list.urns), urns.into_iter().collect::<Result<_, _>>()?)))
}
fn shown(id: &ElectionId, key: &[u8], value: &[u8], cells: u16) -> Option<Urn> {
    let piece: Piece = decode_record(value).ok()?;
    let restored = |bytes: &Vec<u8>| Ciphertext::restore_from_state(bytes, cells.into()).ok();
    Some(Urn::one_by_one(*id, keys::parse_part(key)?, piece.ballots.iter().map(restored).collect::<Option<_>>()?))
}

impl Piece {
    fn urn(&self, id: &ElectionId, part: u32, cells: u16) -> Urn {
        let restored = |bytes: &Vec<u8>| {
            Ciphertext::restore_from_state(bytes, cells.into())
                .expect("the state holds only what the rules wrote: restore a snapshot")
        };
        Urn::one_by_one(*id, part, self.ballots.iter().map(restored).collect())
    }
}

/// Goes on where the block before stopped.
pub(super) fn go_on(work: &mut Work<'_>, waiting: &Waiting, units: &mut u64) -> Went {
    let id = &waiting.id;
    let mut list: PieceList = work.read(&keys::pieces(id)).unwrap_or_default();
    list.is_whole = list.is_whole || cut(work, waiting, &mut list.urns, units);
    let went = if list.is_whole { open(work, waiting, &mut list.opened, units) } else { Went::Paused };
    work.write(keys::pieces(id), &list);
    if list.is_whole && usize::try_from(list.opened) == Ok(list.urns.len()) {
        conclude(work, id);
        let turnout = read::turnout(work, id).expect("an election has a census");
        counting::start(work, id, &turnout);
    }
    went
}

// ---- Cutting ----

/// Takes ballots off the list of those to open, a whole piece at a time; whether none is left.
fn cut(work: &mut Work<'_>, waiting: &Waiting, urns: &mut Vec<[u8; 32]>, units: &mut u64) -> bool {
    let (id, cells) = (&waiting.id, waiting.gate.cells);
    let most = per_piece(cells.into());
    let cost = COUNT_BALLOT_UNITS + (u64::from(cells) + 1) * COUNT_POINT_UNITS;
    let groups = waiting.gate.parts.iter().map(|it| it.1).max().map_or(0, |last| last + 1);
    for group in 0..groups {
        let prefix = keys::to_open_of(id, group);
        let mut from = prefix.clone();
        loop {
            let (mut taken, mut ballots) = (Vec::new(), Vec::new());
            work.scan_from(Space::Index, &prefix, &from, &mut |key, value| {
                taken.push(key.to_vec());
                ballots.push(value.to_vec());
                if ballots.len() < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            });
            let Some(last) = taken.last() else { break };
            if *units == 0 {
                return false;
            }
            *units = units.saturating_sub(cost * ballots.len() as u64);
            from = [&last[..], &[0]].concat();
            let part = u32::try_from(urns.len()).expect("an election has at most PIECES_MAX pieces");
            let piece = Piece { group, ballots };
            urns.push(*piece.urn(id, part, cells).digest());
            work.write(keys::piece(id, part), &piece);
            taken.into_iter().for_each(|key| work.index_remove(key));
        }
    }
    true
}

// ---- Opening ----

/// Opens every piece that has its shares; a piece is opened in the step that verifies the last of them.
fn open(work: &mut Work<'_>, waiting: &Waiting, opened: &mut u32, units: &mut u64) -> Went {
    let (id, cells) = (&waiting.id, waiting.gate.cells);
    let marks = keys_while(work, &keys::all_unverified(id), |_| true);
    let mut parts: Vec<u32> = marks.iter().filter_map(|key| keys::parse_share(key)).map(|(part, _)| part).collect();
    parts.dedup();
    for part in parts {
        if *units == 0 {
            return Went::Paused;
        }
        let piece: Piece = work.read(&keys::piece(id, part)).expect("shares are taken for a piece that waits for them");
        let (urn, points) = (piece.urn(id, part, cells), piece.ballots.len() as u64 * (u64::from(cells) + 1));
        // One share a block at least, whatever the units: they are asked for before the piece itself is charged.
        let has_them = has_shares(work, waiting, &urn, units);
        *units = units.saturating_sub(points * COUNT_POINT_UNITS);
        match has_them {
            Some(true) => {}
            Some(false) => continue,
            None => return Went::Paused,
        }
        *units = units.saturating_sub(points * u64::from(waiting.keys.threshold()) * COUNT_OPENED_UNITS);
        match open_piece(work, waiting, &piece, &urn) {
            Ok(()) => *opened += 1,
            // Every ballot was proven to be a ranking before it was cast, and shares are verified: this cannot be.
            Err(refusal) => work.tell(Event::OpeningFailed { election: *id, code: refusal.code() }),
        }
        drop_unverified(work, id, part);
    }
    Went::Through
}

fn open_piece(work: &mut Work<'_>, waiting: &Waiting, piece: &Piece, urn: &Urn) -> Result<(), Rejection> {
    let Waiting { id, definition, compiled, keys, .. } = waiting;
    let shares = shares(work, waiting, urn);
    let rows = tally::open(urn, keys, &shares, compiled).map_err(refused)?;
    let answers = rows.iter().map(|row| opened_answers(definition, compiled, row)).collect::<Result<Vec<_>, _>>()?;
    let rules = definition.secrecy.sealed().expect("only a secret election has an urn");
    // The colleges of a group are opened together, and counted as one.
    let college = rules.groups[piece.group as usize][0];
    for (ciphertext, answers) in urn.ciphertexts().iter().zip(answers) {
        work.index(keys::opened_ballot(id, college, ciphertext.a().bytes()), encode(&OpenedBallot(answers)));
    }
    let cells = rows.concat().into_iter().map(Count).collect();
    let trustees = shares.iter().map(DecryptionShare::trustee).collect();
    let opened = OpenedPart { ballots: Count(urn.ballots()), cells, trustees };
    work.write(keys::opened(id, urn.part()), &opened);
    work.remove(keys::piece(id, urn.part()));
    Ok(())
}

// ---- Afterwards ----

/// Whether ballots wait to be opened one by one.
pub(crate) fn are_to_come(work: &Work<'_>, id: &ElectionId) -> bool {
    let mut is_any = false;
    work.scan(Space::Index, &keys::all_to_open(id), &mut |_, _| {
        is_any = true;
        ControlFlow::Break(())
    });
    is_any
}

/// Removes what an opening left behind, as far as `units` allow; whether nothing is left.
pub(crate) fn clean(work: &mut Work<'_>, id: &ElectionId, units: &mut u64) -> bool {
    let left = [
        (Space::Index, keys::opened_ballots(id)),
        (Space::Index, keys::all_to_open(id)),
        (Space::Map, keys::all_pieces(id)),
        (Space::Map, keys::all_unverified(id)),
    ];
    left.iter().all(|(space, prefix)| crate::runs::sweep(work, *space, prefix, units))
}
