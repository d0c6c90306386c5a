//! One transaction at work: reads through its own changes, then the block's, then the state; what it wrote is laid over the
//! block's changes when it is accepted, and forgotten when it is refused.
use crate::{
    context::BlockContext,
    event::Event,
    records::Moment,
    state::{Changes, LogId, Overlay, Space, StateView},
};
use std::ops::ControlFlow;
use urne_ballot::TotalsChange;
use urne_types::{
    ElectionId, MerkleRoot,
    codec::{Decode, Encode, decode_record, encode},
};

/// A record in the map. The state is ours: bytes that are not a record are a broken disk or a bug, and stop the node rather
/// than fork the chain.
pub(crate) fn record<T: Encode + Decode<()>>(view: &dyn StateView, space: Space, key: &[u8]) -> Option<T> {
    view.get(space, key).map(|bytes| parse(&bytes))
}
pub(crate) fn parse<T: Encode + Decode<()>>(bytes: &[u8]) -> T {
    decode_record(bytes).expect("the state holds only what the rules wrote: restore a snapshot")
}

pub(crate) struct Work<'a> {
    below: Overlay<'a, dyn StateView + 'a>,
    pub(crate) at: &'a BlockContext,
    own: Changes,
    pub(crate) events: Vec<Event>,
}

impl<'a> Work<'a> {
    pub(crate) fn new(base: &'a (dyn StateView + 'a), block: &'a Changes, at: &'a BlockContext) -> Self {
        Self { below: Overlay { base, changes: block }, at, own: Changes::default(), events: Vec::new() }
    }
    pub(crate) fn finish(self) -> (Changes, Vec<Event>) {
        (self.own, self.events)
    }
    pub(crate) fn now(&self) -> Moment {
        Moment { height: self.at.height, time: self.at.time }
    }
    pub(crate) fn tell(&mut self, event: Event) {
        self.events.push(event);
    }
    pub(crate) fn read<T: Encode + Decode<()>>(&self, key: &[u8]) -> Option<T> {
        record(self, Space::Map, key)
    }
    pub(crate) fn holds(&self, space: Space, key: &[u8]) -> bool {
        self.get(space, key).is_some()
    }
    pub(crate) fn write<T: Encode>(&mut self, key: Vec<u8>, value: &T) {
        self.own.put(Space::Map, key, Some(encode(value)));
    }
    pub(crate) fn index(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.own.put(Space::Index, key, Some(value));
    }
    pub(crate) fn mark(&mut self, key: Vec<u8>) {
        self.own.put(Space::Map, key, Some(Vec::new()));
    }
    pub(crate) fn remove(&mut self, key: Vec<u8>) {
        self.own.put(Space::Map, key, None);
    }
    pub(crate) fn index_remove(&mut self, key: Vec<u8>) {
        self.own.put(Space::Index, key, None);
    }
    /// Writes bytes that are another crate's encoding.
    pub(crate) fn post(&mut self, key: Vec<u8>, bytes: Vec<u8>) {
        self.own.put(Space::Map, key, Some(bytes));
    }
    /// A sealed ballot changes the totals of its group.
    pub(crate) fn enter(&mut self, place: (ElectionId, u32), change: TotalsChange) {
        self.own.enter(place, change);
    }
    pub(crate) fn append(&mut self, log: LogId, leaf: MerkleRoot) {
        self.own.appends.push((log, leaf));
    }
}

impl StateView for Work<'_> {
    fn get(&self, space: Space, key: &[u8]) -> Option<Vec<u8>> {
        Overlay { base: &self.below, changes: &self.own }.get(space, key)
    }
    fn scan_from(
        &self,
        space: Space,
        prefix: &[u8],
        from: &[u8],
        each: &mut dyn FnMut(&[u8], &[u8]) -> ControlFlow<()>,
    ) {
        Overlay { base: &self.below, changes: &self.own }.scan_from(space, prefix, from, each);
    }
}

/// Every key under a prefix that `until` does not stop at.
pub(crate) fn keys_while(view: &dyn StateView, prefix: &[u8], mut until: impl FnMut(&[u8]) -> bool) -> Vec<Vec<u8>> {
    let mut keys = Vec::new();
    view.scan(Space::Map, prefix, &mut |key, _| {
        if until(key) {
            keys.push(key.to_vec());
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    });
    keys
}
/// Every record under a prefix.
pub(crate) fn records<T: Encode + Decode<()>>(view: &dyn StateView, prefix: &[u8]) -> Vec<T> {
    let mut all = Vec::new();
    view.scan(Space::Map, prefix, &mut |_, value| {
        all.push(parse(value));
        ControlFlow::Continue(())
    });
    all
}
/// How many keys are under a prefix, counting no further than `max`.
pub(crate) fn count(view: &dyn StateView, prefix: &[u8], max: usize) -> usize {
    let mut found = 0;
    keys_while(view, prefix, |_| {
        found += 1;
        found < max
    });
    found
}
