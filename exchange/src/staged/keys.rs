//! From the ledger's count, as its API shows it, to the keys of the kind. Only keys that a question answers are here, each with
//! its place in the answer of `urne count`. Where nobody expressed a choice, `urne count` says of some kinds that all are equal and
//! the ledger that nobody is elected (docs/counting.md): there, who wins is left out when the ledger elects nobody, and only then.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_rational::BigRational;

use super::refused;
use crate::counted::{Counted, Exact, Lot, Round, Stage, Tie};
use crate::read::Names;
use crate::{CountRefusal, Json, budget, read};

type Keys = Vec<(String, Json)>;

pub(super) fn of(kind: &str, input: &Json, questions: &[Counted]) -> Result<Keys, CountRefusal> {
    let questions: Vec<&Counted> = questions.iter().map(global).collect();
    if questions.iter().any(|it| matches!(it, Counted::Undecided { .. })) {
        return Err(refused("the ledger could not finish its count: the ballots are public, count them again"));
    }
    let names = || read::candidates(input);
    match (kind, &questions[..]) {
        ("approval", [Counted::Approval { tally, winners, blank, ballots, order }]) => {
            let names = names()?;
            let mut keys = keys([
                ("tally", by_name(tally, exact)),
                ("blank", exact(blank)),
                ("ballots", exact(ballots)),
                ("order", labels(&names, order)?),
            ]);
            if blank != ballots || !winners.is_empty() {
                keys.push(("winners".to_owned(), labels(&names, winners)?));
            }
            Ok(keys)
        }
        (
            "majority_judgment",
            [Counted::MajorityJudgment { winner, ranks, profiles_worst_to_best, median, voters, no_opinion, blank }],
        ) => {
            let names = names()?;
            let mut keys = keys([
                ("ranks", by_name(ranks, |it| Json::number(it))),
                ("profiles_worst_to_best", by_name(profiles_worst_to_best, |it| Json::list(it.iter().map(exact)))),
                ("median", by_name(median, |it| it.as_ref().map_or(Json::Null, Json::text))),
                ("voters", exact(voters)),
                ("no_opinion", by_name(no_opinion, exact)),
            ]);
            if blank != voters || !winner.is_empty() {
                keys.push(("winner".to_owned(), labels(&names, winner)?));
            }
            Ok(keys)
        }
        ("majority_judgment_tally", [Counted::MajorityJudgment { ranks, median, .. }]) => {
            let in_order = || (0..ranks.len()).map(|it| it.to_string());
            let rank = |it: String| ranks.get(&it).map(Json::number).ok_or_else(misfit);
            let median = |it: String| match median.get(&it).ok_or_else(misfit)? {
                // A grade is called by its number; what follows it says where the others are.
                Some(it) => it.trim_end_matches(['+', '-']).parse::<u64>().map(Json::number).map_err(|_| misfit()),
                None => Ok(Json::Null),
            };
            Ok(keys([
                ("ranks", Json::List(in_order().map(rank).collect::<Result<_, _>>()?)),
                ("medians", Json::List(in_order().map(median).collect::<Result<_, _>>()?)),
            ]))
        }
        (
            "majority_judgment_colleges",
            [Counted::WeightedJudgment { winner, ranks, profiles_worst_to_best, median }],
        ) => {
            let names = names()?;
            let mut keys = keys([
                ("ranks", by_name(ranks, |it| Json::number(it))),
                ("reduced_profiles", by_name(profiles_worst_to_best, |it| Json::list(it.iter().map(exact)))),
            ]);
            if median.values().any(Option::is_some) || !winner.is_empty() {
                keys.push(("winner".to_owned(), labels(&names, winner)?));
            }
            Ok(keys)
        }
        ("ranked_single", [schulze, pairs, irv]) => ranked_single(&names()?, schulze, pairs, irv),
        ("irv_to_last_two", [irv @ Counted::InstantRunoff { rounds, winners, ballots, .. }]) => {
            let names = names()?;
            let last = rounds.last().map(|it| by_name(&it.tally, exact));
            let winner = winners.first().map(|it| label(&names, it)).transpose()?;
            Ok(keys([
                ("ballots", exact(ballots)),
                ("final", last.unwrap_or_else(|| Json::object::<String>([]))),
                ("irv/rounds", runoff_rounds(&names, irv)?),
                ("irv/lots", runoff_lots(&names, irv)?),
                ("winner", winner.unwrap_or(Json::Null)),
            ]))
        }
        ("stv_scottish", [Counted::ScottishStv { quota, elected, stages, ties, valid, blank }]) => {
            let names = names()?;
            Ok(keys([
                ("quota", exact(quota)),
                ("stages", all(stages, |it| stage(&names, it))?),
                ("ties", all(ties, |it| tie(&names, it, &it.tied, None))?),
                ("lots", drawn(&names, ties)?),
                ("valid", exact(valid)),
                ("blank", exact(blank)),
                ("elected", labels(&names, elected)?),
            ]))
        }
        ("participatory_budget", questions) => projects(input, questions),
        (
            "college_resolution",
            [
                Counted::CollegeResolution {
                    tally,
                    adopted,
                    quorum_met,
                    ratio,
                    pour_weight,
                    contre_weight,
                    silent_weight,
                    ..
                },
            ],
        ) => Ok(keys([
            ("adopted", Json::Bool(*adopted)),
            ("quorum_met", Json::Bool(*quorum_met)),
            ("ratio", fraction_or_null(ratio)?),
            ("pour_weight", fraction_or_null(pour_weight)?),
            ("contre_weight", fraction_or_null(contre_weight)?),
            ("silent_weight", fraction_or_null(silent_weight)?),
            ("one_person_one_vote", by_name(tally, exact)),
        ])),
        _ => Err(misfit()),
    }
}

