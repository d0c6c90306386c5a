//! The keys of those who qualified are worked out dealer by dealer and holder by holder, as many in a block as its units of
//! counting allow, and one at least: the largest ceremony that a definition may ask for never holds up a round.
use super::{board::Board, rules::TRUSTEES};
use urne_ballot::{
    Refusal,
    ceremony::{Qualifying, ThresholdRule},
    threshold::ThresholdGroup,
};
use urne_types::limits::{COUNT_G2_POINT_UNITS, COUNT_G2_TERM_UNITS, COUNT_POINT_UNITS, COUNT_TERM_UNITS};

/// What decoding a point, and a step of Horner's rule, cost in a scope's group.
const fn costs(scope: u32) -> (u64, u64) {
    if scope == TRUSTEES { (COUNT_POINT_UNITS, COUNT_TERM_UNITS) } else { (COUNT_G2_POINT_UNITS, COUNT_G2_TERM_UNITS) }
}

/// Goes on as far as `units` allow.
pub(super) fn go_on<G: ThresholdGroup + ThresholdRule>(
    board: &Board<'_>,
    mut qualifying: Qualifying<G>,
    units: &mut u64,
) -> Result<Qualifying<G>, Refusal> {
    let ceremony = board.ceremony::<G>()?;
    let (point, term) = costs(board.invitation.scope);
    let terms = qualifying.terms() as u64;
    // It was decoded, and will be encoded again.
    *units = units.saturating_sub(2 * qualifying.points() as u64 * point);
    loop {
        if let Some(dealer) = qualifying.next_dealer() {
            qualifying.add(&board.commitments_of(&ceremony, dealer)?)?;
            *units = units.saturating_sub(terms * point);
        } else if qualifying.next_holder().is_some() {
            qualifying.evaluate();
            *units = units.saturating_sub(terms * term);
        }
        if *units == 0 || qualifying.is_whole() {
            return Ok(qualifying);
        }
    }
}
