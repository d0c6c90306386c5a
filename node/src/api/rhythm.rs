//! When collected credentials leave: at instants that the election's calendar gives, the same on every node, and never because
//! one of them came. Whoever sees a block, or brings the last one that a group takes, learns nothing of when the others came.
use urne_types::UnixMs;

/// Instants between the beginning of the registration and the opening, if they are not closer than a second, nor farther apart
/// than ten minutes: a registration of days has one every ten minutes, a rehearsal of a minute one a second.
const INSTANTS: u64 = 64;
const PERIOD_MS_MIN: u64 = 1_000;
const PERIOD_MS_MAX: u64 = 10 * 60 * 1_000;
/// From the opening on whoever is late wants to vote, and is registered with whoever came in the same minute.
const LATE_PERIOD_MS_MAX: u64 = 60 * 1_000;

/// The instants of one election.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rhythm {
    pub(crate) registration_at: UnixMs,
    pub(crate) opens_at: UnixMs,
}

impl Rhythm {
    /// The last instant that is not after `now`: what came before it may leave.
    pub(crate) fn last(&self, now: UnixMs) -> UnixMs {
        let (from, period) = self.beat(now);
        from.plus(now.since(from) / period * period)
    }
    /// The first instant after `now`.
    pub(crate) fn next(&self, now: UnixMs) -> UnixMs {
        let next = self.last(now).plus(self.beat(now).1);
        if now < self.opens_at { next.min(self.opens_at) } else { next }
    }
    /// From where instants are counted, and how far apart they are.
    fn beat(&self, now: UnixMs) -> (UnixMs, u64) {
        let period = (self.opens_at.since(self.registration_at) / INSTANTS).clamp(PERIOD_MS_MIN, PERIOD_MS_MAX);
        if now < self.opens_at {
            (self.registration_at, period)
        } else {
            (self.opens_at, period.min(LATE_PERIOD_MS_MAX))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60_000;
    fn instants(registration: u64, opens: u64, nows: &[u64]) -> Vec<(u64, u64)> {
        let of = Rhythm { registration_at: UnixMs::new(registration), opens_at: UnixMs::new(opens) };
        nows.iter().map(|it| (of.last(UnixMs::new(*it)).get(), of.next(UnixMs::new(*it)).get())).collect()
    }

    #[test]
    fn instants_divide_the_registration_evenly_and_the_opening_is_one() {
        let found = instants(0, 64 * MINUTE, &[0, 1, MINUTE - 1, MINUTE, 64 * MINUTE - 1, 64 * MINUTE, 65 * MINUTE]);
        let minutes = |last: u64, next: u64| (last * MINUTE, next * MINUTE);
        let expected = [(0, 1), (0, 1), (0, 1), (1, 2), (63, 64), (64, 65), (65, 66)].map(|it| minutes(it.0, it.1));
        assert_eq!(found, expected);
    }

    #[test]
    fn a_registration_of_days_has_one_every_ten_minutes_and_a_late_one_waits_a_minute() {
        let days = 3 * 24 * 60 * MINUTE + 7 * MINUTE;
        assert_eq!(instants(0, days, &[9 * MINUTE, 25 * MINUTE]), [(0, 600_000), (1_200_000, 1_800_000)]);
        assert_eq!(instants(0, days, &[days - 1]), [(days - 7 * MINUTE, days)], "the opening comes first");
        assert_eq!(instants(0, days, &[days + 61_000]), [(days + MINUTE, days + 2 * MINUTE)]);
    }

    #[test]
    fn a_rehearsal_has_one_a_second_and_an_opening_before_the_registration_ends_nothing() {
        assert_eq!(instants(0, 2_000, &[999, 1_000, 3_500]), [(0, 1_000), (1_000, 2_000), (3_000, 4_000)]);
        assert_eq!(instants(5_000, 5_000, &[5_000, 6_999]), [(5_000, 6_000), (6_000, 7_000)]);
    }
}