fn ranked_single(names: &Names, schulze: &Counted, pairs: &Counted, irv: &Counted) -> Result<Keys, CountRefusal> {
    let Counted::Condorcet { pairwise, condorcet_winner, winners, ballots, blank, .. } = schulze else {
        return Err(misfit());
    };
    let Counted::Condorcet { winners: by_pairs, lots, .. } = pairs else { return Err(misfit()) };
    let Counted::InstantRunoff { winners: by_runoff, blank: unread, ballots: papers, .. } = irv else {
        return Err(misfit());
    };
    let condorcet = condorcet_winner.as_ref().map(|it| label(names, it)).transpose()?;
    let mut keys = keys([
        ("ballots", exact(ballots)),
        ("pairwise", Json::list(pairwise.iter().map(|row| Json::list(row.iter().map(exact))))),
        ("condorcet_winner", condorcet.unwrap_or(Json::Null)),
        ("ranked_pairs_ambiguous", Json::Bool(!lots.is_empty())),
        ("irv/rounds", runoff_rounds(names, irv)?),
        ("irv/lots", runoff_lots(names, irv)?),
    ]);
    if blank != ballots || !winners.is_empty() || !by_pairs.is_empty() {
        keys.push(("schulze_winners".to_owned(), labels(names, winners)?));
        keys.push(("ranked_pairs_winners".to_owned(), labels(names, by_pairs)?));
    }
    if unread != papers || !by_runoff.is_empty() {
        keys.push(("irv/winners".to_owned(), labels(names, by_runoff)?));
    }
    Ok(keys)
}

fn projects(input: &Json, questions: &[&Counted]) -> Result<Keys, CountRefusal> {
    const RULES: [&str; 5] = ["greedy", "greedy-no-skip", "mes", "mes-add1", "mes-add1u"];
    let money = budget::asked(input)?.money;
    if questions.len() != RULES.len() {
        return Err(misfit());
    }
    let mut keys = Keys::new();
    for (rule, counted) in RULES.into_iter().zip(questions) {
        let Counted::ParticipatoryBudget { votes, winners, selection_order, cost, .. } = counted else {
            return Err(misfit());
        };
        let cost: BigInt = cost.to_string().parse().map_err(|_| misfit())?;
        let texts = |it: &[String]| Json::list(it.iter().map(Json::text));
        keys.push(("votes".to_owned(), by_name(votes, exact)));
        keys.push((format!("results/{rule}/winners"), texts(winners)));
        keys.push((format!("results/{rule}/selection_order"), texts(selection_order)));
        keys.push((format!("results/{rule}/cost"), Json::shown(money.amount(BigRational::from(cost)))));
    }
    Ok(keys)
}

// ---- Pieces ----

/// For all, where colleges are shown beside it.
fn global(it: &Counted) -> &Counted {
    match it {
        Counted::ByCollege { global, .. } => global,
        it => it,
    }
}

fn misfit() -> CountRefusal {
    refused("its result is not the result of what was asked")
}

