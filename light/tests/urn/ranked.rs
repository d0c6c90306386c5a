//! Rankings under credentials that registrars signed blind, opened one by one, held and counted. Beside `credentials_chain` and
//! `sealed_chain`.
#![allow(dead_code, unreachable_pub)]
use crate::{
    credentials_chain::{REGISTRATION, ask, cast_answers, issue_on, registration, sent},
    sealed_chain,
    urn::{Held, chain::World, lies::Made},
};
use urne_ballot::Answer;
use urne_types::{
    bounded::{List, Text},
    election::{Method, Question},
    method::{LotRule, RunoffStop},
};

/// What trustees open.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Opened {
    /// The last ballot of every voter.
    AllBallots,
    /// All but the one of member 3, of college 2: what trustees could be asked for to learn it by comparison.
    AllButOne,
    /// Member 1's first ballot, which a second one replaced.
    AReplacedOne,
}

/// Five questions of 16 ranks together: 16 ballots make a piece.
fn questions() -> Vec<Question> {
    use LotRule::{LaterBlock, ListOrder};
    let names = ["Orsay", "Bures", "Gif", "Saclay"];
    let question = |title: &str, choices: usize, method| {
        let choices = names[..choices].iter().map(|it| Text::new(*it).expect("short")).collect();
        Question { title: Text::new(title).expect("short"), choices: List::new(choices).expect("few"), method }
    };
    vec![
        question("La présidence", 3, Method::InstantRunoff { stop: RunoffStop::LastTwo, lot: LaterBlock }),
        question("Le trésor", 3, Method::InstantRunoff { stop: RunoffStop::Majority, lot: LaterBlock }),
        question("Le bureau", 4, Method::ScottishStv { seats: 2, lot: LaterBlock }),
        question("Les suppléances", 3, Method::ScottishStv { seats: 2, lot: ListOrder }),
        question("La salle", 3, Method::InstantRunoff { stop: RunoffStop::Majority, lot: ListOrder }),
    ]
}

/// What somebody ranks: every order of three comes, some end early, some are blank.
pub fn says(what: usize) -> Vec<Vec<u16>> {
    let order = |what: usize, choices: usize| {
        let mut left: Vec<u16> = (0..).take(choices).collect();
        let mut order = Vec::new();
        let mut rest = what;
        while !left.is_empty() {
            order.push(left.remove(rest % left.len()));
            rest /= 2;
        }
        order.truncate(what % 7);
        order
    };
    vec![order(what * 5, 3), order(what + 3, 3), order(what * 4 + 3, 4), order(what * 2 + 1, 3), order(what * 7 + 2, 3)]
}

/// Forty members, twenty in each college; nineteen and four register, eighteen and two vote, of whom two vote twice: pieces of
/// sixteen and two ballots of college 1, and of two of college 2.
pub fn held(opened: Opened) -> Made {
    let mut world = World::new();
    let election = issue_on(&mut world, 40, &[&[1], &[2]], questions());
    let first = world.height().next();
    let of_college_1: Vec<usize> = (0..19).map(|it| 2 * it).collect();
    ask(&mut world, election, &of_college_1);
    ask(&mut world, election, &[1, 3, 5, 7]);
    world.now = REGISTRATION;
    for members in [&of_college_1[..], &[1, 3, 5, 7]] {
        let registered = sent(&world, "somebody", registration(&world, election, members));
        world.block(&[registered]);
    }
    world.now = sealed_chain::OPENS_AT;
    world.block(&[]);
    let cast = |world: &World<_>, member, sequence, what| {
        let told = |order: Vec<u16>| if order.is_empty() { Answer::Blank } else { Answer::Ranked(order) };
        let answers = says(what).into_iter().map(told).collect();
        cast_answers(world, member, election, sequence, answers)
    };
    let some: Vec<_> = of_college_1[..18].iter().map(|member| cast(&world, *member, 1, *member)).collect();
    world.block(&some);
    let first_word = cast(&world, 1, 1, 1);
    world.block(&[first_word, cast(&world, 6, 2, 41)]);
    let last_words: Vec<_> = match opened {
        Opened::AllBallots => vec![cast(&world, 1, 2, 17), cast(&world, 3, 1, 3)],
        Opened::AllButOne => vec![cast(&world, 1, 2, 17)],
        Opened::AReplacedOne => vec![cast(&world, 3, 1, 3)],
    };
    world.block(&last_words);
    let last = world.height();
    sealed_chain::count(&mut world, &election);
    Made::of(world, election, first, last, Held::records_by_piece)
}
