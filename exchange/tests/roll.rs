//! Sheets of members as offices keep them: what each becomes, and each fault with the line it must name.
use urne_exchange::Json;
use urne_exchange::roll::{Column, Representatives, Roll, RollRules};
use urne_types::{CollegeId, PublicKey, SecretKey};

fn key(n: u8) -> String {
    SecretKey::from_seed(&[n; 32]).public().to_string()
}

/// Reads lines in which `K7` stands for the seventh key.
fn read(sheet: &str, rules: &RollRules) -> Roll {
    let sheet = (0..=99).rev().fold(sheet.to_owned(), |sheet, n| sheet.replace(&format!("K{n}"), &key(n)));
    Roll::read(sheet.as_bytes(), rules).unwrap_or_else(|e| panic!("{e}"))
}

fn faults(roll: &Roll) -> Vec<(usize, u16)> {
    roll.problems.iter().map(|it| (it.line, it.fault.code())).collect()
}

fn french() -> RollRules {
    let columns = [(Column::Name, "Nom"), (Column::College, "Collège"), (Column::PublicKey, "Clé publique")];
    RollRules {
        columns: columns.map(|(column, name)| (column, name.to_owned())).into(),
        colleges: [("Salariés".to_owned(), CollegeId::new(1)), ("Usagers".to_owned(), CollegeId::new(2))].into(),
        ..RollRules::default()
    }
}

#[test]
fn a_sheet_saved_by_a_french_spreadsheet_becomes_a_census_without_names() {
    let sheet = format!(
        "Nom;Collège;Clé publique;Téléphone\r\n\"Lefèvre; Zoé\" ;salariés;{};01\r\n;;;\r\nNoé  ;USAGERS;{};\r\n\r\n",
        key(2),
        key(1).to_uppercase()
    );
    let (latin, _, _) = encoding_rs::WINDOWS_1252.encode(&sheet);
    let roll = Roll::read(&latin, &french()).expect("read");
    assert_eq!((roll.encoding, roll.delimiter, roll.lines), ("windows-1252", ';', 2));
    assert_eq!(roll.ignored_columns, ["Téléphone"]);
    assert_eq!(faults(&roll), []);
    assert_eq!(roll.public_file(), format!("college,public_key\n1,{}\n2,{}\n", key(2), key(1)));
    assert!(!roll.public_file().contains("Zo"), "names never go on chain");
    let private = roll.private_file();
    let zoe = &private.as_list().expect("a list")[0];
    assert_eq!(zoe.get("name").and_then(Json::as_text), Some("Lefèvre; Zoé"));
    assert_eq!(zoe.get("public_key").and_then(Json::as_text), Some(key(2).as_str()));
}

#[test]
fn every_fault_of_every_line_is_reported_at_once() {
    let sheet = "name,id,college,public_key\n\
        Ana,,1,K1\n\
        ,,1,K2\n\
        Bo,,9,K3\n\
        Cy,,1,12ab\n\
        Di,,1,K4,more\n\
        Ana,,1,K1\n\
        Eve,,1,K1\n\
        ANA,,1,K5\n\
        Ana,7,1,K6\n\
        Ana,,2,K1\n\
        ,,,\n\
        Fi,,1,NOPOINT\n";
    // Half of all bytes are the encoding of no point of the curve.
    let no_point = (0..=255).map(|it| PublicKey([it; 32])).find(|it| !it.is_sound()).expect("one of them");
    let sheet = &sheet.replace("NOPOINT", &no_point.to_string());
    let colleges =
        [("A".to_owned(), CollegeId::new(1)), ("B".to_owned(), CollegeId::new(2)), ("C".to_owned(), CollegeId::new(3))];
    let roll = read(sheet, &RollRules { colleges: colleges.into(), ..RollRules::default() });
    let expected =
        [(1, 215), (3, 202), (4, 203), (5, 204), (6, 201), (7, 205), (8, 206), (9, 207), (10, 217), (13, 204)];
    assert_eq!(faults(&roll), expected);
    assert!(!roll.is_sound() && roll.entries.is_empty(), "with an error nothing is made");
    assert_eq!(roll.problems[1].to_json().get("severity").and_then(Json::as_text), Some("error"));
}

#[test]
fn a_legal_entity_has_one_voice_by_the_declared_rule() {
    let sheet = "name;entity;college;public_key\nAna;Ville;1;K1\nBo;ville ;1;K2\nBo;;1;K3\nCy;Ville;2;K1\n";
    let rules = |representatives| RollRules { representatives, ..RollRules::default() };
    assert_eq!(faults(&read(sheet, &rules(None))), [(3, 208)]);
    assert_eq!(faults(&read(sheet, &rules(Some(Representatives::One)))), [(3, 209)]);
    let roll = read(sheet, &rules(Some(Representatives::FirstListed)));
    assert_eq!(faults(&roll), [(3, 210)]);
    assert_eq!(roll.members(), [(CollegeId::new(1), 2), (CollegeId::new(2), 1)].into());
    assert_eq!(roll.links.iter().map(|it| it.votes).collect::<Vec<_>>(), [true, false, true, true]);
    // Her own key cannot be the entity's as well: the ledger would see one member.
    let both = read("name;entity;college;public_key\nAna;Ville;1;K1\nAna;;1;K1\n", &rules(None));
    assert_eq!(faults(&both), [(3, 206)]);
}

