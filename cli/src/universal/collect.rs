//! The records of an election's archive, asked of one node, in order. The node is believed in nothing: whoever reads the
//! records verifies them.
use crate::{client::Client, exit::Failure};
use std::collections::BTreeSet;
use urne_light::{
    archive::{ARCHIVE_VERSION, ArchivedBlock, Opening, Record},
    definition_key, member_key, state_keys,
};
use urne_node::api::dto;
use urne_types::{
    DraftId, ElectionId, Height, PublicKey,
    bounded::List,
    codec::{Decode, Encode, decode_canonical},
    election::CensusEntry,
    limits::MESSAGE_BYTES_MAX,
    proof::ProvenState,
    transaction::RawTx,
};
use urne_vote_contract::{records::ReplacedKey, sealed::issues_credentials};

/// Keys asked for at once: 32 x 140 digits fit into any URL.
const KEYS_AT_ONCE: usize = 32;

/// Hands over each record of an election that is counted.
pub(crate) fn collect(
    client: &Client,
    id: ElectionId,
    each: &mut dyn FnMut(Record) -> Result<(), Failure>,
) -> Result<(), Failure> {
    // Refused by its number where there is no result yet.
    let _: dto::ElectionResult = client.get(&format!("/v1/elections/{id}/result"))?;
    let election: dto::Election = client.get(&format!("/v1/elections/{id}"))?;
    let genesis: dto::Genesis = client.get("/v1/genesis")?;
    let genesis = decoded(client, &genesis.genesis)?;
    let draft = election.definition.draft_id();
    let mut used = Used::of(client, id)?;
    if issues_credentials(&election.definition) {
        used.follow_credentials(client, id)?;
    }
    let states = states(client, &election, &used)?;
    let newest = states.iter().map(|it| it.header.height).max().unwrap_or(Height::FIRST);

    each(Record::Opening(Box::new(Opening { version: ARCHIVE_VERSION, genesis, election: id })))?;
    client.pages("/v1/handovers", &mut |page: Vec<dto::Handover>| {
        let before = page.into_iter().filter(|it| it.height < newest);
        before.into_iter().try_for_each(|it| each(Record::Handover(Box::new(decoded(client, &it.handover)?))))
    })?;
    states.into_iter().try_for_each(|it| each(Record::State(Box::new(it))))?;
    let census = format!("/v1/censuses/{}/entries", election.definition.census);
    client.pages(&census, &mut |page: Vec<CensusEntry>| {
        each(Record::Census(List::new(page).map_err(|e| client.nonsense(e))?))
    })?;
    let block = |height| block(client, height, &id, &draft);
    if election.definition.secrecy.sealed().is_some() {
        // Nothing lists them; a ceremony has few blocks, and is over before the first approval or ballot.
        let ceremony: dto::Ceremony = client.get(&format!("/v1/ceremonies/{draft}"))?;
        let mut height = ceremony.begun.height;
        while height < election.life.scheduled.height {
            let shown = block(height)?;
            if shown.whole() != 0 {
                each(Record::Block(Box::new(shown)))?;
            }
            height = height.next();
        }
    }
    for height in used.heights {
        each(Record::Block(Box::new(block(height)?)))?;
    }
    each(Record::End)
}

/// Where the ballots are, and the credentials that sign them, and which ballots were signed by a key in another's place.
#[derive(Default)]
struct Used {
    heights: BTreeSet<Height>,
    replaced: BTreeSet<PublicKey>,
}

impl Used {
    fn of(client: &Client, id: ElectionId) -> Result<Self, Failure> {
        let replaced: Vec<ReplacedKey> = client.all("/v1/replaced_keys", |_| {})?;
        let replaced: BTreeSet<PublicKey> = replaced.into_iter().map(|it| it.key).collect();
        let mut used = Self::default();
        client.pages(&format!("/v1/elections/{id}/ballots"), &mut |page: Vec<dto::BallotEntry>| {
            for ballot in page {
                used.heights.insert(ballot.height);
                if !replaced.is_empty() {
                    let tx = RawTx(ballot.raw.0).decode().map_err(|e| client.nonsense(e))?;
                    used.replaced.extend(replaced.get(&tx.unsigned.sender));
                }
            }
            Ok(())
        })?;
        Ok(used)
    }
    /// Blocks with approvals and with registered credentials; and those of alarms, which may have registered none.
    fn follow_credentials(&mut self, client: &Client, id: ElectionId) -> Result<(), Failure> {
        let issuance: dto::Issuance = client.get(&format!("/v1/elections/{id}/issuance"))?;
        self.heights.extend(issuance.colleges.iter().filter_map(|it| Some(it.alarm.as_ref()?.at.height)));
        for log in ["approvals", "registrations"] {
            client.pages(&format!("/v1/elections/{id}/{log}"), &mut |page: Vec<dto::LogLeaf>| {
                self.heights.extend(page.into_iter().map(|it| it.height));
                Ok(())
            })?;
        }
        Ok(())
    }
}

