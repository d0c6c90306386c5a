//! Right and wrong questions and ballots.
use crate::support::{json::*, *};
use serde_json::{Value, json};
use urne_ballot::forge::{Forgery, challenges, seal_values, spoil};
use urne_ballot::*;
use urne_types::{ChainId, ElectionId};

const REFUSED: Blank = Blank::Refused;
const ALLOWED: Blank = Blank::Allowed;

/// Name, questions, and the answers of its ballots.
type Case = (&'static str, Vec<Question>, Vec<Vec<Answer>>);

fn cases() -> Vec<Case> {
    let approval = |at_least, at_most, blank| Question::Approval { choices: 4, at_least, at_most, blank };
    vec![
        ("referendum", vec![one_of(2, REFUSED)], vec![vec![Answer::One(0)], vec![Answer::One(1)]]),
        ("referendum with blank", vec![one_of(2, ALLOWED)], vec![vec![Answer::One(1)], vec![Answer::Blank]]),
        ("one of three", vec![one_of(3, REFUSED)], vec![vec![Answer::One(0)], vec![Answer::One(2)]]),
        ("approval", vec![approval(0, 4, ALLOWED)], vec![vec![Answer::Chosen(vec![0, 3])], vec![Answer::Blank]]),
        ("one or two of four", vec![approval(1, 2, ALLOWED)], vec![vec![Answer::Chosen(vec![1])], vec![Answer::Blank]]),
        (
            "majority judgment",
            vec![judgment(2, 5)],
            vec![vec![Answer::Grades(vec![Some(4), Some(0)])], vec![Answer::Grades(vec![Some(2), Some(3)])]],
        ),
        (
            "majority judgment with no opinion and blank",
            vec![Question::Judgment { choices: 2, grades: 3, no_opinion: NoOpinion::Allowed, blank: ALLOWED }],
            vec![vec![Answer::Grades(vec![Some(2), None])], vec![Answer::Blank]],
        ),
        (
            "score",
            vec![Question::Score { choices: 2, max: 5, points: None, blank: ALLOWED }],
            vec![vec![Answer::Scores(vec![5, 3])], vec![Answer::Blank]],
        ),
        (
            "cumulative",
            vec![Question::Score { choices: 3, max: 5, points: Some(6), blank: REFUSED }],
            vec![vec![Answer::Scores(vec![5, 0, 1])], vec![Answer::Scores(vec![0, 0, 0])]],
        ),
        (
            "condorcet",
            vec![Question::Condorcet { choices: 4, blank: ALLOWED }],
            vec![vec![Answer::Ranked(vec![2, 0, 3, 1])], vec![Answer::Blank]],
        ),
        (
            "budget",
            vec![Question::Budget { costs: vec![30_000, 50_000, 20_000], budget: 70_000, blank: ALLOWED }],
            vec![vec![Answer::Chosen(vec![1, 2])], vec![Answer::Chosen(vec![])], vec![Answer::Blank]],
        ),
        (
            "ranking",
            vec![Question::Ranking { choices: 4, ranks: 3, at_least: 0 }],
            vec![vec![Answer::Ranked(vec![3, 1])], vec![Answer::Ranked(vec![0, 1, 2])], vec![Answer::Blank]],
        ),
        (
            "two questions",
            vec![one_of(3, ALLOWED), approval(1, 2, REFUSED)],
            vec![vec![Answer::One(1), Answer::Chosen(vec![0, 2])]],
        ),
    ]
}

pub fn questions() -> Value {
    let right = cases().into_iter().map(|(name, questions, _)| {
        let compiled = Compiled::new(&questions).unwrap();
        json!({
            "name": name,
            "questions": questions.iter().map(question_to).collect::<Vec<_>>(),
            "bits": compiled.bits(),
            "bit": forms_to(compiled.bit_forms()),
            "zero": forms_to(compiled.zero_forms()),
            "enc": forms_to(compiled.enc_forms()),
            "compiled": hex::encode(compiled.encode()),
            "digest": hex::encode(compiled.digest()),
        })
    });
    let blank = REFUSED;
    let budget = |costs: Vec<u64>, budget| Question::Budget { costs, budget, blank };
    let wrong: Vec<(&str, Vec<Question>)> = vec![
        ("no question", vec![]),
        ("one choice", vec![one_of(1, REFUSED)]),
        ("more marks than choices", vec![Question::Approval { choices: 3, at_least: 0, at_most: 4, blank }]),
        ("at least more than at most", vec![Question::Approval { choices: 3, at_least: 2, at_most: 1, blank }]),
        ("one grade", vec![judgment(2, 1)]),
        ("a best score of zero", vec![Question::Score { choices: 2, max: 0, points: None, blank }]),
        ("a best score of 4,097", vec![Question::Score { choices: 2, max: 4_097, points: None, blank }]),
        ("a project that the budget cannot pay", vec![budget(vec![5], 4)]),
        ("a project for nothing", vec![budget(vec![0], 4)]),
        ("wrap-around: coefficients of 2^62", vec![budget(vec![1, 1], 1 << 61)]),
        ("wrap-around: costs of 2^62 together", vec![budget(vec![1 << 61, 1 << 61], 1 << 61)]),
        ("wrap-around: a budget of 2^64 - 1", vec![budget(vec![1], u64::MAX)]),
        ("too many candidates to order", vec![Question::Condorcet { choices: 100, blank }]),
        ("too many choices", vec![one_of(1_000, REFUSED)]),
        ("ranked beside additive", vec![one_of(2, REFUSED), Question::Ranking { choices: 2, ranks: 2, at_least: 0 }]),
        ("more ranks than candidates", vec![Question::Ranking { choices: 3, ranks: 4, at_least: 0 }]),
    ];
    let wrong = wrong.into_iter().map(|(name, questions)| {
        let refusal = Compiled::new(&questions).unwrap_err().code();
        json!({"name": name, "questions": questions.iter().map(question_to).collect::<Vec<_>>(), "refusal": refusal})
    });
    let ranked = Question::Ranking { choices: 3, ranks: 3, at_least: 0 };
    let published = Compiled::new(std::slice::from_ref(&ranked)).unwrap().admit(CensusMode::PublishedKeys);
    let named = json!({
        "name": "ranked ballots under published keys",
        "questions": [question_to(&ranked)],
        "census": "published_keys",
        "refusal": published.unwrap_err().code(),
    });
    json!({"right": right.collect::<Vec<_>>(), "wrong": wrong.chain([named]).collect::<Vec<_>>()})
}

fn election_to(name: &str, statement: &Statement) -> Value {
    let questions: Vec<Value> = statement.compiled().questions().iter().map(question_to).collect();
    json!({
        "name": name,
        "questions": questions,
        "chain": hex::encode(statement.chain().0),
        "election": hex::encode(statement.election().0),
        "keys": statement.keys().iter().map(|it| hex::encode(it.bytes())).collect::<Vec<_>>(),
        "statement": hex::encode(statement.digest()),
        "blinder": hex::encode(group::generator("blinder", 0).bytes()),
        "bit_generators":
            (0..statement.compiled().bits()).map(|j| hex::encode(group::generator("bit", j as u32).bytes())).collect::<Vec<_>>(),
        "ballot_length": statement.ballot_length(),
    })
}

pub fn ballots() -> Value {
    let mut elections = Vec::new();
    let mut right = Vec::new();
    for (at, (name, questions, all)) in cases().into_iter().enumerate() {
        let statement = statement(&questions);
        elections.push(election_to(name, &statement));
        for (number, answers) in (1_u32..).zip(all) {
            let root = [at as u8 + 1; 32];
            let credential = RootSecret::from_bytes(root).credential(&CHAIN, &ELECTION, COLLEGE);
            let seed: [u8; 32] = *blake3::hash(format!("seed {name} {number}").as_bytes()).as_bytes();
            let sealed = statement.seal(answers.clone(), credential.public(), number, Seed::from_bytes(seed)).unwrap();
            let ballot = sealed.cast(&statement, &credential, &mut Chance::named(name)).unwrap();
            let [y, x, e] = challenges(&statement, &ballot).unwrap();
            right.push(json!({
                "name": format!("{name}, ballot {number}"),
                "election": at,
                "root": hex::encode(root),
                "college": COLLEGE.get(),
                "credential": hex::encode(credential.public().bytes()),
                "sequence": number,
                "context": hex::encode(statement.context(number)),
                "seed": hex::encode(seed),
                "answers": answers.iter().map(answer_to).collect::<Vec<_>>(),
                "assignment": hex::encode(statement.compiled().assign(&answers).unwrap().expose()),
                "y": hex::encode(y), "x": hex::encode(x), "e": hex::encode(e),
                "ballot": hex::encode(&ballot.bytes),
                "tracker": ballot.tracker.to_string(),
                "tracker_hash": hex::encode(ballot.tracker.hash()),
            }));
        }
    }
    json!({"elections": elections, "right": right, "wrong": wrong_ballots()})
}

/// What every ballot of the list below is refused for, in the election it names.
fn wrong_ballots() -> Vec<Value> {
    let mut wrong = Vec::new();
    let mut add = |name: String, election: usize, statement: &Statement, sequence: u32, bytes: &[u8]| {
        let refusal = statement.verify(CandidateBallot { sequence, bytes }).map(|_| ()).unwrap_err().code();
        wrong.push(json!({
            "name": name, "election": election, "sequence": sequence, "ballot": hex::encode(bytes), "refusal": refusal,
        }));
    };
    let index = |wanted: &str| cases().iter().position(|(name, ..)| *name == wanted).unwrap();
    let at = |wanted: &str| (index(wanted), statement(&cases()[index(wanted)].1));

    // Every word of a ballot with zero forms exchanged for another valid one.
    let (two, statement_two) = at("two questions");
    let answers = cases()[two].2[0].clone();
    let ballot = cast(&statement_two, &voter(1), 1, answers.clone());
    let (m, n) = (statement_two.compiled().cells(), statement_two.compiled().bits());
    let mut names = vec!["A".to_owned()];
    names.extend((1..=m).map(|i| format!("B_{i}")));
    names.extend(["V", "W", "S", "T", "D1", "D0", "u"].map(String::from));
    names.extend((1..=n).map(|j| format!("f_{j}")));
    names.extend(["phi", "w", "delta", "K", "R", "sigma"].map(String::from));
    for (word, name) in names.iter().enumerate() {
        let is_point = word < m + 7 || name == "K" || name == "R";
        let mut other = [0; 32];
        other[0] = 1;
        if is_point {
            other = *group::generator("other", 0).bytes();
        }
        let mut bytes = ballot.bytes.clone();
        bytes[32 * word..][..32].copy_from_slice(&other);
        add(format!("{name} changed"), two, &statement_two, 1, &bytes);
    }
    // Encodings, on one of three: A B1 B2 V W S T D1 D0 f1 f2 phi w delta K R sigma.
    let (one, statement_one) = at("one of three");
    let ballot = cast(&statement_one, &voter(1), 1, vec![Answer::One(0)]);
    let mut change = |name: &str, change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = ballot.bytes.clone();
        change(&mut bytes);
        add(name.to_owned(), one, &statement_one, 1, &bytes);
    };
    let order = hex::decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010").unwrap();
    change("empty", &|it| it.clear());
    change("one byte short", &|it| it.truncate(it.len() - 1));
    change("one byte more", &|it| it.push(0));
    change("a point that is none", &|it| it[32..64].fill(0xff));
    change("a negative point", &|it| it[32] ^= 1);
    let modulus = hex::decode("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f").unwrap();
    change("a point that is not reduced", &|it| it[32..64].copy_from_slice(&modulus));
    change("a point with its highest bit set", &|it| it[63] |= 0x80);
    change("sigma is the group's order", &|it| it[512..].copy_from_slice(&order));
    change("f_1 not canonical", &|it| it[288..320].fill(0xff));
    change("A is the identity", &|it| it[..32].fill(0));
    change("K is the identity", &|it| it[448..480].fill(0));
    change("components swapped", &|it| {
        let (a, b) = it[32..96].split_at_mut(32);
        a.swap_with_slice(b);
    });
    change("one cell twice", &|it| it.copy_within(32..64, 64));
    change("a cell equal to A", &|it| it.copy_within(..32, 32));
    change("R equal to K", &|it| it.copy_within(448..480, 480));
    change("sigma zero", &|it| it[512..].fill(0));
    change("responses swapped", &|it| {
        let (a, b) = it[288..352].split_at_mut(32);
        a.swap_with_slice(b);
    });
    // Elsewhere.
    add("an older sequence's ballot shown as a newer one".into(), one, &statement_one, 2, &ballot.bytes);
    let questions = cases()[one].1.clone();
    let elsewhere = |chain, election| {
        Statement::new(Compiled::new(&questions).unwrap(), chain, election, statement_one.keys()).unwrap()
    };
    let foreign = cast(&elsewhere(CHAIN, ElectionId([9; 32])), &voter(1), 1, vec![Answer::One(0)]);
    add("made for another election".into(), one, &statement_one, 1, &foreign.bytes);
    let foreign = cast(&elsewhere(ChainId([9; 32]), ELECTION), &voter(1), 1, vec![Answer::One(0)]);
    add("made for another chain".into(), one, &statement_one, 1, &foreign.bytes);
    let reversed: Vec<Element> = statement_one.keys().iter().rev().copied().collect();
    let keyed = Statement::new(Compiled::new(&questions).unwrap(), CHAIN, ELECTION, &reversed).unwrap();
    let foreign = cast(&keyed, &voter(1), 1, vec![Answer::One(0)]);
    add("made for other keys".into(), one, &statement_one, 1, &foreign.bytes);
    let (referendum, blank) = at("referendum with blank");
    add("made for another question of the same length".into(), referendum, &blank, 1, &ballot.bytes);
    let mut copied = ballot.bytes.clone();
    copied[448..480].copy_from_slice(voter(2).public().bytes());
    add("copied under another credential".into(), one, &statement_one, 1, &copied);
    // One equation at a time.
    for (name, forgery) in [
        ("phi + 1, signed again: (1)", Forgery::Bits),
        ("w + 1, signed again: (2)", Forgery::Randomness),
        ("delta + 1, signed again: (4)", Forgery::Squares),
        ("sigma changed: (6)", Forgery::Signature),
    ] {
        let forged = spoil(&statement_one, &ballot, &voter(1), forgery).unwrap();
        add(name.into(), one, &statement_one, 1, &forged.bytes);
    }
    let of_two = cast(&statement_two, &voter(1), 1, answers);
    let forged = spoil(&statement_two, &of_two, &voter(1), Forgery::Zero).unwrap();
    add("u + 1, signed again: (5)".into(), two, &statement_two, 1, &forged.bytes);
    // Values that the question does not allow, proven as well as can be.
    let mut forge = |name: &str, election: &str, values: &[i64], more: i64| {
        let (index, statement) = at(election);
        let forged = seal_values(&statement, &voter(1), 1, values, more, &[4; 32]);
        add(name.to_owned(), index, &statement, 1, &forged.bytes);
    };
    forge("a cell that says one more: (3)", "one of three", &[1, 0], 1);
    forge("a value of 2", "one of three", &[2, 0], 0);
    forge("two marks", "one of three", &[1, 1], 0);
    forge("a mark of -1", "one of three", &[-1, 0], 0);
    forge("2 and -1", "one of three", &[2, -1], 0);
    forge("approval beside blank", "approval", &[1, 0, 0, 0, 1], 0);
    forge("three marks of at most two", "one or two of four", &[1, 1, 1, 0, 0, 0], 0);
    forge("three marks and a slack of -1", "one or two of four", &[1, 1, 1, 0, 0, -1], 0);
    forge("no mark and a slack of 2", "one or two of four", &[0, 0, 0, 0, 0, 2], 0);
    forge("two grades for one candidate", "majority judgment", &[1, 1, 0, 0, 0, 0, 0, 0], 0);
    forge("a score of 7 of 5", "score", &[1, 1, 3, 0, 0, 0, 0], 0);
    forge("a score of 7 in the cell only", "score", &[1, 1, 1, 0, 0, 0, 0], 2);
    forge("more points than there are", "cumulative", &[1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0], 0);
    forge("a cycle of four", "condorcet", &[1, 1, 0, 1, 1, 1, 0, 0, 1, 0, 0, 1, 0, 1, 0, 0], 0);
    forge("a project that the budget cannot pay", "budget", &[&[1, 1, 0, 0][..], &[0; 17]].concat(), 0);
    forge("a candidate at two ranks", "ranking", &[1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 0);
    forge("two candidates at one rank", "ranking", &[1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0], 0);
    forge("a gap in the ranking", "ranking", &[1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0], 0);
    wrong
}
