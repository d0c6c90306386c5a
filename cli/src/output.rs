//! What a command says: sentences for people, or one JSON object for programs; never both. Results go to standard
//! output, complaints and progress to standard error.
use crate::exit::{Detail, Failure};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use std::{
    fmt::Display,
    io::{self, Write},
};

/// For whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Output {
    /// Sentences.
    Human,
    /// One JSON object.
    Json,
}

impl Output {
    /// Says a result.
    pub(crate) fn say<T: Serialize + Display>(self, result: &T) {
        let text = match self {
            Self::Human => result.to_string(),
            Self::Json => serde_json::to_string_pretty(result).expect("results are made of texts and lists"),
        };
        // A closed pipe (`urne … | head`) is the reader's choice, not a failure.
        let _ = writeln!(io::stdout(), "{}", text.trim_end());
    }

    /// Says why a command failed.
    pub(crate) fn complain(self, failure: &Failure) {
        let text = match (self, &failure.detail) {
            (_, Detail::Verbatim) => failure.message.clone(),
            (Self::Human, _) => format!("urne: {}", failure.message),
            (Self::Json, Detail::None) => serde_json::json!({
                "error": { "exit": failure.exit as u8, "name": failure.exit, "message": failure.message }
            })
            .to_string(),
            (Self::Json, Detail::Rule { code, name }) => serde_json::json!({
                "error": { "exit": failure.exit as u8, "code": code, "name": name, "message": failure.message }
            })
            .to_string(),
        };
        let _ = writeln!(io::stderr(), "{text}");
    }

    /// A bar for long work; hidden for programs and when standard error is no terminal.
    pub(crate) fn progress(self, what: &'static str, steps: u64) -> ProgressBar {
        let target = match self {
            Self::Human => ProgressDrawTarget::stderr(),
            Self::Json => ProgressDrawTarget::hidden(),
        };
        let style = ProgressStyle::with_template("{msg} {bar:30} {pos}/{len} {eta}").expect("a constant template");
        ProgressBar::with_draw_target(Some(steps), target).with_style(style).with_message(what)
    }
}
