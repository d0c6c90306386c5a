//! Whole networks of replicas under a seed: a virtual clock, a network that loses, repeats, reorders and delays, crashes
//! between any two effects, validators that lie, and checkers that look at every step. The replicas are the ones that
//! ship; only the driver is simulated. Same seed, same digest.
//!
//! `urne-sim --seeds 1..2000 --heights 50` runs many; `urne-sim --seeds 17..17` replays one.
mod adversary;
mod checks;
mod disk;
mod driver;
mod network;
mod rng;
mod scenario;
mod voters;
mod world;

pub use checks::Violation;
pub use scenario::{Behaviour, Faults, Scenario};
pub use urne_replica::Plant;
pub use world::{Report, run};
