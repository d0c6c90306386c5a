//! What a seed decides before the clock starts: how many colleges, which faults, who lies.
use crate::rng::Rng;
use urne_replica::Plant;

/// How a validator behaves towards others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// As the code says.
    Honest,
    /// Takes part in nothing.
    Silent,
    /// Signs two different messages and sends each to half of the others.
    Equivocating,
    /// Together with its like: one block to one half, another to the other, and precommits for both.
    SplittingVotes,
    /// Sends blocks with certificates that repeat its own signature.
    ForgingCertificates,
    /// Claims a height that nobody has, and never sends a block.
    Boasting,
    /// Dates its blocks far from the hour, under headers of other rounds and with quorums that nobody saw.
    Misdating,
    /// Signs more proposals than anyone can keep, for all of its turns, before the height begins.
    FloodingProposals,
}

/// Faults of the network and of the machines, while they last.
#[derive(Clone, Copy, Debug)]
pub struct Faults {
    /// Messages lost, per mille.
    pub loss: u64,
    /// Messages repeated, per mille.
    pub duplication: u64,
    /// Longest delay, in milliseconds; delays differ, so messages overtake each other.
    pub delay_ms: u64,
    /// Crashes, per mille of the ticks of each node.
    pub crash: u64,
    /// Crashes between two effects, per ten thousand effects.
    pub mid_effects: u64,
    /// Power cuts of all nodes at once, per mille of the ticks.
    pub power_cut: u64,
    /// Partitions, in one direction or in both, per mille of the ticks.
    pub partition: u64,
    /// Largest difference of a clock from the true one, in milliseconds.
    pub skew_ms: u64,
}
impl Faults {
    /// A quiet network.
    pub const NONE: Self = Self {
        loss: 0,
        duplication: 0,
        delay_ms: 20,
        crash: 0,
        mid_effects: 0,
        power_cut: 0,
        partition: 0,
        skew_ms: 0,
    };
    /// Whether every message arrives, once and soon, and every machine runs.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        [self.loss, self.crash, self.mid_effects, self.power_cut, self.partition] == [0; 5]
    }
}

/// One simulation.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Decides everything that is not said here.
    pub seed: u64,
    /// Blocks to reach.
    pub heights: u64,
    /// One per college.
    pub validators: Vec<Behaviour>,
    /// While they last.
    pub faults: Faults,
    /// A wrong rule in every honest replica, to show that a checker catches it.
    pub plant: Option<Plant>,
}

impl Scenario {
    /// What this seed is.
    #[must_use]
    pub fn of_seed(seed: u64, heights: u64) -> Self {
        let mut rng = Rng::new(seed ^ 0x5EED);
        let n = 4 + rng.index(4);
        let mut validators = vec![Behaviour::Honest; n];
        let liars = rng.index((n - 1) / 3 + 1);
        for validator in validators.iter_mut().take(liars) {
            *validator = match rng.below(7) {
                0 => Behaviour::Silent,
                1 => Behaviour::Equivocating,
                2 => Behaviour::SplittingVotes,
                3 => Behaviour::ForgingCertificates,
                4 => Behaviour::Boasting,
                5 => Behaviour::Misdating,
                _ => Behaviour::FloodingProposals,
            };
        }
        let mut draw = |likely: u64, most: u64| if rng.chance(likely) { rng.below(most + 1) } else { 0 };
        let faults = Faults {
            loss: draw(600, 100),
            duplication: draw(500, 100),
            delay_ms: 20 + draw(600, 300),
            crash: draw(600, 30),
            mid_effects: draw(600, 20),
            power_cut: draw(250, 6),
            partition: draw(500, 30),
            skew_ms: draw(500, 150),
        };
        Self { seed, heights, validators, faults, plant: None }
    }

    /// A hand-made one: so many honest validators after some liars.
    #[must_use]
    pub fn with(seed: u64, heights: u64, liars: &[Behaviour], honest: usize, faults: Faults) -> Self {
        let mut validators = liars.to_vec();
        validators.resize(liars.len() + honest, Behaviour::Honest);
        Self { seed, heights, validators, faults, plant: None }
    }

    /// The same with a wrong rule planted.
    #[must_use]
    pub fn planting(mut self, plant: Plant) -> Self {
        self.plant = Some(plant);
        self
    }
}
