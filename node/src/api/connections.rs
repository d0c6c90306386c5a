//! Places for connections: so many in all, so many of one address. Nobody who opens sockets and waits keeps others out.
use super::problem::{Fault, Problem};
use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The places.
#[derive(Clone, Debug)]
pub(crate) struct Places(Arc<Table>);

#[derive(Debug)]
struct Table {
    max: usize,
    max_per_address: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_address: BTreeMap<IpAddr, usize>,
}

/// One place, given back on drop.
#[derive(Debug)]
pub(crate) struct Place {
    table: Arc<Table>,
    address: IpAddr,
}

impl Places {
    pub(crate) fn new(max: usize, max_per_address: usize) -> Self {
        Self(Arc::new(Table { max, max_per_address, taken: Mutex::default() }))
    }
    /// A place for this address, if there is one.
    pub(crate) fn take(&self, address: IpAddr) -> Result<Place, Problem> {
        let mut taken = self.0.taken();
        let own = taken.by_address.get(&address).copied().unwrap_or(0);
        if self.0.max <= taken.all {
            return Err(Fault::TooManyConnections.into());
        }
        if self.0.max_per_address <= own {
            return Err(Problem::from(Fault::RateLimited).retry_after_s(1).hint("too many connections"));
        }
        taken.all += 1;
        taken.by_address.insert(address, own + 1);
        Ok(Place { table: Arc::clone(&self.0), address })
    }
}

impl Table {
    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.table.taken();
        taken.all -= 1;
        match taken.by_address.get_mut(&self.address) {
            Some(own) if 1 < *own => *own -= 1,
            _ => drop(taken.by_address.remove(&self.address)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_never_takes_every_place_and_a_place_left_is_free_again() {
        let places = Places::new(3, 2);
        let (a, b) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let code = |it: Result<Place, Problem>| it.map_err(|it| it.body().code);
        let held = [code(places.take(a)), code(places.take(a))];
        assert_eq!(code(places.take(a)).err(), Some(904));
        let other = code(places.take(b));
        assert!(held.iter().all(Result::is_ok) && other.is_ok());
        assert_eq!(code(places.take(b)).err(), Some(917));
        drop(held);
        assert!(code(places.take(a)).is_ok());
    }
}
