//! `urne credential request`: codes, the blinded request, the answers on the ledger, and out of them the signature, kept in the
//! voter's key file. Whoever has lost all but the key file, or its backup, and the letter gets the same again.
use super::{
    Election, Holder, MemberArgs,
    ask::{Asking, is_terminal},
    refused, shown,
};
use crate::{
    Context,
    commands::registrar::path_of,
    exit::{Exit, Failure},
    sender::{Channel, SendArgs, now},
};
use clap::Args;
use serde::Serialize;
use std::{
    fmt,
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};
use urne_ballot::{BlindAnswer, BlindRequest, CandidateAnswer, Registrars, ThresholdKeys};
use urne_node::api::dto;
use urne_registrar::entry::{Salt, commitment};
use urne_types::{CollegeId, ElectionId, PublicKey, Rejection, UnixMs, election::CensusEntry};

/// How often the ledger is asked for answers.
const GLANCE: Duration = Duration::from_millis(200);

/// Asks for a credential.
#[derive(Debug, Args)]
pub(crate) struct RequestArgs {
    #[command(flatten)]
    member: MemberArgs,
    /// The voter's key file, which keeps the signature
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Address of a registrar; may be repeated, and as many as sign together are needed
    #[arg(long, value_name = "URL", required_unless_present = "salt")]
    registrar: Vec<String>,
    /// The code that a registrar has sent, in the order of --registrar; without it codes are asked for
    #[arg(long, value_name = "CODE")]
    code: Vec<String>,
    /// The salt of her letter: with it the answers to an earlier request are found without any registrar
    #[arg(long, value_name = "HEX")]
    salt: Option<Salt>,
    #[command(flatten)]
    send: SendArgs,
}

/// A signature is in the key file.
#[derive(Serialize)]
struct Signed {
    election: ElectionId,
    college: CollegeId,
    entry: PublicKey,
    credential: PublicKey,
    registration_at: UnixMs,
}

/// Codes are on their way.
#[derive(Serialize)]
struct CodesAsked {
    asked: usize,
}

impl RequestArgs {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let (channel, election) = Election::enter(&self.send, context, &self.member.election)?;
        let college = self.member.college();
        let keys = election.keys_of(college)?;
        let mut holder = Holder::open(&self.send, &self.key)?;
        let (credential, pending) = holder.request(&channel.chain, &election.id, college);
        let request = *pending.request();

        let own = self.salt.map(|it| commitment(&channel.chain, college, &self.member.identity, &it));
        let earlier = own.map(|it| look(&channel, &election.id, &it, &request, keys)).transpose()?.flatten();
        let (entry, answers) = match (own, earlier) {
            (Some(entry), Some(answers)) => (entry, answers),
            _ => {
                let Some(entry) = self.approved(context, &election, college, &request)? else { return Ok(()) };
                if own.is_some_and(|it| it != entry) {
                    return Err(Failure::unverified(
                        "the registrars' entry is not the one of this salt: tell your office",
                    ));
                }
                (entry, self.wait(&channel, &entry, &request, keys)?)
            }
        };
        let signature = pending.finish(&answers, keys).map_err(refused)?;
        let node = channel.client.url();
        holder.file.keep_credential(&holder.key, &election.id, college, &signature.bytes(), node)?;
        context.output.say(&Signed {
            election: election.id,
            college,
            entry: entry.member,
            credential: shown(&credential),
            registration_at: election.rules.registration_at,
        });
        Ok(())
    }

    /// The entry in whose name enough registrars have approved; none when codes were asked for and have to be waited for.
    fn approved(
        &self,
        context: &Context,
        election: &Election,
        college: CollegeId,
        request: &BlindRequest,
    ) -> Result<Option<CensusEntry>, Failure> {
        let now = now();
        if now < election.rules.issuance_at {
            let begins = format!("{}; it begins at {}", Rejection::IssuanceNotOpen, election.rules.issuance_at);
            let rule = Rejection::IssuanceNotOpen;
            return Err(Failure::rule(Exit::Rejected, rule.code(), rule.name(), begins));
        }
        if election.closes_at() <= now {
            return Err(Rejection::ElectionClosed.into());
        }
        let (registrars, identity) = (&self.registrar, &self.member.identity);
        let asking = Asking { context, registrars, election: election.id, college, identity };
        let codes = if self.code.is_empty() {
            let asked = asking.codes()?;
            if !is_terminal() {
                context.output.say(&CodesAsked { asked });
                return Ok(None);
            }
            asking.typed()?
        } else {
            self.code.clone()
        };
        let (entry, _) = asking.approvals(&codes, request)?;
        Ok(Some(entry))
    }

    /// Until enough answers are on the ledger, whoever they are from.
    fn wait(
        &self,
        channel: &Channel,
        entry: &CensusEntry,
        request: &BlindRequest,
        keys: &ThresholdKeys<Registrars>,
    ) -> Result<Vec<BlindAnswer>, Failure> {
        let since = Instant::now();
        loop {
            if let Some(answers) = look(channel, &self.member.election, entry, request, keys)? {
                return Ok(answers);
            }
            if channel.timeout() < since.elapsed() {
                let (needed, seconds) = (keys.threshold(), channel.timeout().as_secs());
                return Err(Failure::new(
                    Exit::Unreachable,
                    format!(
                        "fewer than {needed} registrars have answered after {seconds} s: show the request to more of them \
                         (--registrar), or run this again later"
                    ),
                ));
            }
            thread::sleep(GLANCE);
        }
    }
}

/// The verified answers to this request, if there are enough.
fn look(
    channel: &Channel,
    election: &ElectionId,
    entry: &CensusEntry,
    request: &BlindRequest,
    keys: &ThresholdKeys<Registrars>,
) -> Result<Option<Vec<BlindAnswer>>, Failure> {
    let shown: dto::CensusEntry = channel.client.get(&path_of(election, entry))?;
    if shown.approved.as_ref().is_some_and(|it| it.request.0 != request.bytes()) {
        return Err(Failure::unverified(
            "another request was approved in this member's name: if you did not make it, tell your office; if you did, use \
             the key file that made it",
        ));
    }
    let answer = |it: &dto::RegistrarAnswer| CandidateAnswer::decode(&it.answer.0)?.verify(request, keys);
    let verified: Vec<BlindAnswer> = shown.answers.iter().filter_map(|it| answer(it).ok()).collect();
    Ok((usize::from(keys.threshold()) <= verified.len()).then_some(verified))
}

impl fmt::Display for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "the registrars have signed your credential without seeing it; the signature is in your key file")?;
        writeln!(f, "  credential  {}  (nobody can tell that it is yours)", self.credential)?;
        write!(f, "From {} on: urne credential register --election {} --key …", self.registration_at, self.election)
    }
}
impl fmt::Display for CodesAsked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} registrars send a code, if they know this member: give the codes by --code, in the order of --registrar",
            self.asked
        )
    }
}
