//! A census as a file, and its way into the ledger in parts. Only keys and colleges are read: names never go on chain.
use crate::{
    Context,
    exit::Failure,
    sender::{Sender, Until},
};
use indicatif::ProgressBar;
use serde::Deserialize;
use std::{collections::BTreeMap, fs, path::Path};
use urne_ballot::Credential;
use urne_node::api::dto::{Census, CensusState};
use urne_types::{
    CensusId, CollegeId, PublicKey, Rejection,
    bounded::List,
    election::{CensusCommitment, CensusEntry, Secrecy},
    limits::CENSUS_CHUNK_MAX,
    sealed::SealedCensus,
    transaction::Payload,
};

/// Who may vote.
pub(super) struct Roll {
    commitment: CensusCommitment,
    entries: Vec<CensusEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    college: CollegeId,
    #[serde(alias = "member")]
    public_key: PublicKey,
}

impl Roll {
    /// Reads files of `college,public_key` lines, or JSON lists of `{college, public_key}`. One right is given once.
    pub(super) fn read<'a>(files: impl IntoIterator<Item = &'a Path>) -> Result<Self, Failure> {
        let mut seen: BTreeMap<CensusEntry, String> = BTreeMap::new();
        for file in files {
            let text =
                fs::read_to_string(file).map_err(|e| Failure::environment(format!("{}: {e}", file.display())))?;
            for (at, entry) in parse(&text).map_err(|e| Failure::usage(format!("{}, {e}", file.display())))? {
                let place = format!("{}, line {at}", file.display());
                if let Some(first) = seen.insert(entry, place.clone()) {
                    return Err(Failure::usage(format!("{place}: this member of this college is in {first} already")));
                }
            }
        }
        let mut entries: Vec<CensusEntry> = seen.into_keys().collect();
        let commitment = CensusCommitment::over(&mut entries).map_err(Failure::usage)?;
        if entries.is_empty() {
            return Err(Rejection::CensusTooLarge.into());
        }
        Ok(Self { commitment, entries })
    }
    /// Whether its entries are what such an election asks for, before anything is brought: keys of members where ballots are
    /// open, keys of credentials where these are published. Commitments look like nothing, and are not judged.
    pub(super) fn judge(&self, secrecy: &Secrecy) -> Result<(), Failure> {
        let of_credentials = |it: &PublicKey| Credential::decode(&it.0).is_ok();
        let is_one: &dyn Fn(&PublicKey) -> bool = match secrecy.sealed().map(|it| &it.census) {
            None => &PublicKey::is_sound,
            Some(SealedCensus::PublishedKeys) => &of_credentials,
            Some(SealedCensus::Credentials(_)) => return Ok(()),
        };
        if self.entries.iter().all(|it| is_one(&it.member)) { Ok(()) } else { Err(Rejection::BadKey.into()) }
    }
    /// Its name.
    pub(super) fn id(&self) -> CensusId {
        self.commitment.id()
    }
    /// Members in all colleges.
    pub(super) fn total(&self) -> u64 {
        self.commitment.total()
    }

    /// Brings whatever the ledger has not yet, part after part, and says how far the census is then. An own attempt that was
    /// interrupted is continued; one that went wrong is begun again. Nobody else's parts matter.
    pub(super) fn bring(&self, context: &Context, sender: &Sender) -> Result<CensusState, Failure> {
        let path = format!("/v1/censuses/{}", self.id());
        let own = match sender.client.get::<Census>(&path) {
            Err(e) if e.is(Rejection::UnknownCensus) => None,
            Err(e) => return Err(e),
            Ok(it) if it.state != CensusState::Incomplete => return Ok(it.state),
            Ok(it) => it.attempts.into_iter().find(|it| it.by == sender.public()),
        };
        let bar = context.output.progress("bringing the census", self.total());
        let continued = own.map(|it| {
            let brought = usize::try_from(it.brought.0).unwrap_or(usize::MAX);
            self.bring_from(sender, it.attempt.0, brought.min(self.entries.len()), &bar)
        });
        let brought = match continued {
            Some(Err(e)) if e.is(Rejection::CensusMismatch) || e.is(Rejection::CensusOutOfOrder) => {
                bar.set_position(0);
                self.bring_from(sender, rand::random(), 0, &bar)
            }
            Some(other) => other,
            None => self.bring_from(sender, rand::random(), 0, &bar),
        };
        bar.finish_and_clear();
        match brought {
            // Somebody else was faster with the very same census.
            Err(e) if !e.is(Rejection::CensusComplete) => Err(e),
            _ => Ok(sender.client.get::<Census>(&path)?.state),
        }
    }

    fn bring_from(&self, sender: &Sender, attempt: u64, first: usize, bar: &ProgressBar) -> Result<(), Failure> {
        let mut first = first;
        bar.inc(u64::try_from(first).unwrap_or(u64::MAX));
        for entries in self.entries[first..].chunks(CENSUS_CHUNK_MAX) {
            // The next part is judged against the ledger: each is in a block before the next one leaves.
            sender.send(self.part(attempt, first, entries)?, Until::Committed)?;
            first += entries.len();
            bar.inc(u64::try_from(entries.len()).unwrap_or(u64::MAX));
        }
        Ok(())
    }

    fn part(&self, attempt: u64, first: usize, entries: &[CensusEntry]) -> Result<Payload, Failure> {
        Ok(Payload::CensusChunk {
            commitment: self.commitment.clone(),
            attempt,
            first: u64::try_from(first).map_err(Failure::usage)?,
            entries: List::new(entries.to_vec()).map_err(Failure::usage)?,
        })
    }
}

type Numbered = Vec<(usize, CensusEntry)>;

fn parse(text: &str) -> Result<Numbered, String> {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with('[') { parse_json(text) } else { parse_lines(text) }
}

fn parse_json(text: &str) -> Result<Numbered, String> {
    let lines: Vec<Line> = serde_json::from_str(text).map_err(|e| e.to_string())?;
    let entry = |it: Line| CensusEntry { college: it.college, member: it.public_key };
    Ok((1..).zip(lines.into_iter().map(entry)).collect())
}

fn parse_lines(text: &str) -> Result<Numbered, String> {
    let mut entries = Vec::new();
    for (at, line) in (1..).zip(text.lines().map(str::trim)) {
        let is_heading = at == 1 && line.starts_with("college");
        if line.is_empty() || is_heading {
            continue;
        }
        let shape = || format!("line {at}: write 'college,public_key', as in 1,8f3a… (64 hex digits)");
        let (college, key) = line.split_once([',', ';']).ok_or_else(shape)?;
        let college = CollegeId::new(college.trim().parse().map_err(|_| shape())?);
        entries.push((at, CensusEntry { college, member: key.trim().parse().map_err(|_| shape())? }));
    }
    Ok(entries)
}
