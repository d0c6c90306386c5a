//! How fast one address may ask: a token bucket each, kept as a single instant (the generic cell rate algorithm, ITU-T
//! I.371), in bounded memory. An address is never written anywhere.
use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Addresses whose rate is remembered: 16,384 x about 60 bytes = 1 MB.
const ADDRESSES_MAX: usize = 16_384;

/// Told how long to wait, rounded up to a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooFast {
    /// In seconds.
    pub retry_after_s: u64,
}

/// The buckets of one kind of request.
#[derive(Debug)]
pub struct Rates {
    nanos_each: u64,
    nanos_burst: u64,
    started: Instant,
    /// For each address, the instant at which its bucket is full again, in nanoseconds since the start.
    full_at: Mutex<BTreeMap<IpAddr, u64>>,
}

impl Rates {
    /// So many tokens a second, and so many at once after a rest.
    #[must_use]
    pub fn new(per_second: u32, burst: u32) -> Self {
        let nanos_each = 1_000_000_000 / u64::from(per_second.max(1));
        let nanos_burst = nanos_each.saturating_mul(u64::from(burst.max(1)));
        Self { nanos_each, nanos_burst, started: Instant::now(), full_at: Mutex::default() }
    }
    /// Takes so many tokens now, or none.
    ///
    /// # Errors
    /// [`TooFast`].
    pub fn take(&self, address: IpAddr, tokens: usize) -> Result<(), TooFast> {
        self.take_at(self.started.elapsed(), address, tokens)
    }
    /// The same at a time since the start.
    fn take_at(&self, now: Duration, address: IpAddr, tokens: usize) -> Result<(), TooFast> {
        let now = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX);
        let cost = self.nanos_each.saturating_mul(u64::try_from(tokens).unwrap_or(u64::MAX));
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let key = room_for(&mut full_at, owner_of(address), now);
        let next = full_at.get(&key).copied().unwrap_or(0).max(now).saturating_add(cost);
        let over = next.saturating_sub(now).saturating_sub(self.nanos_burst);
        if 0 < over {
            return Err(TooFast { retry_after_s: over.div_ceil(1_000_000_000) });
        }
        full_at.insert(key, next);
        Ok(())
    }
}

/// The address itself if there is room for it, once the buckets that are full again are forgotten; otherwise a bucket that
/// all newcomers share.
fn room_for(full_at: &mut BTreeMap<IpAddr, u64>, address: IpAddr, now: u64) -> IpAddr {
    if full_at.len() < ADDRESSES_MAX || full_at.contains_key(&address) {
        return address;
    }
    let shared = IpAddr::V6(Ipv6Addr::UNSPECIFIED);
    // While newcomers share a bucket that is not full, the table was swept not long ago.
    if now < full_at.get(&shared).copied().unwrap_or(0) {
        return shared;
    }
    full_at.retain(|_, full_at| now < *full_at);
    if full_at.len() < ADDRESSES_MAX { address } else { shared }
}

/// Who is behind an address: a network of IPv6 gives each of its machines 2^64 of them.
fn owner_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(it) => {
            let [a, b, c, d, ..] = it.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    #[test]
    fn a_burst_passes_then_one_at_a_time_and_each_address_has_its_own() {
        let rates = Rates::new(10, 3);
        let at = |ms, last| rates.take_at(Duration::from_millis(ms), address(last), 1).is_ok();
        assert_eq!([at(0, 1), at(0, 1), at(0, 1), at(0, 1)], [true, true, true, false]);
        assert!(at(0, 2));
        assert_eq!([at(99, 1), at(100, 1), at(100, 1)], [false, true, false]);
    }
    #[test]
    fn a_refusal_costs_nothing_and_says_how_long_to_wait() {
        let rates = Rates::new(2, 10);
        let take = |tokens| rates.take_at(Duration::ZERO, address(1), tokens);
        assert_eq!(take(10), Ok(()));
        assert_eq!(take(3), Err(TooFast { retry_after_s: 2 }));
        assert_eq!(take(1), Err(TooFast { retry_after_s: 1 }));
    }
    #[test]
    fn a_network_of_ipv6_is_one_client_and_a_mapped_address_is_its_own() {
        let rates = Rates::new(1, 1);
        let take = |text: &str| rates.take_at(Duration::ZERO, text.parse().expect("an address"), 1).is_ok();
        assert_eq!([take("2001:db8::1"), take("2001:db8::2"), take("2001:db8:0:1::1")], [true, false, true]);
        assert_eq!([take("192.0.2.1"), take("::ffff:192.0.2.1")], [true, false]);
    }
    #[test]
    fn newcomers_share_one_bucket_when_the_table_is_full() {
        let rates = Rates::new(1, 1);
        let many = |n: u32| IpAddr::from(n.to_be_bytes());
        let count = u32::try_from(ADDRESSES_MAX).expect("small");
        assert!((0..count).all(|n| rates.take_at(Duration::ZERO, many(n), 1).is_ok()));
        assert!(rates.take_at(Duration::ZERO, many(count), 1).is_ok());
        assert!(rates.take_at(Duration::ZERO, many(count + 1), 1).is_err());
        assert!(rates.take_at(Duration::from_secs(2), many(count + 1), 1).is_ok());
    }
}
