//! Files of ballots in others' formats: small ones counted by hand, and wrong ones with the number and the line they must earn.
use serde_json::{Value, json};
use urne_exchange::{CountRefusal, Format, Options, count_file};

fn of_kind(kind: &str) -> Options {
    Options { kind: Some(kind.to_owned()), ..Options::default() }
}

fn counted(text: &[u8], format: Format, options: &Options) -> Value {
    let answer = count_file(text, format, options).unwrap_or_else(|e| panic!("{e}"));
    serde_json::from_str(&answer.to_string()).expect("JSON")
}

fn refused(text: &[u8], format: Format, options: &Options) -> CountRefusal {
    count_file(text, format, options).expect_err("refused")
}

/// 20 papers, 2 seats, quota 7; `docs/counting.md` counts it by hand.
const BLT: &str = "\u{feff}5 2   # five stand for two seats\r\n-4\r\n\r\n7 1 2 0\r\n4 1 0\n5 2=3 0\n2 3 - 2 0\n1 4 3 0\n1 0\n0\n\"Ana # 1\"\n\"Bilal\"\n\"Chloé\"\n\"Dora\"\n\"Eve\"\n\"Conseil\"\n";

#[test]
fn an_stv_file_is_counted_without_those_who_withdrew() {
    // Without Dora: Ana 11, Chloé 2 + 1 (the paper that began with Dora); the five that tie Bilal and Chloé are cut at once, the
    // empty one is blank: 14 valid, quota 5. Ana's surplus of 6 gives 7 papers ⌊6 ÷ 11⌋ = 0.54545 each: Bilal 3.81815. Eve leaves
    // without a paper, then Chloé with 3.
    let answer = counted(BLT.as_bytes(), Format::Blt, &of_kind("stv_scottish"));
    assert_eq!((&answer["valid"], &answer["blank"], &answer["quota"]), (&json!(14), &json!(6), &json!(5)));
    assert_eq!(answer["elected"], json!(["Ana # 1", "Bilal"]));
    assert_eq!(answer["stages"][1]["votes"], json!(["5.00000", "3.81815", "3.00000", "0.00000"]));
    assert_eq!((&answer["withdrawn"], &answer["title"]), (&json!(["Dora"]), &json!("Conseil")));
}

#[test]
fn the_same_file_is_counted_by_duels() {
    let answer = counted(BLT.as_bytes(), Format::Blt, &of_kind("ranked_single"));
    // Ana above all on 11 papers; below Bilal on 7 and below Chloé on 8; Bilal and Chloé equal on 5, Bilal above on 7, Chloé above on 3.
    assert_eq!(answer["pairwise"], json!([[0, 11, 11, 11], [7, 0, 7, 14], [8, 3, 0, 8], [0, 0, 0, 0]]));
    assert_eq!(answer["condorcet_winner"], json!("Ana # 1"));
}

#[test]
fn broken_stv_files_are_refused_by_line() {
    let stv = of_kind("stv_scottish");
    let ended = "\n0\n\"A\"\n\"B\"\n\"T\"\n";
    let cases = [
        ("nothing", String::new(), 112, Some(1)),
        ("half a header", format!("2{ended}"), 112, Some(1)),
        ("letters", format!("two 1{ended}"), 112, Some(1)),
        ("more candidates than paper", format!("99999999999 1{ended}"), 112, Some(1)),
        ("no seats", format!("2 0{ended}"), 14, Some(1)),
        ("a ballot without end", format!("2 1\n1 1 2{ended}"), 112, Some(2)),
        ("an unknown candidate", format!("2 1\n1 1 0\n1 3 0{ended}"), 112, Some(3)),
        ("candidate zero", format!("2 1\n1 0 1 0{ended}"), 112, Some(2)),
        ("half a paper", format!("2 1\n0.5 1 0{ended}"), 112, Some(2)),
        ("a negative weight", format!("2 1\n1 1 0\n-1 1 0{ended}"), 112, Some(3)),
        ("an unknown one withdraws", format!("2 1\n-3{ended}"), 112, Some(2)),
        ("an order to a program", format!("2 1\n[tie 1 2]{ended}"), 112, Some(2)),
        ("too many voters", format!("2 1\n\n18446744073709551615 1 0\n1 1 0{ended}"), 7, Some(4)),
        ("no end", "2 1\n1 1 0\n".to_owned(), 112, Some(2)),
        ("a name missing", "2 1\n1 1 0\n0\n\"A\"\n".to_owned(), 112, Some(4)),
        ("a name without quotes", "2 1\n1 1 0\n0\nA\n\"B\"\n".to_owned(), 112, Some(4)),
        ("two of one name", "2 1\n1 1 0\n0\n\"A\"\n\"A\"\n".to_owned(), 105, Some(5)),
        ("something after the title", format!("2 1\n1 1 0{ended}\"again\"\n"), 112, Some(7)),
    ];
    for (description, text, code, line) in cases {
        let refusal = refused(text.as_bytes(), Format::Blt, &stv);
        assert_eq!((refusal.code(), refusal.line()), (code, line), "{description}: {refusal}");
    }
    let twice = refused(b"2 1\n# a remark\n1 1 1 0\n0\n\"A\"\n\"B\"\n", Format::Blt, &of_kind("ranked_single"));
    assert_eq!((twice.code(), twice.name(), twice.line()), (3, "RepeatedCandidate", Some(3)), "{twice}");
    let latin = refused(b"1 1\n1 1 0\n0\n\"Ren\xe9\"\n", Format::Blt, &stv);
    assert_eq!((latin.code(), latin.line()), (110, Some(4)));
    let declared = Options { encoding: Some("latin1".into()), ..of_kind("stv_scottish") };
    assert_eq!(counted(b"1 1\n1 1 0\n0\n\"Ren\xe9\"\n", Format::Blt, &declared)["elected"], json!(["René"]));
}

