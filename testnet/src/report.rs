//! What a drill or a benchmark found: one line a check for people, one object for programs, and an exit code.
use anyhow::Result;
use serde::Serialize;
use serde_json::{Map, Value};
use std::time::Duration;

/// For whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    /// Lines.
    People,
    /// One JSON object at the end, nothing before.
    Programs,
}

/// What one check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Verdict {
    /// As it must be.
    Ok,
    /// Not as it must be.
    Failed,
    /// Could not be run here; the sentence says why.
    Skipped,
}

/// One check.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Check {
    drill: &'static str,
    what: String,
    verdict: Verdict,
    /// What was seen.
    seen: String,
    #[serde(skip_serializing_if = "Map::is_empty")]
    numbers: Map<String, Value>,
}

/// What was seen, with its numbers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    sentence: String,
    numbers: Map<String, Value>,
}

impl Seen {
    /// A sentence.
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), numbers: Map::new() }
    }
    /// The sentence.
    pub(crate) fn sentence(&self) -> &str {
        &self.sentence
    }
    /// And a number of it.
    pub(crate) fn number(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.numbers.insert(name.into(), value.into());
        self
    }
}

/// This machine cannot do that: the drill is skipped, and says so.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NotHere(pub(crate) String);

/// The checks of a run.
#[derive(Debug)]
pub(crate) struct Report {
    audience: Audience,
    drill: &'static str,
    checks: Vec<Check>,
}

impl Report {
    /// Nothing found yet.
    pub(crate) fn new(audience: Audience) -> Self {
        Self { audience, drill: "", checks: Vec::new() }
    }
    /// Checks from here on belong to this drill.
    pub(crate) fn begin(&mut self, drill: &'static str, sentence: &str) {
        self.drill = drill;
        self.say(&format!("-- {drill}: {sentence}"));
    }
    /// A line for people.
    pub(crate) fn say(&self, line: &str) {
        if self.audience == Audience::People {
            println!("{line}");
        }
    }
    /// Runs one check; a failure is kept and told, and the run goes on.
    pub(crate) fn check(&mut self, what: &str, run: impl FnOnce() -> Result<Seen>) -> Verdict {
        let (verdict, seen) = match run() {
            Ok(seen) => (Verdict::Ok, seen),
            Err(e) if e.downcast_ref::<NotHere>().is_some() => (Verdict::Skipped, Seen::new(format!("{e:#}"))),
            Err(e) => (Verdict::Failed, Seen::new(format!("{e:#}"))),
        };
        let word = match verdict {
            Verdict::Ok => "OK     ",
            Verdict::Failed => "FAILED ",
            Verdict::Skipped => "SKIPPED",
        };
        self.say(&format!("{word} {what}: {}", seen.sentence));
        let Seen { sentence, numbers } = seen;
        self.checks.push(Check { drill: self.drill, what: what.into(), verdict, seen: sentence, numbers });
        verdict
    }
    /// Whether nothing failed.
    pub(crate) fn is_good(&self) -> bool {
        self.count(Verdict::Failed) == 0
    }
    fn count(&self, verdict: Verdict) -> usize {
        self.checks.iter().filter(|it| it.verdict == verdict).count()
    }
    /// The end: totals, or everything as JSON with what else belongs to it.
    pub(crate) fn finish(&self, about: &Value) -> Result<()> {
        let (ok, failed, skipped) =
            (self.count(Verdict::Ok), self.count(Verdict::Failed), self.count(Verdict::Skipped));
        match self.audience {
            Audience::People => println!("{ok} passed, {failed} failed, {skipped} skipped"),
            Audience::Programs => {
                let all = serde_json::json!({"about": about, "ok": self.is_good(), "checks": self.checks});
                println!("{}", serde_json::to_string_pretty(&all)?);
            }
        }
        Ok(())
    }
}

/// Whole milliseconds.
pub(crate) fn ms(it: Duration) -> u64 {
    u64::try_from(it.as_millis()).unwrap_or(u64::MAX)
}

/// The value below which `percent` of the sorted values lie (nearest rank); 0 of none.
pub(crate) fn percentile(sorted: &[u64], percent: usize) -> u64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let sorted: Vec<u64> = (1..=100).collect();
        assert_eq!((percentile(&sorted, 50), percentile(&sorted, 95), percentile(&sorted, 100)), (50, 95, 100));
        assert_eq!((percentile(&[7], 50), percentile(&[], 95)), (7, 0));
    }

    #[test]
    fn a_check_that_cannot_run_here_is_skipped_and_one_that_fails_fails_the_run() {
        let mut report = Report::new(Audience::Programs);
        assert_eq!(report.check("a", || Ok(Seen::new("fine"))), Verdict::Ok);
        assert_eq!(report.check("b", || Err(NotHere("no strace".into()).into())), Verdict::Skipped);
        assert!(report.is_good());
        assert_eq!(report.check("c", || anyhow::bail!("forked")), Verdict::Failed);
        assert!(!report.is_good());
    }
}
