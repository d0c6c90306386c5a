//! Places for connections: so many in all, so many of one address. Nobody who opens sockets and waits keeps others out.
use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The places.
#[derive(Clone, Debug)]
pub struct Places(Arc<Table>);

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

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPlace {
    /// All are taken.
    Full,
    /// This address has as many as one may.
    FullForAddress,
}

/// One place, given back on drop.
#[derive(Debug)]
pub struct Place {
    table: Arc<Table>,
    address: IpAddr,
}

impl Places {
    /// So many places, so many of them for one address.
    #[must_use]
    pub fn new(max: usize, max_per_address: usize) -> Self {
        Self(Arc::new(Table { max, max_per_address, taken: Mutex::default() }))
    }
    /// A place for this address, if there is one.
    ///
    /// # Errors
    /// [`NoPlace`].
    pub fn take(&self, address: IpAddr) -> Result<Place, NoPlace> {
        let mut taken = self.0.taken();
        let own = taken.by_address.get(&address).copied().unwrap_or(0);
        if self.0.max <= taken.all {
            return Err(NoPlace::Full);
        }
        if self.0.max_per_address <= own {
            return Err(NoPlace::FullForAddress);
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
        let held = [places.take(a), places.take(a)];
        assert_eq!(places.take(a).err(), Some(NoPlace::FullForAddress));
        let other = places.take(b);
        assert!(held.iter().all(Result::is_ok) && other.is_ok());
        assert_eq!(places.take(b).err(), Some(NoPlace::Full));
        drop(held);
        assert!(places.take(a).is_ok());
    }
}