/// Budget 90, three voters; `docs/counting.md` counts it by hand.
const PB: &str = "META\nkey;value\ndescription;Quartier;\nnum_projects;3\nnum_votes;3\nbudget;90\nvote_type;approval\nmax_length;2\nPROJECTS\nproject_id;cost;name\nP1;60;\"Jardin; potager\"\nP2;30;Bancs\n7;30.00;Fontaine\nVOTES\nvoter_id;age;vote\na;30;\"P1,7\"\nb;;P1\nc;;7,P2\n";

#[test]
fn a_budget_file_is_counted_as_by_hand() {
    let answer = counted(PB.as_bytes(), Format::Pabulib, &Options::default());
    assert_eq!(answer["votes"], json!({ "P1": 2, "P2": 1, "7": 2 }));
    assert_eq!(answer["results"]["mes"]["selection_order"], json!(["7"]));
    assert_eq!(answer["results"]["mes-add1"]["selection_order"], json!(["7", "P1"]));
    assert_eq!(answer["results"]["mes-add1"]["final_share"], json!("38"));
    assert_eq!(answer["results"]["greedy"]["selection_order"], json!(["7", "P1"]));
}

#[test]
fn points_of_a_budget_file_are_added() {
    let text = PB
        .replace("vote_type;approval\nmax_length;2", "vote_type;cumulative\nmax_sum_points;5")
        .replace("age;vote", "vote;points")
        .replace("a;30;\"P1,7\"", "a;\"P1,7\";\"2,3\"")
        .replace("b;;P1", "b;P1;1")
        .replace("c;;7,P2", "c;;");
    let answer = counted(text.as_bytes(), Format::Pabulib, &Options::default());
    assert_eq!(answer["votes"], json!({ "P1": 3, "P2": 0, "7": 3 }));
    let refusal = refused(text.replace("2,3", "2,4").as_bytes(), Format::Pabulib, &Options::default());
    assert_eq!((refusal.code(), refusal.line()), (112, Some(16)), "{refusal}");
    let refusal = refused(text.replace("2,3", "2").as_bytes(), Format::Pabulib, &Options::default());
    assert_eq!((refusal.code(), refusal.line()), (112, Some(16)), "{refusal}");
}