fn states(client: &Client, election: &dto::Election, used: &Used) -> Result<Vec<ProvenState>, Failure> {
    let voted: Vec<_> = election.turnout.colleges.iter().map(|it| (it.college, it.voted.0)).collect();
    let mut keys = vec![definition_key(&election.id)];
    keys.extend(state_keys(&election.id, &election.definition, &voted));
    keys.extend(used.replaced.iter().map(member_key));
    let (mut states, mut rest) = (Vec::new(), keys.as_slice());
    while !rest.is_empty() {
        let asked = &rest[..rest.len().min(KEYS_AT_ONCE)];
        let state = client.state(asked)?;
        if state.entries.is_empty() || asked.len() < state.entries.len() {
            return Err(client.nonsense("another number of entries than asked for"));
        }
        rest = &rest[state.entries.len()..];
        states.push(state);
    }
    Ok(states)
}

fn block(client: &Client, height: Height, id: &ElectionId, draft: &DraftId) -> Result<ArchivedBlock, Failure> {
    let (block, certificate) = client.block(height)?;
    Ok(ArchivedBlock::of(block, certificate, id, draft))
}

fn decoded<T: Decode<()> + Encode>(client: &Client, bytes: &dto::Hex) -> Result<T, Failure> {
    decode_canonical(&bytes.0, MESSAGE_BYTES_MAX).map_err(|e| client.nonsense(e))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        io::{BufRead, BufReader, Write},
        net::TcpListener,
        thread,
    };
    use urne_node::api::dto::{
        CollegeIssuance, Hex, Issuance, LogHead, LogLeaf, Moment, Number, Page, RegistrarsAlarm,
    };
    use urne_types::{CollegeId, MerkleRoot, TxId, UnixMs};

    const ELECTION: ElectionId = ElectionId([7; 32]);

    fn college(number: u16, alarm_at: Option<u64>) -> CollegeIssuance {
        let alarm = |height| RegistrarsAlarm {
            at: Moment { height: Height::new(height), time: UnixMs::new(0) },
            credential: Hex(vec![1; 32]),
            signature: Hex(vec![2; 48]),
            registered: Number(2),
        };
        CollegeIssuance {
            college: CollegeId::new(number),
            threshold: 2,
            registrars: vec![1, 2, 3],
            census: Number(3),
            approved: Number(2),
            answered: Number(2),
            registered: Number(2),
            late: Number(0),
            alarm: alarm_at.map(alarm),
        }
    }
    fn issuance(colleges: Vec<CollegeIssuance>) -> String {
        let (at, log) = (UnixMs::new(0), LogHead { size: Number(0), root: MerkleRoot([0; 32]) });
        let [issuance_at, registration_at, opens_at, closes_at] = [at; 4];
        let (approvals, credentials) = (log, log);
        let said = Issuance {
            election: ELECTION,
            issuance_at,
            registration_at,
            opens_at,
            closes_at,
            minimum_group: 3,
            approvals,
            credentials,
            colleges,
        };
        serde_json::to_string(&said).expect("texts and numbers")
    }
    fn log(heights: &[u64]) -> String {
        let leaf = |(index, height): (usize, &u64)| LogLeaf {
            index: Number::of(index),
            txid: TxId([3; 32]),
            height: Height::new(*height),
            position: 0,
        };
        let page = Page { items: heights.iter().enumerate().map(leaf).collect(), next: None };
        serde_json::to_string(&page).expect("texts and numbers")
    }
    /// A node that is asked as often as it has answers: each by the end of its path.
    fn node(answers: Vec<(&'static str, String)>) -> Client {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        thread::spawn(move || {
            for stream in listener.incoming().take(answers.len()) {
                let mut stream = stream.expect("a client");
                let head: Vec<String> =
                    BufReader::new(&stream).lines().map_while(Result::ok).take_while(|it| !it.is_empty()).collect();
                let path = head[0].split([' ', '?']).nth(1).expect("a path");
                let (_, body) = answers.iter().find(|(end, _)| path.ends_with(end)).expect("it is known");
                let length = body.len();
                let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
                stream.write_all(answer.as_bytes()).expect("the client listens");
            }
        });
        Client::of(&url)
    }
    fn heights(colleges: Vec<CollegeIssuance>) -> Vec<u64> {
        let answers =
            vec![("/issuance", issuance(colleges)), ("/approvals", log(&[11, 11, 12])), ("/registrations", log(&[20]))];
        let mut used = Used::default();
        used.follow_credentials(&node(answers), ELECTION).expect("it answers");
        used.heights.into_iter().map(Height::get).collect()
    }

    #[test]
    fn the_block_of_an_alarm_is_in_the_archive_though_it_registered_nobody() {
        assert_eq!(heights(vec![college(1, None), college(2, Some(31))]), [11, 12, 20, 31]);
        assert_eq!(heights(vec![college(1, Some(30)), college(2, Some(31))]), [11, 12, 20, 30, 31]);
        assert_eq!(heights(vec![college(1, None), college(2, None)]), [11, 12, 20], "and none where all are honest");
    }
}
