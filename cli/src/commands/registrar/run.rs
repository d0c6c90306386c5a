//! `urne registrar run`: the registrar itself. Its door is for members, its loop for the ledger; it can be stopped and started
//! at any moment, and its log names nobody.
use super::{
    super::start::{asked_to_stop, tell},
    ledger::{NodeLedger, listed},
};
use crate::{
    Context,
    exit::{Exit, Failure},
    officer::{Errands, Officer, Secrets, keep_on},
    sender::SendArgs,
};
use clap::Args;
use std::{net::SocketAddr, path::PathBuf, sync::Arc, thread};
use tokio::{net::TcpListener, runtime::Runtime, sync::oneshot};
use urne_node::{api::dto::Ceremonies, config::Config, keystore::KeyRole};
use urne_registrar::{
    answering::Answering,
    book::Book,
    codes::Codes,
    courier::{self, Courier, Outbox},
    http::{self, Limits, now},
    ledger::LedgerError,
    office::Office,
    roll::Roll,
};
use urne_types::DraftId;
use urne_vote_contract::{
    records::ElectionState,
    sealed::{TRUSTEES, scopes},
};

/// Runs a registrar.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// A roll that `urne registrar roll` has made; may be repeated
    #[arg(long, value_name = "roll.json", required = true)]
    roll: Vec<PathBuf>,
    /// Address and port for members; put a reverse proxy with TLS before it
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:26680")]
    listen: SocketAddr,
    /// A program that takes each message on its standard input, as in "sendmail -t"
    #[arg(long, value_name = "COMMAND", required_unless_present = "outbox")]
    courier: Option<String>,
    /// A folder for messages that somebody else sends
    #[arg(long, value_name = "DIR", conflicts_with = "courier")]
    outbox: Option<PathBuf>,
    /// Who writes the messages
    #[arg(long, value_name = "ADDRESS", default_value = "registrar@localhost")]
    from: String,
    /// Requests of one address in a second; raise it behind a proxy
    #[arg(long, value_name = "NUMBER", default_value_t = Limits::default().per_second)]
    requests_per_second: u32,
    /// Requests of one address at once, after a rest
    #[arg(long, value_name = "NUMBER", default_value_t = Limits::default().burst)]
    requests_burst: u32,
    #[command(flatten)]
    send: SendArgs,
}

struct Registrar {
    officer: Arc<Officer>,
    ledger: NodeLedger,
    office: Arc<Office<NodeLedger>>,
    answering: Answering,
}

impl RunArgs {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let home = &context.home;
        tell(&Config::default().log)?;
        let _lock = home.lock_registrar()?;
        let rolls = self.roll.iter().map(|it| Roll::read(it).map_err(Failure::environment));
        let rolls: Vec<Roll> = rolls.collect::<Result<_, _>>()?;
        let book = Book::open(&home.registrar_book()).map_err(Failure::environment)?;
        let courier = self.courier()?;
        let (sender, kept) = self.send.sender_and_kept(context, &home.registrar_key(), KeyRole::Registrar)?;
        if let Some(other) = rolls.iter().find(|it| *it.chain() != sender.chain) {
            let (found, expected) = (other.chain(), sender.chain);
            return Err(Failure::environment(format!("a roll is for chain {found}, and the node serves {expected}")));
        }
        let secrets = Secrets::new(home.registrar_ceremonies(), KeyRole::Registrar, kept);
        let officer = Arc::new(Officer::new(sender, secrets));
        let ledger = NodeLedger::new(Arc::clone(&officer));
        let office = Arc::new(Office::open(ledger.clone(), rolls, book, Box::new(Codes::new(&mut rand::rng()))));
        let mut registrar = Registrar { officer, ledger, office: Arc::clone(&office), answering: Answering::default() };
        let (ended, end) = oneshot::channel();
        let own = context.clone();
        // It ends with the process: whatever it does may be cut short at any moment.
        thread::spawn(move || ended.send(keep_on(&own, false, || registrar.round())));
        self.serve(office, courier, end)
    }

    fn courier(&self) -> Result<Arc<dyn Courier>, Failure> {
        let from = self.from.clone();
        let Some(command) = &self.courier else {
            let folder = self.outbox.clone().unwrap_or_default();
            if !folder.is_dir() {
                return Err(Failure::environment(format!("{} is no folder: make it first", folder.display())));
            }
            return Ok(Arc::new(Outbox { folder, from }));
        };
        let mut words = command.split_whitespace().map(str::to_owned);
        let program = words.next().map(PathBuf::from).ok_or_else(|| Failure::usage("--courier names no program"))?;
        Ok(Arc::new(courier::Command { program, arguments: words.collect(), from }))
    }

    fn serve(
        &self,
        office: Arc<Office<NodeLedger>>,
        courier: Arc<dyn Courier>,
        end: oneshot::Receiver<Result<(), Failure>>,
    ) -> Result<(), Failure> {
        let failed = |e: std::io::Error| Failure::environment(format!("{}: {e}", self.listen));
        let limits = Limits { per_second: self.requests_per_second, burst: self.requests_burst, ..Limits::default() };
        let mut ending = Ok(());
        let runtime = Runtime::new().map_err(failed)?;
        runtime.block_on(async {
            let listener = TcpListener::bind(self.listen).await.map_err(failed)?;
            tracing::info!(listen = %self.listen, "the registrar is open");
            let until = async {
                tokio::select! {
                    () = asked_to_stop() => {}
                    ended = end => ending = ended.unwrap_or_else(|_| Err(Failure::environment("the loop has ended"))),
                }
            };
            http::serve(listener, office, courier, limits, until).await.map_err(failed)
        })?;
        ending
    }
}

impl Registrar {
    /// Does what is due on the ledger now.
    fn round(&mut self) -> Result<(), Failure> {
        let due: Ceremonies = self.officer.sender.client.get("/v1/ceremonies")?;
        let mut errands = Errands::default();
        for draft in &due.under_way {
            errands.note(self.speak(draft))?;
        }
        let needs_no_share = |state| !matches!(state, ElectionState::Scheduled | ElectionState::Open);
        errands.note(self.office.settle(now()).map_err(failure))?;
        errands.note(self.answering.round(&self.office, &self.ledger, now()).map_err(failure))?;
        errands.note(self.officer.secrets.forget(&self.officer.proven, &due, needs_no_share))?;
        errands.end()
    }

    fn speak(&self, draft: &DraftId) -> Result<(), Failure> {
        let Some(seat) = self.officer.seat(draft, listed)? else { return Ok(()) };
        for scope in scopes(&seat.definition).into_iter().filter(|it| *it != TRUSTEES) {
            self.officer.speak(draft, &seat, scope)?;
        }
        Ok(())
    }
}

fn failure(e: LedgerError) -> Failure {
    match e {
        LedgerError::Silent(message) => Failure::new(Exit::Unreachable, message),
        LedgerError::Refused(code, name) => Failure::rule(Exit::Rejected, code, &name, "the ledger refuses it"),
        LedgerError::Wrong(message) => Failure::unverified(message),
    }
}
