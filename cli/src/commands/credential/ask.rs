//! The registrars, asked one by one: codes first, then the request. One that is away or withholds keeps nobody from the others.
use crate::{Context, client::Client, exit::Failure};
use std::io::{self, BufRead, IsTerminal, Write};
use urne_ballot::BlindRequest;
use urne_registrar::office::{Approved, Asked, CodeAsked, RequestSent};
use urne_types::{CollegeId, ElectionId, election::CensusEntry};

/// Who asks whom.
pub(super) struct Asking<'a> {
    pub(super) context: &'a Context,
    pub(super) registrars: &'a [String],
    pub(super) election: ElectionId,
    pub(super) college: CollegeId,
    pub(super) identity: &'a str,
}

impl Asking<'_> {
    /// Has a code sent by each; how many have heard.
    pub(super) fn codes(&self) -> Result<usize, Failure> {
        let asked = CodeAsked { election: self.election, college: self.college, identifier: self.identity.to_owned() };
        self.each(|registrar, _| Client::of(registrar).post::<Asked>("/v1/codes", &asked)).map(|it| it.len())
    }
    /// Has the codes typed, in the order of the registrars; none for those whose code did not come.
    pub(super) fn typed(&self) -> Result<Vec<String>, Failure> {
        self.registrars.iter().map(|it| line(&format!("The code from {it} (empty when none came): "))).collect()
    }
    /// Shows the request to each whose code is there: the entry in whose name they have approved it, and how many did.
    pub(super) fn approvals(&self, codes: &[String], request: &BlindRequest) -> Result<(CensusEntry, usize), Failure> {
        let with_code = |at: usize| codes.get(at).filter(|it| !it.trim().is_empty());
        let approved: Vec<Option<Approved>> = self.each(|registrar, at| {
            let Some(code) = with_code(at) else { return Ok(None) };
            let sent = RequestSent {
                election: self.election,
                college: self.college,
                identifier: self.identity.to_owned(),
                code: code.clone(),
                request: hex::encode(request.bytes()),
            };
            Client::of(registrar).post("/v1/requests", &sent).map(Some)
        })?;
        let entries: Vec<CensusEntry> = approved.into_iter().flatten().map(|it| it.entry).collect();
        match entries.as_slice() {
            [] => Err(Failure::usage("no registrar was given a code: ask for codes first, without --code")),
            [first, others @ ..] if others.iter().all(|it| it == first) => Ok((*first, entries.len())),
            _ => Err(Failure::unverified("the registrars know this member by different entries: one of them is wrong")),
        }
    }

    /// Asks each; the failures of some are told, and matter only when they are all.
    fn each<T>(&self, ask: impl Fn(&str, usize) -> Result<T, Failure>) -> Result<Vec<T>, Failure> {
        let (mut answers, mut failed) = (Vec::new(), None);
        for (at, registrar) in self.registrars.iter().enumerate() {
            match ask(registrar, at) {
                Ok(answer) => answers.push(answer),
                Err(e) => {
                    let told = Failure { message: format!("{registrar}: {}", e.message), ..e };
                    if let Some(earlier) = failed.replace(told) {
                        self.context.output.complain(&earlier);
                    }
                }
            }
        }
        match failed {
            Some(last) if answers.is_empty() => Err(last),
            Some(last) => {
                self.context.output.complain(&last);
                Ok(answers)
            }
            None => Ok(answers),
        }
    }
}

/// Whether somebody can be asked.
pub(super) fn is_terminal() -> bool {
    io::stdin().is_terminal()
}

/// Standard output is for the result.
fn line(hint: &str) -> Result<String, Failure> {
    let _ = write!(io::stderr(), "{hint}");
    let _ = io::stderr().flush();
    let mut typed = String::new();
    match io::stdin().lock().read_line(&mut typed) {
        Ok(_) => Ok(typed),
        Err(e) => Err(Failure::environment(format!("the terminal cannot be read: {e}"))),
    }
}