#[test]
fn broken_budget_files_are_refused_by_line() {
    let cases = [
        ("no META", "PROJECTS", "META\n", 112, Some(19)),
        ("a stray beginning", "META\n", "hello\nMETA\n", 112, Some(1)),
        ("no budget", "budget;90\n", "", 112, Some(17)),
        ("a budget in letters", "budget;90", "budget;lots", 112, Some(6)),
        ("a budget of nothing", "budget;90", "budget;0", 112, Some(6)),
        ("a budget of too many digits", "budget;90", "budget;99999999999999999999", 104, Some(6)),
        ("costs that overflow together", "P2;30;", "P2;18446744073709551600;", 104, Some(12)),
        ("a quote never closed", "description;Quartier;", "description;\"Quartier", 112, Some(3)),
        ("a ballot cut short", "b;;P1", "b", 112, Some(17)),
        ("a semicolon in a name without quotes", "\"Jardin; potager\"", "Jardin; potager", 112, Some(11)),
        ("a character that is none", "Bancs", "Ba\0ncs", 110, Some(12)),
        ("a key twice", "budget;90", "budget;90\nbudget;91", 108, Some(7)),
        ("an order of preference", "vote_type;approval", "vote_type;ordinal", 112, Some(7)),
        ("another number of projects", "num_projects;3", "num_projects;4", 112, Some(4)),
        ("another number of votes", "num_votes;3", "num_votes;2", 112, Some(5)),
        ("no cost", "P2;30;", "P2;;", 112, Some(12)),
        ("a cost of nothing", "P2;30;", "P2;0;", 20, Some(12)),
        ("a cost with a comma", "P2;30;", "P2;30,5;", 112, Some(12)),
        ("a project twice", "P2;30;", "P1;30;", 112, Some(12)),
        ("an unknown project", "b;;P1", "b;;P9", 112, Some(17)),
        ("a project twice on a ballot", "b;;P1", "b;;\"P1,P1\"", 3, Some(17)),
        ("a ballot too long", "b;;P1", "b;;\"P1,P2,7\"", 112, Some(17)),
        ("a voter twice", "b;;P1", "a;;P1", 112, Some(17)),
        ("no votes column", "age;vote", "age;choice", 112, Some(15)),
    ];
    for (description, from, to, code, line) in cases {
        assert!(PB.contains(from), "{description}");
        let refusal = refused(PB.replacen(from, to, 1).as_bytes(), Format::Pabulib, &Options::default());
        assert_eq!((refusal.code(), refusal.line()), (code, line), "{description}: {refusal}");
    }
}

/// The limit is on line 8, the projects (60 and 30) on 11 and 12, the ballots from 15 to 17, the last one blank.
fn limited(vote_type: &str, limit: &str, ballot: &str) -> Result<urne_exchange::Json, CountRefusal> {
    let (points, blank) = if vote_type == "approval" { ("", "") } else { (";points", ";") };
    let text = format!(
        "META\nkey;value\ndescription;x\nnum_projects;2\nnum_votes;3\nbudget;100\nvote_type;{vote_type}\n{limit}\nPROJECTS\nproject_id;cost\nP1;60\nP2;30\nVOTES\nvoter_id;vote{points}\na;{ballot}\nb;{ballot}\nc;{blank}\n"
    );
    count_file(text.as_bytes(), Format::Pabulib, &Options::default())
}

#[test]
fn every_limit_of_a_budget_file_is_obeyed_ballot_by_ballot() {
    let cases = [
        ("approval", "P1,P2", "max_length;2", "max_length;1"),
        ("approval", "P1,P2", "min_length;2", "min_length;3"),
        ("approval", "P1,P2", "max_sum_cost;90.00", "max_sum_cost;89.99"),
        ("approval", "P1,P2", "min_sum_cost;90", "min_sum_cost;91"),
        ("cumulative", "P1,P2;1,4", "min_points;1", "min_points;2"),
        ("cumulative", "P1,P2;1,4", "max_points;4", "max_points;3"),
        ("cumulative", "P1,P2;1,4", "min_sum_points;5", "min_sum_points;6"),
        ("cumulative", "P1,P2;1,4", "max_sum_points;5", "max_sum_points;4"),
        ("scoring", "P1,P2;1,4", "min_points;-3", "max_points;3"),
        ("choose-1", "P1", "max_length;2", "min_length;2"),
    ];
    for (vote_type, ballot, kept, broken) in cases {
        assert!(limited(if vote_type == "choose-1" { "approval" } else { vote_type }, kept, ballot).is_ok(), "{kept}");
        let refusal = limited(if vote_type == "choose-1" { "approval" } else { vote_type }, broken, ballot);
        let refusal = refusal.expect_err(broken);
        assert_eq!((refusal.code(), refusal.line()), (112, Some(15)), "{broken}: {refusal}");
    }
}

