//! Statutes in a file, as they are put on the ledger.

use urne_types::statutes::Statutes;

use crate::{CountRefusal, Json, read};

/// Reads the statutes that `urne act propose put-statutes` puts. Whether they are sound is the contract's to judge.
///
/// # Errors
/// [`CountRefusal::NotJson`] and [`CountRefusal::DuplicateKey`]; [`CountRefusal::NotOnLedger`] for a rule that no ledger holds
/// (decision 0070); [`CountRefusal::Malformed`] for whatever else is no statutes.
pub fn read_statutes(json: &str) -> Result<Statutes, CountRefusal> {
    of(&Json::parse(json)?)
}

pub(crate) fn of(written: &Json) -> Result<Statutes, CountRefusal> {
    let mut bloc = Some(written);
    for key in ["colleges", "aggregation", "bloc"] {
        bloc = bloc.and_then(|it| read::optional(it, key));
    }
    if bloc.is_some_and(|it| it.get("second_round").is_some()) {
        return Err(CountRefusal::NotOnLedger {
            why: "its statutes give an undecided college a second round, in which only that college would vote, and knowing \
                  what all the others have said: declare what an undecided college counts as",
        });
    }
    serde_json::from_str(&written.to_string())
        .map_err(|e| CountRefusal::Malformed { line: e.line(), reason: format!("the statutes: {e}") })
}
