//! A referendum under credentials that registrars signed blind, held and counted. Beside `credentials_chain` and `sealed_chain`.
#![allow(dead_code, unreachable_pub)]
use crate::{
    credentials_chain::{REGISTRATION, ask, cast, issue, registration, sent},
    sealed_chain,
    urn::{Held, chain::World, lies::Made},
};

/// Its blocks, as an archive has them.
pub const APPROVALS: usize = 0;
pub const REGISTRATIONS: usize = 2;
/// Of member 8, alone, after the opening.
pub const LATE: usize = 4;
pub const LAST: usize = 6;

/// Twelve members, six in each college; five and three asked; four and three registered in time, one late; six voted, one twice.
pub fn held() -> Made {
    let mut world = World::new();
    let election = issue(&mut world, 12);
    let first = world.height().next();
    ask(&mut world, election, &[0, 2, 4, 6, 8]);
    ask(&mut world, election, &[1, 3, 5]);
    world.now = REGISTRATION;
    for members in [&[0, 2, 4, 6][..], &[1, 3, 5]] {
        let registered = sent(&world, "somebody", registration(&world, election, members));
        world.block(&[registered]);
    }
    world.now = sealed_chain::OPENS_AT;
    world.block(&[]);
    let late = sent(&world, "somebody", registration(&world, election, &[8]));
    world.block(&[late]);
    let some: Vec<_> =
        [0, 2, 4, 1, 3].into_iter().map(|it| cast(&world, it, election, 1, u16::from(it % 2 == 1))).collect();
    world.block(&some);
    let more = [cast(&world, 8, election, 1, 0), cast(&world, 0, election, 2, 1)];
    world.block(&more);
    let last = world.height();
    sealed_chain::count(&mut world, &election);
    Made::of(world, election, first, last, Held::records)
}
