//! Lies about an election that was held, which all validators signed: each changes one record of its archive, and is published
//! with the archive and with the step at which every implementation must stop (docs/decisions/0078).
use super::{
    Held,
    chain::{self, World},
    lying_in, resign, said, tx, urn_blocks, verify, written,
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
};
use urne_ledger::MemoryKv;
use urne_light::{
    ArchiveFault,
    archive::{ArchivedTx, Record},
};
use urne_types::{
    ChainId, ElectionId, Height,
    ballot::Ballot,
    codec::{Decode, Encode, decode_canonical, encode},
    limits::MESSAGE_BYTES_MAX,
    transaction::{Payload, Transaction},
};

/// An election that was held, and its archive.
pub struct Made {
    pub chain: ChainId,
    pub election: ElectionId,
    pub records: Vec<Record>,
    world: Mutex<World<MemoryKv>>,
}
impl Made {
    /// Its ballots, and what made their credentials, are in these blocks.
    pub fn of(
        world: World<MemoryKv>,
        election: ElectionId,
        first: Height,
        last: Height,
        records: fn(&Held) -> Vec<Record>,
    ) -> Self {
        let held = Held::of(world, election, first, last);
        let records = records(&held);
        Self { chain: held.world.chain(), election, records, world: Mutex::new(held.world) }
    }
    pub fn world(&self) -> MutexGuard<'_, World<MemoryKv>> {
        self.world.lock().expect("nobody panicked with it")
    }
    pub fn verify(&self) -> Result<urne_light::VerifiedElection, ArchiveFault> {
        verify(&written(&self.records), self.chain, Some(self.election))
    }
    /// What is found when the archive says this instead.
    pub fn found(&self, (name, tell): &Lie) -> ArchiveFault {
        let mut records = self.records.clone();
        tell(self, &mut records);
        verify(&written(&records), self.chain, Some(self.election)).expect_err(name)
    }
}

pub type Entries = BTreeMap<Vec<u8>, Option<Vec<u8>>>;
/// Name, and what is changed in the records.
pub type Lie = (&'static str, Box<dyn Fn(&Made, &mut Vec<Record>)>);

// ---- Telling ----

pub fn of_state(name: &'static str, change: impl Fn(&Made, &mut Entries) + 'static) -> Lie {
    of_state_in(0, name, change)
}
/// The same, in that one of several records of the state.
pub fn of_state_in(which: usize, name: &'static str, change: impl Fn(&Made, &mut Entries) + 'static) -> Lie {
    (name, Box::new(move |made, records| lying_in(records, which, |entries| change(made, entries))))
}
/// Changes the transactions of a block, which is then signed again.
pub fn of_block(name: &'static str, block: usize, change: impl Fn(&Made, &mut Vec<ArchivedTx>) + 'static) -> Lie {
    (name, Box::new(move |made, records| resign(urn_blocks(records).remove(block), |txs| change(made, txs))))
}
/// Leaves a block out, from the last one: 1.
pub fn without_block(name: &'static str, from_the_end: usize) -> Lie {
    let tell = move |_: &Made, records: &mut Vec<Record>| {
        let at = records.len() - 1 - from_the_end;
        records.remove(at);
    };
    (name, Box::new(tell))
}

pub fn edit(archived: &mut ArchivedTx, change: impl FnOnce(&mut Transaction)) {
    let mut it = tx(archived);
    change(&mut it);
    *archived = ArchivedTx::Whole(encode(&it));
}
pub fn ballot(tx: &mut Transaction) -> &mut Ballot {
    let Payload::Ballot(ballot) = &mut tx.unsigned.payload else { panic!("a ballot") };
    ballot
}
/// Changes a payload, which somebody signs again.
pub fn edit_as(made: &Made, who: &str, archived: &mut ArchivedTx, change: impl FnOnce(&mut Payload)) {
    let mut payload = tx(archived).unsigned.payload;
    change(&mut payload);
    *archived = signed(made, who, payload);
}
pub fn signed(made: &Made, who: &str, payload: Payload) -> ArchivedTx {
    let key = chain::secret(who);
    let unsigned = urne_types::transaction::UnsignedTx::new(made.chain, key.public(), payload);
    ArchivedTx::Whole(unsigned.sign(&key).to_raw().0)
}
pub fn record<T: Decode<()> + Encode>(entries: &mut Entries, key: Vec<u8>, change: impl FnOnce(&mut T)) {
    let bytes = entries[&key].clone().expect("there");
    let mut it: T = decode_canonical(&bytes, MESSAGE_BYTES_MAX).expect("a record");
    change(&mut it);
    entries.insert(key, Some(encode(&it)));
}

// ---- Publishing ----

fn number(fault: &ArchiveFault) -> Option<u16> {
    match fault {
        ArchiveFault::Keys { why }
        | ArchiveFault::Opening { why }
        | ArchiveFault::Ballot { why, .. }
        | ArchiveFault::Approval { why, .. }
        | ArchiveFault::CeremonyMessage { why, .. }
        | ArchiveFault::NoCeremony { why }
        | ArchiveFault::Credentials { why, .. } => Some(why.code()),
        _ => None,
    }
}
/// The lie, as the record that it changes: its place, and its bytes or nothing where it is left out.
fn wrong(made: &Made, lie: &Lie) -> Value {
    let (name, tell) = lie;
    let mut records = made.records.clone();
    tell(made, &mut records);
    let fault = made.found(lie);
    let right: Vec<Vec<u8>> = made.records.iter().map(encode).collect();
    let told: Vec<Vec<u8>> = records.iter().map(encode).collect();
    let left_out = right.len() - told.len();
    let at = (0..told.len()).find(|at| right[*at] != told[*at]).expect("a lie changes something");
    let is_only_there = right[at + 1..] == told[at + 1 - left_out..];
    assert!(is_only_there, "{name}: one record changes, or one is left out");
    let bytes = if left_out == 0 { Some(hex::encode(&told[at])) } else { None };
    json!({"name": name, "record": at, "bytes": bytes, "step": fault.step(), "refusal": number(&fault)})
}

/// Compares an archive, what a recount of it says and the lies about it with `docs/vectors/{name}.urne` and `.json`, once it has
/// written them where `URNE_WRITE_VECTORS` is set.
pub fn publish(name: &str, made: &Made, lies: &[Lie]) {
    let published = format!("{}/../docs/vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    let found = verify(&written(&made.records), made.chain, None).expect("a true archive");
    let wrong: Vec<Value> = lies.iter().map(|lie| wrong(made, lie)).collect();
    let (file, vectors) = (written(&made.records), json!({"right": said(&found), "wrong": wrong}));
    if std::env::var_os("URNE_WRITE_VECTORS").is_some() {
        std::fs::write(format!("{published}.urne"), &file).expect("written");
        let text = serde_json::to_string_pretty(&vectors).expect("JSON") + "\n";
        std::fs::write(format!("{published}.json"), text).expect("written");
    }
    let archive = std::fs::read(format!("{published}.urne")).expect("published");
    assert!(archive == file, "what an archive says changed, or the published one did");
    let text = std::fs::read_to_string(format!("{published}.json")).expect("published");
    let told: Value = serde_json::from_str(&text).expect("JSON");
    // Half a megabyte: not to be printed.
    assert!(told == vectors, "what is published of it changed, or the code did");
}
