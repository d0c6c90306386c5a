//! Kind `participatory_budget`: amounts are exact decimals, brought to the smallest unit in which all are whole.

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, ToPrimitive, Zero};

use urne_vote_contract::method::{
    BudgetBallot, BudgetVote, Completion, CountError, EqualShares, Funded, Greedy, Weighted,
};

use crate::{CountRefusal, Json, read};

/// Everything in the smallest unit in which all amounts are whole.
pub(crate) struct Money {
    /// A currency unit, as the file counts, is so many smallest units.
    pub(crate) scale: u64,
    pub(crate) budget: u64,
    pub(crate) costs: Vec<u64>,
}

/// What is asked, and what was answered.
pub(crate) struct Asked {
    pub(crate) ids: Vec<String>,
    pub(crate) money: Money,
    pub(crate) ballots: Vec<Weighted<BudgetBallot>>,
}

pub(crate) fn count(input: &Json) -> Result<Json, CountRefusal> {
    let Asked { ids, money, ballots } = asked(input)?;
    let budget = money.amount(BigRational::from(BigInt::from(money.budget)));
    let vote = BudgetVote::new(money.budget, money.costs.clone(), ballots)?;
    let shown = |rule: &str, funded: &Funded, share: Option<BigRational>| {
        let label = |it: usize| Json::text(&ids[it]);
        let mut shown = vec![
            ("rule", Json::text(rule)),
            ("budget", Json::shown(&budget)),
            ("voters", Json::number(vote.voters())),
            ("winners", Json::list(funded.winners().into_iter().map(label))),
            ("selection_order", Json::list(funded.selection.iter().map(|&it| label(it)))),
            ("cost", Json::shown(money.amount(BigRational::from(BigInt::from(funded.cost))))),
        ];
        if let Some(share) = share.map(|it| money.amount(it)) {
            shown.push(("final_share_floor", Json::number(share.floor())));
            shown.push(("final_share", Json::shown(share)));
        }
        (rule.to_owned(), Json::object(shown))
    };
    let increment = money.scale;
    // A rule that takes too long says so; the others do not depend on it.
    let by_shares = |rule: &str, counted: Result<EqualShares, CountError>, is_raised: bool| match counted {
        Ok(counted) => shown(rule, &counted.funded, counted.share.filter(|_| is_raised)),
        Err(e) => {
            let error =
                [("code", Json::number(e.code())), ("name", Json::text(e.name())), ("message", Json::shown(&e))];
            (rule.to_owned(), Json::object([("rule", Json::text(rule)), ("error", Json::object(error))]))
        }
    };
    let plain = vote.equal_shares(Completion::None);
    let add = vote.equal_shares(Completion::Add { increment });
    let add_then_greedy = add.clone().map(|it| vote.then_greedy(it));
    let results = [
        shown("greedy", &vote.greedy(Greedy::Skip), None),
        shown("greedy-no-skip", &vote.greedy(Greedy::Stop), None),
        by_shares("mes", plain, false),
        by_shares("mes-add1", add, true),
        by_shares("mes-add1u", add_then_greedy, true),
    ];
    let votes = ids.iter().cloned().zip(vote.votes().iter().map(Json::number));
    Ok(Json::object([("votes", Json::object(votes)), ("results", Json::object(results))]))
}

impl Money {
    pub(crate) fn amount(&self, units: BigRational) -> BigRational {
        units / BigInt::from(self.scale)
    }
}

pub(crate) fn asked(input: &Json) -> Result<Asked, CountRefusal> {
    let (ids, costs) = projects(input)?;
    let budget = read::fraction(read::field(input, "budget", None)?, "budget", None)?;
    let scale = costs.iter().chain([&budget]).fold(BigInt::one(), |scale, it| scale.lcm(it.denom()));
    let units = |amount: &BigRational, key: &str, line| {
        (amount * &scale).to_integer().to_u64().ok_or_else(|| read::wrong(key, line, "an amount that fits in 64 bits"))
    };
    let costs = costs.iter().enumerate().map(|(index, cost)| units(cost, "projects", Some(index + 1)));
    if budget.is_zero() {
        return Err(read::wrong("budget", None, "an amount above 0"));
    }
    let money = Money {
        costs: costs.collect::<Result<_, _>>()?,
        budget: units(&budget, "budget", None)?,
        scale: units(&BigRational::one(), "projects", None)?,
    };
    let mut together: u64 = 0;
    for (cost, line) in money.costs.iter().zip(1..) {
        let sum = together.checked_add(*cost);
        together = sum.ok_or_else(|| read::wrong("projects", Some(line), "costs that add up to less than 2^64"))?;
    }
    Ok(Asked { ids, money, ballots: ballots(input)? })
}

fn projects(input: &Json) -> Result<(Vec<String>, Vec<BigRational>), CountRefusal> {
    let mut ids = Vec::new();
    let mut costs = Vec::new();
    for (index, project) in read::list(input, "projects")?.iter().enumerate() {
        let line = Some(index + 1);
        ids.push(match read::field(project, "id", line)? {
            Json::Text(id) => id.clone(),
            Json::Number(id) => id.clone(),
            _ => return Err(read::wrong("projects", line, "an id")),
        });
        costs.push(read::fraction(read::field(project, "cost", line)?, "projects", line)?);
    }
    read::distinct(&ids, "projects")?;
    Ok((ids, costs))
}

/// `[n, [project, …]]` (approval), `[n, [[project, points], …]]`, `[n, {project: points}]` or `[n, [project, …], [points, …]]`.
fn ballots(input: &Json) -> Result<Vec<Weighted<BudgetBallot>>, CountRefusal> {
    read::ballots(input, |line, rest| {
        let refusal = || read::wrong("ballots", Some(line), "projects, or projects with their points");
        let points_of = |value: &Json| value.as_u64().ok_or_else(refusal);
        let project_of = |value: &Json| read::index(value, "ballots", Some(line));
        let points: Result<Vec<(usize, u64)>, CountRefusal> = match rest {
            [Json::List(projects)] => projects
                .iter()
                .map(|entry| match entry.as_list() {
                    None => Ok((project_of(entry)?, 1)),
                    Some([project, points]) => Ok((project_of(project)?, points_of(points)?)),
                    Some(_) => Err(refusal()),
                })
                .collect(),
            [Json::Object(points)] => points
                .iter()
                .map(|(project, points)| Ok((project.parse().map_err(|_| refusal())?, points_of(points)?)))
                .collect(),
            [Json::List(projects), Json::List(points)] if projects.len() == points.len() => projects
                .iter()
                .zip(points)
                .map(|(project, points)| Ok((project_of(project)?, points_of(points)?)))
                .collect(),
            _ => Err(refusal()),
        };
        Ok(BudgetBallot { points: points? })
    })
}