fn keys<const N: usize>(of: [(&str, Json); N]) -> Keys {
    of.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

fn exact(it: &Exact) -> Json {
    Json::number(it)
}

fn by_name<T>(of: &BTreeMap<String, T>, show: impl Fn(&T) -> Json) -> Json {
    Json::object(of.iter().map(|(name, it)| (name.clone(), show(it))))
}

fn all<T>(of: &[T], show: impl Fn(&T) -> Result<Json, CountRefusal>) -> Result<Json, CountRefusal> {
    Ok(Json::List(of.iter().map(show).collect::<Result<_, _>>()?))
}

fn place(names: &Names, name: &str) -> Result<usize, CountRefusal> {
    names.place(name).ok_or_else(misfit)
}

fn places(names: &Names, of: &[String]) -> Result<Json, CountRefusal> {
    all(of, |it| Ok(Json::number(place(names, it)?)))
}

fn label(names: &Names, name: &str) -> Result<Json, CountRefusal> {
    Ok(names.label(place(names, name)?))
}

fn labels(names: &Names, of: &[String]) -> Result<Json, CountRefusal> {
    all(of, |it| label(names, it))
}

/// `1` where the ledger writes `1/1`.
fn fraction_or_null(written: &Option<String>) -> Result<Json, CountRefusal> {
    written.as_ref().map_or(Ok(Json::Null), |it| fraction(it))
}
fn fraction(written: &str) -> Result<Json, CountRefusal> {
    let (above, below) = written.split_once('/').ok_or_else(misfit)?;
    let whole = |it: &str| it.parse::<BigInt>().map_err(|_| misfit());
    let below = whole(below)?;
    if below == BigInt::from(0) {
        return Err(misfit());
    }
    Ok(Json::shown(BigRational::new(whole(above)?, below)))
}

fn runoff_rounds(names: &Names, irv: &Counted) -> Result<Json, CountRefusal> {
    let Counted::InstantRunoff { rounds, .. } = irv else { return Err(misfit()) };
    all(rounds, |Round { tally, exhausted, eliminated }| {
        let tally = tally.iter().map(|(name, votes)| Ok((place(names, name)?.to_string(), exact(votes))));
        let tally = Json::object(tally.collect::<Result<Vec<_>, CountRefusal>>()?);
        let mut shown = vec![("tally", tally), ("exhausted", exact(exhausted))];
        if let Some(eliminated) = eliminated {
            shown.push(("eliminated", Json::number(place(names, eliminated)?)));
        }
        Ok(Json::object(shown))
    })
}

fn runoff_lots(names: &Names, irv: &Counted) -> Result<Json, CountRefusal> {
    let Counted::InstantRunoff { lots, .. } = irv else { return Err(misfit()) };
    all(lots, |Lot { stage, tied, chosen }| {
        Ok(Json::object([
            ("round", Json::number(stage)),
            ("tied", places(names, tied)?),
            ("eliminated", Json::number(place(names, chosen)?)),
        ]))
    })
}

fn stage(names: &Names, it: &Stage) -> Result<Json, CountRefusal> {
    let target = it.target.as_ref().map(|it| place(names, it)).transpose()?;
    let votes = names.all().iter().map(|name| it.votes.get(name).map(Json::text).ok_or_else(misfit));
    Ok(Json::object([
        ("action", Json::text(&it.action)),
        ("target", target.map_or(Json::Null, Json::number)),
        ("votes", Json::List(votes.collect::<Result<_, _>>()?)),
        ("non_transferable", Json::text(&it.non_transferable)),
        ("elected_now", places(names, &it.elected_now)?),
    ]))
}

fn drawn(names: &Names, ties: &[Tie]) -> Result<Json, CountRefusal> {
    let lots = ties.iter().filter_map(|it| Some((it, it.lot.as_ref()?)));
    let lots = lots.map(|(of, lot)| tie(names, of, &lot.tied, Some(&lot.chosen)));
    Ok(Json::List(lots.collect::<Result<_, _>>()?))
}

fn tie(names: &Names, it: &Tie, tied: &[String], chosen: Option<&String>) -> Result<Json, CountRefusal> {
    let why = if it.why == "surplus" { "surplus" } else { "exclusion" };
    let mut shown = vec![("stage", Json::number(it.stage)), ("why", Json::text(why)), ("tied", places(names, tied)?)];
    if let Some(chosen) = chosen {
        shown.push(("chosen", Json::number(place(names, chosen)?)));
    }
    Ok(Json::object(shown))
}
