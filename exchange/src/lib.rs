//! A whole election in one file: `kind` and `input` are read, `expected` never, and the answer comes from the very code the contract runs.
//!
//! Reading is strict: a missing convention, an unknown name or a malformed number is refused with its number and its line; nothing is
//! guessed. The formats are described in `docs/counting.md`.

mod answer;
mod approval;
mod budget;
mod college;
mod judgment;
mod ranked;
mod read;
mod refusal;
mod stv;

pub use answer::Answer;
pub use refusal::CountRefusal;

use serde_json::Value;

/// Counts one case of the exchange format and answers in the shape documented for its kind.
///
/// # Errors
/// A numbered [`CountRefusal`]: the text is no case, or its election cannot be counted as it stands.
pub fn count(json: &str) -> Result<Answer, CountRefusal> {
    let case: Value = serde_json::from_str(json)?;
    let input = read::field(&case, "input")?;
    match read::text(&case, "kind")? {
        "approval" => approval::count(input),
        "majority_judgment" => judgment::count(input),
        "majority_judgment_tally" => judgment::count_tally(input),
        "majority_judgment_colleges" => judgment::count_colleges(input),
        "ranked_single" => ranked::count(input),
        "irv_to_last_two" => ranked::count_to_last_two(input),
        "stv_scottish" => stv::count(input),
        "participatory_budget" => budget::count(input),
        "college_resolution" => college::count(input),
        unknown => Err(CountRefusal::UnknownKind { kind: unknown.to_owned() }),
    }
}