#[test]
fn projects_that_a_scoring_ballot_leaves_out_have_the_default_score() {
    let votes = |limit: &str, ballot: &str| {
        let answer = limited("scoring", limit, ballot).unwrap_or_else(|e| panic!("{limit}: {e}"));
        let answer: Value = serde_json::from_str(&answer.to_string()).expect("JSON");
        answer["votes"].clone()
    };
    // Two ballots give P2 five points; the third, blank, leaves both out.
    assert_eq!(votes("default_score;3", "P2;5"), json!({ "P1": 9, "P2": 13 }));
    assert_eq!(votes("default_score;0", "P2;5"), json!({ "P1": 0, "P2": 10 }));
}

#[test]
fn what_meta_says_and_nothing_obeys_is_refused_by_its_name() {
    let cases = [
        ("approval", "default_score;3", 112, "default_score"),
        ("approval", "max_points;3", 112, "max_points"),
        ("cumulative", "default_score;3", 112, "default_score"),
        ("scoring", "default_score;-1", 112, "default_score"),
        ("approval", "max_sum_cost;lots", 112, "max_sum_cost"),
        ("approval", "min_project_score_threshold;300", 112, "min_project_score_threshold"),
        ("approval", "max_sum_cost_per_category;3", 112, "max_sum_cost_per_category"),
        ("approval", "max_lenght;1", 120, "max_length"),
    ];
    for (vote_type, limit, code, named) in cases {
        let refusal = limited(vote_type, limit, if vote_type == "approval" { "P1" } else { "P1;1" }).expect_err(limit);
        assert_eq!((refusal.code(), refusal.line()), (code, Some(8)), "{limit}: {refusal}");
        assert!(refusal.to_string().contains(named), "{refusal}");
    }
    assert!(limited("approval", "weather;fine", "P1").is_ok(), "what only describes is passed over");
}

#[test]
fn names_of_a_ballot_file_are_refused_on_their_own_line() {
    let twins = "3 2\n1 1 0\n0\n\"\u{e9}\"\n\"e\u{301}\"\n\"C\"\n\"t\"\n";
    let stv = of_kind("stv_scottish");
    let refusal = refused(twins.as_bytes(), Format::Blt, &stv);
    assert_eq!((refusal.code(), refusal.line()), (117, Some(5)), "{refusal}");
    let refusal = refused(b"1 1\n1 1 0\n0\n\"A\0\"\n", Format::Blt, &stv);
    assert_eq!((refusal.code(), refusal.line()), (110, Some(4)), "{refusal}");
    let refusal = refused(b"# nobody\n1 0\n1 1 0\n0\n\"A\"\n", Format::Blt, &stv);
    assert_eq!((refusal.code(), refusal.line()), (14, Some(2)), "{refusal}");
}

#[test]
fn sheets_are_counted_whatever_their_separator_and_encoding() {
    let units = "\u{feff}n\tAna\tChloé\n5\t1\n3\t1\t1\n2\t\t1\n4\t0\t0\n";
    let utf16: Vec<u8> = units.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let forms: [&[u8]; 5] = [
        b"n;Ana;Chlo\xc3\xa9\r\n5;1;\r\n;;\r\n3;x;X\r\n2;0;1\r\n4;;\r\n",
        b"\xef\xbb\xbfn,Ana,Chlo\xc3\xa9\n5,1,0\n3,1,1\n2,,1\n4,0,0\n\n",
        b"n\tAna\t\"Chlo\xe9\"\n5\t1\n3\t1\t 1 \n2\t\t1\n4\t\t0",
        b"sep=|\nn|Ana|Chlo\xe9\n5|1|\n3|1|1\n2||1\n4|0|0\n",
        &utf16,
    ];
    for form in forms {
        let answer = counted(form, Format::Csv, &of_kind("approval"));
        assert_eq!(answer["tally"], json!({ "Ana": 8, "Chloé": 5 }), "{answer}");
        assert_eq!(answer["blank"], json!(4));
    }
}

