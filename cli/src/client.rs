//! One node's API, asked over plain HTTP. Every call is bounded in time and size; a node that does not answer, an answer
//! that makes no sense and a refusal by a numbered rule are three different endings.
use crate::{
    Context,
    exit::{Exit, Failure},
};
use clap::Args;
use serde::{Serialize, de::DeserializeOwned};
use std::{net::IpAddr, thread, time::Duration};
use urne_node::{
    api::{
        BINARY_CONTENT_TYPE,
        dto::{Page, Problem, TxState},
    },
    config::Loaded,
};
use urne_types::{TxId, transaction::RawTx};

/// Longest wait for one answer.
const TIMEOUT: Duration = Duration::from_secs(15);
/// Largest answer that is read.
const ANSWER_BYTES_MAX: u64 = 64 << 20;
/// A node that is too busy is asked again so many times, a little later each time: 10 s in all.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(50);
/// The problem of a client that asks too fast (`node/src/api/problem.rs`).
const RATE_LIMITED: &str = "rate_limited";
/// Items of a page: the most a node gives.
const PAGE_ITEMS: usize = 1_000;

/// Which node is asked.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ApiArgs {
    /// URL of a node's API; this folder's node by default
    #[arg(long, global = true, env = "URNE_API", value_name = "URL")]
    api: Option<String>,
}

impl ApiArgs {
    /// A client of that node.
    pub(crate) fn client(&self, context: &Context) -> Result<Client, Failure> {
        match &self.api {
            Some(url) if url.contains("://") => Ok(Client::of(url)),
            Some(address) => Ok(Client::of(&format!("http://{address}"))),
            None => Ok(Client::of(&own_node(context)?)),
        }
    }
}

/// The URL of this folder's node, or of the default one where there is no folder.
fn own_node(context: &Context) -> Result<String, Failure> {
    let file = Some(context.home.config_file()).filter(|it| it.exists());
    let mut listen = Loaded::load(file.as_deref(), std::env::vars(), &[])?.config.api.listen;
    if listen.ip().is_unspecified() {
        let loopback: [IpAddr; 2] = [[127, 0, 0, 1].into(), std::net::Ipv6Addr::LOCALHOST.into()];
        listen.set_ip(loopback[usize::from(listen.is_ipv6())]);
    }
    Ok(format!("http://{listen}"))
}

/// One node's API.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    agent: ureq::Agent,
    url: String,
}

/// An answer of any status.
struct Answer {
    status: u16,
    body: Vec<u8>,
}

impl Answer {
    /// Whether asking again soon may help. A rule of the ledger answers 429 too (too many acts wait, say): it will say the
    /// same until somebody acts.
    fn is_busy(&self) -> bool {
        match self.status {
            503 => true,
            429 => serde_json::from_slice::<Problem>(&self.body).is_ok_and(|it| it.name == RATE_LIMITED),
            _ => false,
        }
    }
}

impl Client {
    /// Of an URL.
    pub(crate) fn of(url: &str) -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(TIMEOUT)).build();
        Self { agent: config.into(), url: url.trim_end_matches('/').to_owned() }
    }
    /// Its URL.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
    /// Asks for one thing.
    pub(crate) fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        self.read(self.patiently(|| self.agent.get(self.at(path)).call())?)
    }
    /// Asks for a whole list, page after page; `of` is told how many have come.
    pub(crate) fn all<T: DeserializeOwned>(&self, path: &str, mut of: impl FnMut(usize)) -> Result<Vec<T>, Failure> {
        let mut items = Vec::new();
        self.pages(path, &mut |page| {
            items.extend(page);
            of(items.len());
            Ok(())
        })?;
        Ok(items)
    }
    /// Asks for a whole list, and forgets each page once it was looked at.
    pub(crate) fn pages<T: DeserializeOwned>(
        &self,
        path: &str,
        each: &mut dyn FnMut(Vec<T>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut from = Some(0);
        let and = if path.contains('?') { '&' } else { '?' };
        while let Some(start) = from {
            let page: Page<T> = self.get(&format!("{path}{and}from={start}&limit={PAGE_ITEMS}"))?;
            each(page.items)?;
            // A list only goes forward: anything else would never end.
            from = page.next.map(|it| it.0).filter(|it| start < *it);
        }
        Ok(())
    }
    /// Sends one thing, and reads what is said to it.
    pub(crate) fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, Failure> {
        let body = serde_json::to_string(body).expect("bodies are made of texts and numbers");
        let post = || self.agent.post(self.at(path)).content_type("application/json").send(&body);
        self.read(self.patiently(post)?)
    }
    /// Sends a transaction. Taken is not included.
    pub(crate) fn submit(&self, raw: &RawTx) -> Result<TxState, Failure> {
        let post = || self.agent.post(self.at("/v1/transactions")).content_type(BINARY_CONTENT_TYPE).send(&raw.0[..]);
        self.read(self.patiently(post)?)
    }
    /// What became of a transaction; none when the node has never heard of it.
    pub(crate) fn fate(&self, id: &TxId) -> Result<Option<TxState>, Failure> {
        let answer = self.patiently(|| self.agent.get(self.at(&format!("/v1/transactions/{id}"))).call())?;
        if answer.status == 404 { Ok(None) } else { self.read(answer).map(Some) }
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    fn patiently(
        &self,
        ask: impl Fn() -> Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> Result<Answer, Failure> {
        for attempt in 1.. {
            let answer = self.answer(ask())?;
            if TRIES <= attempt || !answer.is_busy() {
                return Ok(answer);
            }
            thread::sleep(PAUSE * attempt);
        }
        unreachable!("the last attempt returns")
    }

    fn answer(&self, said: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Answer, Failure> {
        let unreachable = |e: ureq::Error| {
            let url = &self.url;
            Failure::new(
                Exit::Unreachable,
                format!("{url} does not answer ({e}): start what should be there, or give another address"),
            )
        };
        let said = said.map_err(unreachable)?;
        let status = said.status().as_u16();
        let body = said.into_body().into_with_config().limit(ANSWER_BYTES_MAX).read_to_vec().map_err(unreachable)?;
        Ok(Answer { status, body })
    }

    fn read<T: DeserializeOwned>(&self, answer: Answer) -> Result<T, Failure> {
        if answer.status / 100 != 2 {
            return Err(self.refusal(&answer));
        }
        serde_json::from_slice(&answer.body).map_err(|e| self.nonsense(e))
    }

    /// A rule that refuses, or a node that cannot serve.
    fn refusal(&self, answer: &Answer) -> Failure {
        let status = answer.status;
        let exit = match status {
            408 | 500.. => Exit::Unreachable,
            _ if answer.is_busy() => Exit::Unreachable,
            _ => Exit::Rejected,
        };
        match serde_json::from_slice::<Problem>(&answer.body) {
            Ok(Problem { code, name, title, hint: None, .. }) => Failure::rule(exit, code, &name, title),
            Ok(Problem { code, name, title, hint: Some(hint), .. }) => {
                Failure::rule(exit, code, &name, format!("{title} ({hint})"))
            }
            Err(_) => {
                Failure::new(Exit::Unreachable, format!("{} does not answer like urne (status {status})", self.url))
            }
        }
    }
}
