//! Acts as the API shows them: what is proposed, who approved, what became of it.
use super::{Moment, Number};
use serde::{Deserialize, Serialize};
use urne_types::{ActId, CollegeId, PublicKey, UnixMs, governance};
use urne_vote_contract::records::{self, NamedAct};

/// One item of `GET /v1/acts`, and `GET /v1/acts/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// Its name.
    pub id: ActId,
    /// What is proposed.
    pub act: governance::Act,
    /// Approvals count until then.
    pub expires_at: UnixMs,
    /// Makes the same act proposable again later.
    pub nonce: Number,
    /// When it was proposed.
    pub proposed: Moment,
    /// By which administrator, herself or through a delegate.
    pub by: PublicKey,
    /// By college, each at most once.
    pub approvals: Vec<Approval>,
    /// Distinct colleges that must approve, by the settings in force.
    pub approvals_needed: u16,
    /// Where it stands.
    pub state: ActState,
}

/// An approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// For which college.
    pub college: CollegeId,
    /// By whom.
    pub by: PublicKey,
    /// When.
    pub at: Moment,
}

/// One item of `GET /v1/administrators`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Administrator {
    /// The college she acts for.
    pub college: CollegeId,
    /// Her key.
    pub key: PublicKey,
    /// Who may act for her meanwhile.
    pub delegations: Vec<Delegation>,
}

/// The role of an administrator, lent until a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegation {
    /// To whom.
    pub to: PublicKey,
    /// Until when.
    pub expires_at: UnixMs,
}

/// Where an act stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ActState {
    /// Waits for approvals.
    Pending,
    /// Took effect, once.
    Executed {
        /// When.
        at: Moment,
    },
    /// Never took effect.
    Expired,
    /// Taken back by who proposed it.
    Withdrawn {
        /// When.
        at: Moment,
    },
}

impl Act {
    /// An act under the settings in force.
    #[must_use]
    pub fn of(it: NamedAct, approvals_needed: u16) -> Self {
        let approval = |it: &records::Approval| Approval { college: it.college, by: it.by, at: it.at.into() };
        Self {
            id: it.id,
            act: it.record.proposed.act,
            expires_at: it.record.proposed.expires_at,
            nonce: Number(it.record.proposed.nonce),
            proposed: it.record.at.into(),
            by: it.record.by,
            approvals: it.record.approvals.iter().map(approval).collect(),
            approvals_needed,
            state: match it.record.state {
                records::ActState::Pending => ActState::Pending,
                records::ActState::Executed { at } => ActState::Executed { at: at.into() },
                records::ActState::Expired => ActState::Expired,
                records::ActState::Withdrawn { at } => ActState::Withdrawn { at: at.into() },
            },
        }
    }
}
