//! Statutes in a file, as they are put on the ledger.

use serde::Deserialize;
use urne_types::statutes::Statutes;

use crate::{CountRefusal, Json, read};

/// Reads the statutes that `urne act propose put-statutes` puts. Whether they are sound is the contract's to judge.
///
/// # Errors
/// [`CountRefusal::NotJson`] and [`CountRefusal::DuplicateKey`]; [`CountRefusal::NotOnLedger`] for a rule that no ledger holds
/// (decision 0070); [`CountRefusal::Malformed`] for whatever else is no statutes.
pub fn read_statutes(json: &str) -> Result<Statutes, CountRefusal> {
    judge(&Json::parse(json)?)?;
    serde_json::from_str(json).map_err(|e| malformed(&e))
}

/// The same from a file that has them under `statutes`: lines are those of the file.
pub(crate) fn of_file(json: &str, file: &Json) -> Result<Statutes, CountRefusal> {
    #[derive(Deserialize)]
    struct File {
        statutes: Statutes,
    }
    judge(read::field(file, "statutes", None)?)?;
    let file: File = serde_json::from_str(json).map_err(|e| malformed(&e))?;
    Ok(file.statutes)
}

fn judge(written: &Json) -> Result<(), CountRefusal> {
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
    Ok(())
}

fn malformed(e: &serde_json::Error) -> CountRefusal {
    CountRefusal::Malformed { line: e.line(), reason: format!("the statutes: {e}") }
}
