//! Kinds `ranked_single` and `irv_to_last_two`.

use num_bigint::BigInt;
use num_rational::BigRational;

use urne_vote_contract::method::{
    FirstRanks, Irv, IrvRound, IrvRules, IrvStop, Lot, OnFlaw, PairwiseTally, Reading, Unranked, instant_runoff,
};

use crate::read::Names;
use crate::{CountRefusal, Json, read};

/// How the runoff of `ranked_single` reads a paper.
pub(crate) const CUT_AT_A_TIE: Reading =
    Reading { shared_rank: OnFlaw::Cut, skipped_rank: OnFlaw::Skip, repeated: OnFlaw::Refuse };
/// How `irv_to_last_two` does.
pub(crate) const SKIP_REPEATED: Reading =
    Reading { shared_rank: OnFlaw::Cut, skipped_rank: OnFlaw::Skip, repeated: OnFlaw::Skip };

pub(crate) fn count(input: &Json) -> Result<Json, CountRefusal> {
    let names = read::candidates(input)?;
    let ballots = read::ranked_ballots(input)?;
    let tie_break = read::tie_break(input)?;
    let duels = PairwiseTally::of(names.len(), Unranked::BelowRanked, &ballots)?;
    let schulze = duels.schulze();
    let pairs = duels.ranked_pairs(tie_break);
    let irv =
        instant_runoff(names.len(), &ballots, IrvRules { reading: CUT_AT_A_TIE, stop: IrvStop::Majority, tie_break })?;
    let first = FirstRanks::of(names.len(), &ballots)?;
    Ok(Json::object([
        ("ballots", Json::number(duels.ballots)),
        ("pairwise", Json::list(duels.wins.iter().map(Json::numbers))),
        ("condorcet_winner", duels.condorcet_winner().map_or(Json::Null, |it| names.label(it))),
        ("schulze_winners", names.labels(&schulze.winners)),
        ("schulze_paths", Json::list(schulze.paths.iter().map(Json::numbers))),
        ("ranked_pairs_winners", names.labels(&pairs.winners)),
        ("ranked_pairs_ambiguous", Json::Bool(pairs.ambiguous)),
        ("irv", runoff(&irv, &names)),
        ("plurality", plurality(&first, &names)),
        ("borda", borda(&duels, &names)),
    ]))
}

pub(crate) fn count_to_last_two(input: &Json) -> Result<Json, CountRefusal> {
    let names = read::candidates(input)?;
    let ballots = read::ranked_ballots(input)?;
    let rules = IrvRules { reading: SKIP_REPEATED, stop: IrvStop::LastTwo, tie_break: read::tie_break(input)? };
    let irv = instant_runoff(names.len(), &ballots, rules)?;
    let ballots: u64 = ballots.iter().map(|it| it.multiplicity).sum(); // the count has checked that it fits
    let last = irv.rounds.last().map(|round| &round.tally[..]).unwrap_or_default();
    let last = last.iter().enumerate().filter_map(|(it, votes)| Some((names.key(it), Json::number((*votes)?))));
    // Nobody when no ballot expresses a choice, as on the ledger: even a candidate alone is elected by somebody.
    let is_chosen = irv.rounds.iter().any(|round| round.tally.iter().flatten().any(|votes| *votes > 0));
    let winner = match irv.winners[..] {
        [winner] if is_chosen => names.label(winner),
        _ => Json::Null,
    };
    Ok(Json::object([
        ("ballots", Json::number(ballots)),
        ("winner", winner),
        ("final", Json::object(last)),
        ("irv", runoff(&irv, &names)),
    ]))
}

fn runoff(irv: &Irv, names: &Names) -> Json {
    let round = |round: &IrvRound| {
        let tally = round.tally.iter().enumerate();
        let tally = tally.filter_map(|(it, votes)| Some((it.to_string(), Json::number((*votes)?))));
        let mut shown = vec![("tally", Json::object(tally)), ("exhausted", Json::number(round.exhausted))];
        shown.extend(round.eliminated.map(|it| ("eliminated", Json::number(it))));
        Json::object(shown)
    };
    let lot = |lot: &Lot| {
        Json::object([
            ("round", Json::number(lot.stage)),
            ("tied", Json::numbers(&lot.tied)),
            ("eliminated", Json::number(lot.chosen)),
        ])
    };
    Json::object([
        ("rounds", Json::list(irv.rounds.iter().map(round))),
        ("winners", names.labels(&irv.winners)),
        ("lots", Json::list(irv.lots.iter().map(lot))),
    ])
}

fn plurality(first: &FirstRanks, names: &Names) -> Json {
    let most = first.votes.iter().max();
    let winners: Vec<usize> = (0..names.len()).filter(|&it| Some(&first.votes[it]) == most).collect();
    Json::object([
        ("tally", Json::numbers(&first.votes)),
        ("blank", Json::number(first.blank)),
        ("first_rank_tied", Json::number(first.first_rank_tied)),
        ("winners", names.labels(&winners)),
    ])
}

fn borda(duels: &PairwiseTally, names: &Names) -> Json {
    let borda = duels.borda();
    let score = |&half: &u128| Json::shown(BigRational::new(BigInt::from(half), BigInt::from(2)));
    Json::object([
        ("scores", Json::list(borda.half_points.iter().map(score))),
        ("winners", names.labels(&borda.ranking.winners())),
    ])
}
