//! Eyes on a network: a thread a node listens to its event stream and writes down every block it announces, and when. Two
//! nodes that ever announce different blocks at one height have forked, whatever they say later.
use crate::client::Client;
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// Before a stream that broke is tried again: the node may be starting.
const AGAIN: Duration = Duration::from_millis(100);

/// What was announced.
#[derive(Clone, Debug, Default)]
pub(crate) struct Announced {
    /// Per height: what was heard first.
    pub(crate) blocks: BTreeMap<u64, Heard>,
    /// Heights at which nodes announced different blocks.
    pub(crate) forks: Vec<u64>,
}

/// A block, as a node announced it.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    /// Its hash.
    pub(crate) hash: String,
    /// When we heard of it.
    pub(crate) at: Instant,
    /// How many transactions it holds.
    pub(crate) txs: u64,
}

/// Watches until dropped.
pub(crate) struct Watch {
    announced: Arc<Mutex<Announced>>,
    is_over: Arc<AtomicBool>,
}

impl Watch {
    /// Begins to watch. The threads end with their streams, at the latest when the nodes do.
    pub(crate) fn over(clients: &[Client]) -> Self {
        let watch = Self { announced: Arc::default(), is_over: Arc::default() };
        for client in clients {
            let (client, announced, is_over) =
                (client.clone(), Arc::clone(&watch.announced), Arc::clone(&watch.is_over));
            let from = client.height().unwrap_or(0) + 1;
            thread::spawn(move || listen(&client, from, &announced, &is_over));
        }
        watch
    }
    /// What was announced so far.
    pub(crate) fn so_far(&self) -> Announced {
        self.announced.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}

fn listen(client: &Client, from: u64, announced: &Mutex<Announced>, is_over: &AtomicBool) {
    while !is_over.load(Ordering::Relaxed) {
        let Ok(events) = client.events() else {
            thread::sleep(AGAIN);
            continue;
        };
        for (kind, data) in events {
            if is_over.load(Ordering::Relaxed) {
                return;
            }
            let number = |key: &str| data[key].as_str().and_then(|it| it.parse::<u64>().ok());
            match (kind.as_str(), number("height"), data["hash"].as_str()) {
                ("block", Some(height), Some(hash)) => {
                    let heard =
                        Heard { hash: hash.into(), at: Instant::now(), txs: number("transactions").unwrap_or(0) };
                    hear(announced, height, heard);
                }
                ("lag", ..) => ask_what_was_missed(client, from, announced),
                _ => {}
            }
        }
        thread::sleep(AGAIN);
    }
}

fn hear(announced: &Mutex<Announced>, height: u64, heard: Heard) {
    announced.lock().unwrap_or_else(PoisonError::into_inner).hear(height, heard);
}

/// A stream may skip events when there are many: the blocks among them are asked for, and heard of a little late.
fn ask_what_was_missed(client: &Client, from: u64, announced: &Mutex<Announced>) {
    let known: Vec<u64> = announced.lock().unwrap_or_else(PoisonError::into_inner).blocks.keys().copied().collect();
    let Ok(last) = client.height() else { return };
    for height in (from..=last).filter(|it| known.binary_search(it).is_err()) {
        if let Ok(block) = client.block(height) {
            let txs = u64::try_from(block.txs.len()).unwrap_or(0);
            hear(announced, height, Heard { hash: block.hash.to_string(), at: Instant::now(), txs });
        }
    }
}

impl Announced {
    fn hear(&mut self, height: u64, heard: Heard) {
        match self.blocks.get(&height) {
            None => {
                self.blocks.insert(height, heard);
            }
            Some(known) if known.hash != heard.hash => self.forks.push(height),
            Some(_) => {}
        }
    }
    /// Transactions in all announced blocks.
    pub(crate) fn txs(&self) -> u64 {
        self.blocks.values().map(|it| it.txs).sum()
    }
    /// When the last block that held anything was heard of.
    pub(crate) fn last_work(&self) -> Option<Instant> {
        self.blocks.values().rev().find(|it| 0 < it.txs).map(|it| it.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_announcement_is_kept_and_another_block_at_its_height_is_a_fork() {
        let (mut announced, now) = (Announced::default(), Instant::now());
        let heard = |hash: &str, at| Heard { hash: hash.into(), at, txs: 2 };
        announced.hear(1, heard("aa", now));
        announced.hear(1, heard("aa", now + AGAIN));
        assert_eq!((announced.last_work(), announced.txs(), announced.forks.len()), (Some(now), 2, 0));
        announced.hear(1, heard("bb", now));
        assert_eq!(announced.forks, [1]);
    }
}
