//! Clients that are slow, that flood, that send what no rule accepts, against the default limits: each gets its status and its
//! number, nothing is written, and the honest voters' ballots are committed as if nothing were.
use super::{
    DrillArgs,
    stage::{Chain, Stage},
};
use crate::{
    case::any_election,
    client::Client,
    election::Election,
    network::{Place, READY},
    people::{self, Administrators, Signed},
    report::{Report, Seen, ms, percentile},
};
use anyhow::{Context, Result, bail, ensure};
use std::{
    io::{Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};
use urne_types::{
    ChainId, ElectionId, Rejection,
    ballot::{Answer, Ballot, BallotBody},
    bounded::List,
    limits::TX_BYTES_MAX,
    transaction::{Payload, RawTx},
};

/// The default of `http.request_timeout_ms`, and what a loaded machine adds.
const SLOW_MAX: Duration = Duration::from_secs(20);
/// Honest ballots beside an attack.
const HONEST_MAX: Duration = Duration::from_secs(5);
const HOUR_MS: u64 = 3_600_000;

pub(super) fn run(report: &mut Report, place: &Place, _: &DrillArgs) -> Result<()> {
    let mut stage = Stage::set(place, 300)?;
    let clients = stage.network.clients();
    let victim = clients[0].clone();
    let one = stage.take(1)?.remove(0);
    victim.commit(&one, READY)?;
    let wrong = wrong_transactions(&stage, &one)?;
    let before = Chain::agreed(&stage.network, None)?.txs()?;
    for (what, raw, expected) in wrong {
        report.check(&format!("{what}: {} {}", expected.code(), expected.name()), || {
            refuses(&victim, &Signed { id: one.id, raw }, expected)
        });
    }
    report.check("the same ballot again: 200, committed, once", || {
        let answer = victim.submit(&one)?;
        ensure!(answer.status == 200, "status {}", answer.status);
        Ok(Seen::new("status 200"))
    });
    report.check("after all of them nothing is written", || {
        thread::sleep(Duration::from_secs(1));
        let after = Chain::agreed(&stage.network, None)?.txs()?;
        ensure!(before == after, "{} transactions more", after.len() - before.len());
        Ok(Seen::new(format!("the chain holds the same {} transactions", after.len())))
    });
    report.check("a body beyond its limit: 413", || {
        let answer = victim.post("/v1/transactions", &vec![0; 2 << 20], "application/octet-stream");
        match answer {
            Ok(it) if it.status == 413 => Ok(Seen::new("status 413")),
            Ok(it) => bail!("status {}", it.status),
            // The node may close while we still write: then the answer is read from a plain socket.
            Err(_) => {
                let head = "POST /v1/transactions HTTP/1.1\r\nhost: x\r\ncontent-type: application/octet-stream\r\ncontent-length: 2097152\r\n\r\n";
                status_of(&victim, head.as_bytes(), SLOW_MAX).and_then(|it| {
                    ensure!(it == 413, "status {it}");
                    Ok(Seen::new("status 413 before the body was read"))
                })
            }
        }
    });
    report.check("a body that does not come: 408", || {
        let head = "POST /v1/transactions HTTP/1.1\r\nhost: x\r\ncontent-type: application/octet-stream\r\ncontent-length: 200\r\n\r\nabc";
        let since = Instant::now();
        let status = status_of(&victim, head.as_bytes(), SLOW_MAX)?;
        ensure!(status == 408, "status {status}");
        Ok(Seen::new(format!("status 408 after {} ms", ms(since.elapsed()))))
    });
    report.check("flood of one client: 429, honest ballots through another node as fast as ever", || {
        let honest = stage.take(40)?;
        let (statuses, took) = beside(&clients[1], &honest, || flood(&victim, 4_000))?;
        ensure!(statuses.contains(&429), "no 429 among {} answers", statuses.len());
        let refused = statuses.iter().filter(|it| **it == 429).count();
        seen_beside(format!("{refused} of {} requests got 429", statuses.len()), &took)
    });
    report.check(
        "600 connections that say nothing: the node closes or refuses them, honest ballots as fast as ever",
        || {
            let honest = stage.take(40)?;
            let (n, took) = beside(&clients[1], &honest, || idle_connections(&victim, 600))?;
            ensure!(victim.status().is_ok(), "the node does not answer any more");
            seen_beside(format!("{n} connections taken or refused"), &took)
        },
    );
    report.check("more requests at once than are served: 503, then served again", || {
        let honest = stage.take(40)?;
        let (statuses, took) = beside(&clients[1], &honest, || slow_posts(&victim, 400))?;
        let refused = statuses.iter().filter(|it| **it == 503).count();
        ensure!(0 < refused, "no 503 among {} answers: {:?}", statuses.len(), &statuses[..statuses.len().min(8)]);
        ensure!(victim.status().is_ok(), "the node does not answer any more");
        seen_beside(format!("{refused} of {} got 503, the rest 408", statuses.len()), &took)
    });
    report.check("a ballot before the opening: 201 not_open_yet", || {
        let members = people::members(4, &stage.network.colleges(), &mut rand::rng());
        let later = Election::schedule(&stage.network, &any_election(), members, HOUR_MS, |_| ())?;
        refuses(&victim, &ballot_in(&stage, &later)?, Rejection::NotOpenYet)
    });
    report.check("a ballot after the close: 202 election_closed", || {
        stage.election.close(&victim)?;
        refuses(&victim, &stage.take(1)?.remove(0), Rejection::ElectionClosed)
    });
    report.check("one chain on four nodes", || {
        let chain = Chain::agreed(&stage.network, None)?;
        Ok(Seen::new(format!("{} blocks", chain.blocks.len())))
    });
    if report.is_good() { stage.clear() } else { Ok(()) }
}

/// What no rule accepts, each with the rule that must say so.
fn wrong_transactions(stage: &Stage, good: &Signed) -> Result<Vec<(&'static str, RawTx, Rejection)>> {
    let (chain, election) = (stage.network.chain(), &stage.election);
    let member = election.members.last().context("an election has members")?;
    let choices = election.definition.questions[0].choices.len();
    let grades = |grade: u8| Ok::<_, anyhow::Error>(Answer::Grades(List::new(vec![Some(grade); choices])?));
    let casts = |chain: &ChainId, election: &ElectionId, sequence, answers| {
        member.casts(chain, election, sequence, answers).map(|it| it.raw)
    };
    let first = &election.members[0];
    let stranger = people::Member { college: member.college, key: Administrators::stranger() };
    let mut trailing = good.raw.clone();
    trailing.0.push(0);
    let mut forged = casts(&chain, &election.id, 1, vec![grades(2)?])?;
    if let Some(last) = forged.0.last_mut() {
        *last ^= 1;
    }
    let other_election = ElectionId([7; 32]);
    let blank = List::new(vec![Answer::Choice(0)])?;
    let wrong_kind =
        Ballot { election: election.id, college: member.college, sequence: 1, body: BallotBody::Open(blank) };
    Ok(vec![
        ("bytes that are nothing", RawTx(vec![0xff; 90]), Rejection::Malformed),
        ("nothing at all", RawTx(Vec::new()), Rejection::Malformed),
        ("trailing bytes", trailing, Rejection::Malformed),
        ("truncated", RawTx(good.raw.0[..good.raw.0.len() - 1].to_vec()), Rejection::Malformed),
        ("oversized", RawTx(vec![0; TX_BYTES_MAX + 1]), Rejection::TooLarge),
        ("for another chain", casts(&ChainId([3; 32]), &election.id, 1, vec![grades(1)?])?, Rejection::WrongChain),
        ("forged signature", forged, Rejection::BadSignature),
        ("unknown election", casts(&chain, &other_election, 1, vec![grades(1)?])?, Rejection::UnknownElection),
        ("not in the census", stranger.casts(&chain, &election.id, 1, vec![grades(1)?])?.raw, Rejection::NotInCensus),
        ("older sequence", first.casts(&chain, &election.id, 1, vec![grades(0)?])?.raw, Rejection::SequenceTooOld),
        ("sequence that leaps", casts(&chain, &election.id, 1_000_000, vec![grades(1)?])?, Rejection::SequenceTooFar),
        ("unknown grade", casts(&chain, &election.id, 1, vec![grades(6)?])?, Rejection::UnknownChoice),
        (
            "too many answers",
            casts(&chain, &election.id, 1, vec![grades(1)?, grades(1)?])?,
            Rejection::WrongAnswerCount,
        ),
        (
            "another kind of answer",
            people::sign(&chain, &member.key, Payload::Ballot(wrong_kind)).raw,
            Rejection::WrongAnswerKind,
        ),
        ("an act by a stranger", by_stranger(&stage.network.chain()), Rejection::NotAnAdministrator),
    ])
}

fn refuses(victim: &Client, tx: &Signed, expected: Rejection) -> Result<Seen> {
    let answer = victim.patiently(|it| it.submit(tx))?;
    let is_expected = answer.code() == Some(expected.code()) && answer.status == expected.http_status();
    ensure!(is_expected, "status {}, code {:?}", answer.status, answer.code());
    Ok(Seen::new(format!("status {}", answer.status)))
}

fn ballot_in(stage: &Stage, election: &Election) -> Result<Signed> {
    let choices = election.definition.questions[0].choices.len();
    let grades = Answer::Grades(List::new(vec![Some(1); choices])?);
    election.members[0].casts(&stage.network.chain(), &election.id, 1, vec![grades])
}

fn by_stranger(chain: &ChainId) -> RawTx {
    let key = Administrators::stranger();
    people::sign(chain, &key, Payload::ApproveAct { act: urne_types::ActId([1; 32]) }).raw
}

/// Honest ballots one after the other through another node while something happens: how long each took, sorted.
fn beside<T: Send>(
    honest: &Client,
    ballots: &[Signed],
    attack: impl FnOnce() -> Result<T> + Send,
) -> Result<(T, Vec<u64>)> {
    thread::scope(|scope| {
        let attacking = scope.spawn(attack);
        let commit = |it: &Signed| {
            let since = Instant::now();
            honest.commit(it, HONEST_MAX)?;
            Ok(ms(since.elapsed()))
        };
        let took = ballots.iter().map(commit).collect::<Result<Vec<u64>>>();
        let attacked = attacking.join().expect("an attack does not panic")?;
        let mut took = took.context("an honest ballot during the attack")?;
        took.sort_unstable();
        Ok((attacked, took))
    })
}

fn seen_beside(sentence: String, took: &[u64]) -> Result<Seen> {
    let (median, worst) = (percentile(took, 50), percentile(took, 100));
    Ok(Seen::new(format!("{sentence}; honest ballots: median {median} ms, slowest {worst} ms"))
        .number("honest_ms_median", median)
        .number("honest_ms_max", worst))
}

/// So many requests as fast as eight connections go.
fn flood(victim: &Client, requests: usize) -> Result<Vec<u16>> {
    let ask = || (0..requests / 8).map(|_| victim.get("/v1/elections").map(|it| it.status)).collect::<Result<Vec<_>>>();
    thread::scope(|scope| {
        let asking: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
        let answers =
            asking.into_iter().map(|it| it.join().expect("a client does not panic")).collect::<Result<Vec<_>>>()?;
        Ok(answers.concat())
    })
}

fn idle_connections(victim: &Client, n: usize) -> Result<usize> {
    let connections: Vec<_> = (0..n).filter_map(|_| TcpStream::connect(address(victim)).ok()).collect();
    thread::sleep(Duration::from_secs(3));
    Ok(connections.len())
}

/// So many posts at once whose bodies never come: the status of each.
fn slow_posts(victim: &Client, n: usize) -> Result<Vec<u16>> {
    let head = "POST /v1/transactions HTTP/1.1\r\nhost: x\r\ncontent-type: application/octet-stream\r\ncontent-length: 200\r\n\r\nabc";
    let mut open = Vec::new();
    for _ in 0..n {
        if let Ok(mut stream) = TcpStream::connect(address(victim)) {
            stream.set_read_timeout(Some(SLOW_MAX))?;
            if stream.write_all(head.as_bytes()).is_ok() {
                open.push(stream);
            }
        }
    }
    Ok(open.iter_mut().filter_map(|it| read_status(it).ok()).collect())
}

fn address(client: &Client) -> &str {
    client.api().trim_start_matches("http://")
}

/// Sends raw bytes, reads the status of the answer.
fn status_of(client: &Client, request: &[u8], at_most: Duration) -> Result<u16> {
    let mut stream = TcpStream::connect(address(client))?;
    stream.set_read_timeout(Some(at_most))?;
    stream.write_all(request)?;
    read_status(&mut stream)
}

fn read_status(stream: &mut TcpStream) -> Result<u16> {
    let mut head = [0; 12];
    stream.read_exact(&mut head).context("the node closed without an answer")?;
    let text = std::str::from_utf8(&head).context("the answer is not HTTP")?;
    text.strip_prefix("HTTP/1.1 ")
        .and_then(|it| it.parse().ok())
        .with_context(|| format!("'{text}' is not a status line"))
}