#[test]
fn ranks_and_grades_are_read_from_a_sheet() {
    let ranks = b"A;B;C\n1;2;3\n1;1;2\n3;1;\n";
    let answer = counted(ranks, Format::Csv, &of_kind("ranked_single"));
    assert_eq!(answer["pairwise"], json!([[0, 1, 3], [1, 0, 3], [0, 0, 0]]));
    // Two seats of Scottish STV: the second paper shares its first rank, the third skips a rank: B, then the paper ends.
    let stv = Options { seats: Some(2), ..of_kind("stv_scottish") };
    let answer = counted(ranks, Format::Csv, &stv);
    assert_eq!((&answer["valid"], &answer["blank"], &answer["elected"]), (&json!(2), &json!(1), &json!(["A", "B"])));
    let judged = Options {
        grades: Some(vec!["passable".into(), "bien".into()]),
        nulls: Some("worst".into()),
        ..of_kind("majority_judgment")
    };
    let answer = counted("A,B\nbien,passable\nbien,\n,bien\n".as_bytes(), Format::Csv, &judged);
    assert_eq!(answer["profiles_worst_to_best"], json!({ "A": [1, 2], "B": [2, 1] }));
    assert_eq!(answer["winner"], json!(["A"]));
}

#[test]
fn broken_sheets_and_forgotten_options_are_refused() {
    let approval = || of_kind("approval");
    let judged = |grades: &str| Options { grades: Some(vec![grades.into()]), ..of_kind("majority_judgment") };
    type Case = (&'static str, &'static [u8], Options, u16, Option<usize>);
    let cases: Vec<Case> = vec![
        ("nothing", b"", approval(), 112, Some(1)),
        ("nothing but separators", b";;\n\n", approval(), 112, Some(1)),
        ("two separators", b"a;b,c\n1;1,1\n", approval(), 112, Some(1)),
        ("a quote never closed", b"A;B\n1;0\n\"1;1\n", approval(), 112, Some(3)),
        ("a column without a name", b"A;;B\n1;;1\n", approval(), 119, Some(1)),
        ("columns that look alike", b"A;A\xc2\xa0;B\n1;;1\n", approval(), 105, Some(1)),
        ("a quote closed too early", b"A;B\n\"1;1\n\"0\";1\n1;0\n", approval(), 112, Some(2)),
        (
            "a seed where nothing is drawn",
            b"A;B\n1;1\n",
            Options { seed: Some("0".repeat(64)), ..approval() },
            114,
            None,
        ),
        ("a column twice", b"A;A\n1;1\n", approval(), 105, Some(1)),
        ("a cell too many", b"A;B\n\n1;1;1\n", approval(), 112, Some(3)),
        ("neither yes nor no", b"A;B\n1;oui\n", approval(), 112, Some(2)),
        ("a blank ballot, or what a spreadsheet left there", b"A;B\n1;\n;\n;1\n", approval(), 112, Some(3)),
        ("the same at the end", b"A;B\n1;\n;;\n", approval(), 112, Some(3)),
        ("half a ballot", b"n;A;B\n0.5;1;1\n", approval(), 112, Some(2)),
        ("too many ballots", b"n;A;B\n18446744073709551615;1;1\n\n1;1;1\n", approval(), 7, Some(4)),
        ("a control character", b"A;B\n1;\x01\n", approval(), 110, Some(2)),
        ("a rank of zero", b"A;B\n0;1\n", of_kind("ranked_single"), 112, Some(2)),
        ("an unknown grade", b"A;B\nx;y\n", judged("x"), 112, Some(2)),
        ("a missing grade nobody explained", b"A;B\nx;\n", judged("x"), 107, None),
        ("no kind", b"A;B\n1;1\n", Options::default(), 113, None),
        ("another kind", b"A;B\n1;1\n", of_kind("participatory_budget"), 115, None),
        ("no seats", b"A;B\n1;2\n", of_kind("stv_scottish"), 113, None),
        ("no grades", b"A;B\n1;2\n", of_kind("majority_judgment"), 113, None),
        ("seats for an approval", b"A;B\n1;1\n", Options { seats: Some(2), ..approval() }, 114, None),
        ("an unknown encoding", b"A;B\n1;1\n", Options { encoding: Some("klingon".into()), ..approval() }, 111, None),
    ];
    for (description, text, options, code, line) in cases {
        let refusal = refused(text, Format::Csv, &options);
        assert_eq!((refusal.code(), refusal.line()), (code, line), "{description}: {refusal}");
    }
    let case = b"{\"kind\": \"approval\", \"input\": {\"candidates\": [\"A\"], \"ballots\": []}}";
    assert_eq!(refused(case, Format::Case, &approval()).code(), 114, "the case says its kind");
    assert_eq!(refused(b"{\n\"\xff\"}", Format::Case, &Options::default()).line(), Some(2));
    assert_eq!(Format::of_extension("PB"), Some(Format::Pabulib));
    assert_eq!(Format::of_extension("docx"), None);
}
