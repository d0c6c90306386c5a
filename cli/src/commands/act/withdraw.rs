//! What one proposed and nobody has decided, taken back: the place it took among one's own is free again.
use crate::{
    Context,
    exit::Failure,
    sender::{AdministratorArgs, SendArgs},
};
use clap::{Args, Subcommand};
use serde::Serialize;
use std::fmt;
use urne_node::{
    api::dto::{Census, TxState},
    keystore::KeyRole,
};
use urne_types::{
    ActId, CensusId, DraftId, Rejection,
    transaction::{Payload, Withdrawal},
};

/// Takes back what one proposed.
#[derive(Debug, Args)]
pub(crate) struct WithdrawArgs {
    #[command(flatten)]
    administrator: AdministratorArgs,
    #[command(flatten)]
    send: SendArgs,
    #[command(subcommand)]
    what: What,
}

/// What is taken back.
#[derive(Clone, Copy, Debug, Subcommand, Serialize)]
#[serde(rename_all = "snake_case")]
enum What {
    /// An act that waits for approvals
    Act {
        /// Which
        act: ActId,
    },
    /// The draft of an election; it cannot be proposed again word for word
    Draft {
        /// Which
        draft: DraftId,
    },
    /// A census that this key is bringing
    Census {
        /// Which
        census: CensusId,
    },
}

#[derive(Serialize)]
struct Withdrawn {
    withdrawn: What,
    tx: TxState,
}

impl WithdrawArgs {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let sender = self.send.sender(context, &self.administrator.file(context), KeyRole::Administrator)?;
        let withdrawal = match self.what {
            What::Act { act } => Withdrawal::Act(act),
            What::Draft { draft } => Withdrawal::Draft(draft),
            What::Census { census } => {
                let shown: Census = sender.client.get(&format!("/v1/censuses/{census}"))?;
                let own = shown.attempts.into_iter().find(|it| it.by == sender.public());
                let attempt = own.ok_or(Rejection::UnknownCensus)?.attempt.0;
                Withdrawal::Census { census, attempt }
            }
        };
        let tx = sender.send(Payload::Withdraw(withdrawal), sender.until)?;
        context.output.say(&Withdrawn { withdrawn: self.what, tx });
        Ok(())
    }
}

impl fmt::Display for Withdrawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.tx, self.withdrawn) {
            (TxState::Committed { .. }, What::Act { act }) => write!(f, "act {act} is withdrawn"),
            (TxState::Committed { .. }, What::Draft { draft }) => write!(f, "draft {draft} is withdrawn"),
            (TxState::Committed { .. }, What::Census { census }) => write!(f, "census {census} is given up"),
            _ => write!(f, "a node has taken it; it waits for a block and may still be refused"),
        }
    }
}
