//! Our vocabulary as Malachite's core wants it: thin wrappers, no logic but whose turn it is.
use crate::proposer::ProposerTable;
use arc_malachitebft_core_types as core;
use core::{NilOrVal, Round as CoreRound, SignedExtension, VoteType};
use std::{fmt, sync::Arc};
use urne_types::{BlockHash, Height, PublicKey, Round, Signature, ValidatorId, validators::ValidatorSet};

/// The instance of the core that urne runs: its value is the hash of a header.
#[derive(Clone, Copy, Debug)]
pub(super) struct Urne;

macro_rules! wrapper {
    ($name:ident($inner:ty): $($derive:ident),*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, $($derive),*)]
        pub(super) struct $name(pub(super) $inner);
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}
wrapper!(Address(ValidatorId):);
wrapper!(CoreHeight(Height): Default);
wrapper!(Value(BlockHash):);

impl core::Address for Address {}
impl core::Height for CoreHeight {
    const ZERO: Self = Self(Height::GENESIS);
    const INITIAL: Self = Self(Height::FIRST);
    fn increment_by(&self, n: u64) -> Self {
        Self(Height::new(self.0.get().saturating_add(n)))
    }
    fn decrement_by(&self, n: u64) -> Option<Self> {
        self.0.get().checked_sub(n).map(|it| Self(Height::new(it)))
    }
    fn as_u64(&self) -> u64 {
        self.0.get()
    }
}
impl core::Value for Value {
    type Id = Self;
    fn id(&self) -> Self {
        *self
    }
}

/// Ed25519 as `urne_types::key` does it. The core never sees a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ed25519;
impl core::SigningScheme for Ed25519 {
    type DecodingError = String;
    type Signature = Signature;
    type PublicKey = PublicKey;
    type PrivateKey = ();
    fn decode_signature(bytes: &[u8]) -> Result<Signature, String> {
        bytes.try_into().map(Signature).map_err(|_| "a signature has 64 bytes".to_owned())
    }
    fn encode_signature(signature: &Signature) -> Vec<u8> {
        signature.0.to_vec()
    }
    fn decode_public_key(bytes: &[u8]) -> Result<PublicKey, String> {
        bytes.try_into().map(PublicKey).map_err(|_| "a key has 32 bytes".to_owned())
    }
    fn encode_public_key(key: &PublicKey) -> Vec<u8> {
        key.0.to_vec()
    }
}

/// One validator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Peer {
    address: Address,
    key: PublicKey,
    power: u64,
}
impl core::Validator<Urne> for Peer {
    fn address(&self) -> &Address {
        &self.address
    }
    fn public_key(&self) -> &PublicKey {
        &self.key
    }
    fn voting_power(&self) -> u64 {
        self.power
    }
}

/// The validators of a height, by id, and their turns. Cheap to clone, which the core does often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Peers {
    all: Arc<Vec<Peer>>,
    total: u64,
    table: Arc<ProposerTable>,
}
impl Peers {
    pub(super) fn new(set: &ValidatorSet, table: Arc<ProposerTable>) -> Self {
        let members = set.members().iter();
        let all = members.map(|it| Peer { address: Address(it.id), key: it.key, power: it.power.get() }).collect();
        Self { all: Arc::new(all), total: set.total().get(), table }
    }
}
impl core::ValidatorSet<Urne> for Peers {
    fn count(&self) -> usize {
        self.all.len()
    }
    fn total_voting_power(&self) -> u64 {
        self.total
    }
    fn get_by_address(&self, address: &Address) -> Option<&Peer> {
        let at = self.all.binary_search_by_key(address, |it| it.address).ok()?;
        self.all.get(at)
    }
    fn get_by_index(&self, index: usize) -> Option<&Peer> {
        self.all.get(index)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CoreProposal {
    pub(super) height: CoreHeight,
    pub(super) round: CoreRound,
    pub(super) value: Value,
    pub(super) pol_round: CoreRound,
    pub(super) address: Address,
}
impl core::Proposal<Urne> for CoreProposal {
    fn height(&self) -> CoreHeight {
        self.height
    }
    fn round(&self) -> CoreRound {
        self.round
    }
    fn value(&self) -> &Value {
        &self.value
    }
    fn take_value(self) -> Value {
        self.value
    }
    fn pol_round(&self) -> CoreRound {
        self.pol_round
    }
    fn validator_address(&self) -> &Address {
        &self.address
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CoreVote {
    pub(super) kind: VoteType,
    pub(super) height: CoreHeight,
    pub(super) round: CoreRound,
    pub(super) value: NilOrVal<Value>,
    pub(super) address: Address,
}
impl core::Vote<Urne> for CoreVote {
    fn height(&self) -> CoreHeight {
        self.height
    }
    fn round(&self) -> CoreRound {
        self.round
    }
    fn value(&self) -> &NilOrVal<Value> {
        &self.value
    }
    fn take_value(self) -> NilOrVal<Value> {
        self.value
    }
    fn vote_type(&self) -> VoteType {
        self.kind
    }
    fn validator_address(&self) -> &Address {
        &self.address
    }
    fn extension(&self) -> Option<&SignedExtension<Urne>> {
        None
    }
    fn take_extension(&mut self) -> Option<SignedExtension<Urne>> {
        None
    }
    fn extend(self, _: SignedExtension<Urne>) -> Self {
        self
    }
}

/// Bodies travel outside of the core: it never sees a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NoPart {}
impl core::ProposalPart<Urne> for NoPart {
    fn is_first(&self) -> bool {
        match *self {}
    }
    fn is_last(&self) -> bool {
        match *self {}
    }
}

impl core::Context for Urne {
    type Address = Address;
    type Height = CoreHeight;
    type ProposalPart = NoPart;
    type Proposal = CoreProposal;
    type Validator = Peer;
    type ValidatorSet = Peers;
    type Timeouts = core::LinearTimeouts;
    type Value = Value;
    type Vote = CoreVote;
    type Extension = ();
    type SigningScheme = Ed25519;
    fn select_proposer<'a>(&self, peers: &'a Peers, height: CoreHeight, round: CoreRound) -> &'a Peer {
        let round = Round::new(round.as_u32().unwrap_or(0));
        let id = peers.table.proposer(height.0, round);
        core::ValidatorSet::get_by_address(peers, &Address(id)).expect("the table holds members of its own set")
    }
    fn new_proposal(
        &self,
        height: CoreHeight,
        round: CoreRound,
        value: Value,
        pol_round: CoreRound,
        address: Address,
    ) -> CoreProposal {
        CoreProposal { height, round, value, pol_round, address }
    }
    fn new_prevote(&self, height: CoreHeight, round: CoreRound, value: NilOrVal<Value>, address: Address) -> CoreVote {
        CoreVote { kind: VoteType::Prevote, height, round, value, address }
    }
    fn new_precommit(
        &self,
        height: CoreHeight,
        round: CoreRound,
        value: NilOrVal<Value>,
        address: Address,
    ) -> CoreVote {
        CoreVote { kind: VoteType::Precommit, height, round, value, address }
    }
}
