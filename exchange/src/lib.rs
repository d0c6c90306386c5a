//! A whole election in one file: `kind` and `input` are read, `expected` never, and the answer comes from the very code the contract runs.
//!
//! Reading is strict: a missing convention, an unknown name or a malformed number is refused with its number and its line; nothing is
//! guessed. The formats are described in `docs/counting.md`.

mod approval;
mod assembly;
mod budget;
mod college;
pub mod counted;
mod file;
mod json;
mod json_reader;
mod judgment;
mod ranked;
mod read;
mod refusal;
mod rehearsal;
pub mod roll;
mod roll_fault;
mod roll_previous;
mod scenario;
mod staged;
mod statutes;
mod stv;
pub mod table;
mod unread;

pub use assembly::{Simulation, simulate};
pub use file::{Format, Options, count_file, stage_file};
pub use json::Json;
pub use refusal::CountRefusal;
pub use roll_fault::{Fault, Problem};
pub use staged::{Difference, Elector, Staged};
pub use statutes::read_statutes;

/// Counts one case of the exchange format and answers in the shape documented for its kind.
///
/// # Errors
/// A numbered [`CountRefusal`]: the text is no case, or its election cannot be counted as it stands.
pub fn count(json: &str) -> Result<Json, CountRefusal> {
    count_file(json.as_bytes(), Format::Case, &Options::default())
}

fn count_input(kind: &str, input: &Json) -> Result<Json, CountRefusal> {
    match kind {
        "approval" => approval::count(input),
        "majority_judgment" => judgment::count(input),
        "majority_judgment_tally" => judgment::count_tally(input),
        "majority_judgment_colleges" => judgment::count_colleges(input),
        "ranked_single" => ranked::count(input),
        "irv_to_last_two" => ranked::count_to_last_two(input),
        "stv_scottish" => stv::count(input),
        "participatory_budget" => budget::count(input),
        "college_resolution" => college::count(input),
        "ledger_scenario" => scenario::count(input),
        unknown => Err(CountRefusal::UnknownKind { kind: unknown.to_owned() }),
    }
}