#[test]
fn a_new_key_takes_the_place_of_the_one_it_names() {
    let before = read("name,college,public_key\nAna,1,K1\nBo,1,K2\nCy,1,K3\nDi,1,K4\n", &RollRules::default());
    let rules = RollRules { previous: Some(before.private_file()), ..RollRules::default() };
    let sheet =
        "name,college,public_key,replaces\nAna,1,K11,K1\nBo,1,K12,\nCy,1,K13,K2\nDi,1,K4,\nEve,1,K5,K1\nFi,1,K6,\n";
    assert_eq!(faults(&read(sheet, &rules)), [(2, 213), (3, 211), (4, 212), (6, 214)]);
    let sound = read("name,college,public_key,replaces\nAna,1,K11,K1\nBo,1,K2,\n", &rules);
    assert!(sound.is_sound());
    assert!(sound.public_file().contains(&key(11)) && !sound.public_file().contains(&key(1)));
    let wrong =
        RollRules { previous: Some(Json::parse("[{\"name\": \"Ana\"}]").expect("JSON")), ..RollRules::default() };
    let refusal = Roll::read(b"name,college,public_key\n", &wrong).expect_err("refused");
    assert_eq!((refusal.code(), refusal.line()), (104, Some(1)));
}

#[test]
fn one_person_written_in_two_ways_has_one_vote() {
    let people = |one: &str, other: &str| format!("name,entity,college,public_key\n{one},1,K1\n{other},1,K2\n");
    let ours = RollRules::default();
    for (one, other) in
        [("Ren\u{e9}e", "Rene\u{301}e"), ("Anne", "ANNE\u{200b} "), ("Anne B", "\u{ff21}nne\u{a0}\u{a0}B")]
    {
        let twice = people(&format!("{one},"), &format!("{other},"));
        assert_eq!(faults(&read(&twice, &ours)), [(3, 207)], "{one} and {other}");
        let entity = people(&format!("Bo,{one}"), &format!("Cy,{other}"));
        assert_eq!(faults(&read(&entity, &ours)), [(3, 208)], "the entities {one} and {other}");
    }
    assert!(read(&people("René,", "Rene,"), &ours).is_sound(), "an accent is not a form of Unicode");
    assert_eq!(faults(&read(&people("\u{3164},", "Bo,"), &ours)), [(2, 216)]);
}

#[test]
fn namesakes_are_all_numbered_or_are_one_person() {
    let sheet = |one: &str, other: &str| format!("name,id,college,public_key\nAnne,{one},1,K1\nAnne,{other},1,K2\n");
    let ours = RollRules::default();
    assert_eq!(faults(&read(&sheet("12", ""), &ours)), [(3, 217)]);
    assert_eq!(faults(&read(&sheet("", "12"), &ours)), [(3, 217)]);
    assert!(read(&sheet("12", "13"), &ours).is_sound());
    assert_eq!(faults(&read("name,id,college,public_key\nAnne,12,1,K1\nAnne,,2,K2\n", &ours)), [], "two colleges");
}

#[test]
fn what_says_that_it_replaces_a_key_is_verified_or_reported() {
    let sheet = "name,college,public_key,replaces\nAnne,1,K1,K2\nBo,1,K3,\n";
    let roll = read(sheet, &RollRules::default());
    assert_eq!((faults(&roll), roll.is_sound()), (vec![(2, 218)], true));
    // A number given since, or the other Unicode form, does not hide whose key it was.
    let before = read("name,id,college,public_key\nRen\u{e9}e,,1,K1\nBo,4,1,K2\n", &RollRules::default());
    let rules = RollRules { previous: Some(before.private_file()), ..RollRules::default() };
    let since = "name,id,college,public_key\nRene\u{301}e,12,1,K11\nBo,,1,K2\n";
    assert_eq!(faults(&read(since, &rules)), [(2, 211)]);
    let namesake = "name,id,college,public_key\nRenée,12,1,K1\nRenée,13,1,K11\n";
    assert_eq!(faults(&read(namesake, &rules)), [], "the first has kept her key, the second is new");
}

#[test]
fn the_first_and_last_numbers_are_colleges_by_their_name_only() {
    let sheet = "name,college,public_key\nAnne,0,K1\nBo,65535,K2\n";
    assert_eq!(faults(&read(sheet, &RollRules::default())), [(2, 203), (3, 203)]);
    let named = [("0".to_owned(), CollegeId::new(0)), ("65535".to_owned(), CollegeId::new(65_535))];
    assert!(read(sheet, &RollRules { colleges: named.into(), ..RollRules::default() }).is_sound());
}

#[test]
fn a_sheet_without_the_columns_it_needs_is_refused() {
    let refused = |sheet: &str, rules: &RollRules| {
        let refusal = Roll::read(sheet.as_bytes(), rules).expect_err("refused");
        (refusal.code(), refusal.line())
    };
    let ours = RollRules::default();
    assert_eq!(refused("name,college\nAna,1\n", &ours), (112, Some(1)));
    assert_eq!(refused("college,public_key\n1,x\n", &ours), (112, Some(1)));
    assert_eq!(refused("\n\nname,Name,college,public_key\n", &ours), (112, Some(3)));
    assert_eq!(refused("Nom;Collège;clé\n", &french()), (112, Some(1)));
    assert_eq!(refused("", &ours), (112, Some(1)));
}

#[test]
fn forty_thousand_members_are_read_in_a_moment() {
    let keys: Vec<String> = (0..=255).map(key).collect();
    let lines = (0..40_000).map(|it| format!("Member {it};{};{}\n", 1 + it / 256, keys[it % 256]));
    let sheet: String = std::iter::once("name;college;public_key\n".to_owned()).chain(lines).collect();
    let roll = Roll::read(sheet.as_bytes(), &RollRules::default()).expect("read");
    assert_eq!(roll.problems.len(), 40_000 - 256, "each key belongs to its first holder");
}
