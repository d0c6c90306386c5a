//! The roll, the letters and the couriers: what is private stays so, what was changed is found out, and a member finds her own
//! entry with her letter alone.
#![allow(clippy::unwrap_used, reason = "a test stops at the first error")]
mod support;
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};
use support::*;
use urne_exchange::roll::{EntitledBy, Roll as Sheet, RollRules};
use urne_registrar::{
    courier::{Command, Courier, Message, Outbox},
    entry::{Salt, commitment},
    letter::Letter,
    roll::{Roll, RollError},
};
use urne_types::{ChainId, CollegeId};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_roll_is_its_owners_alone_and_reads_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("roll.json");
    roll().write(&file).unwrap();
    assert_eq!(mode(&file), 0o600);
    let read = Roll::read(&file).unwrap();
    assert_eq!((read.census(), read.chain()), (roll().census(), &CHAIN));
    assert!(read.find(COLLEGE, "Zoé Lefèvre").is_none(), "who has a number is known by it");
    assert!(read.find(CollegeId::new(2), " BO ").is_some(), "who has none, by her name");
    assert_eq!(read.find(COLLEGE, "18").unwrap().1, roll().find(COLLEGE, "18").unwrap().1);
    assert!(read.find(CollegeId::new(2), "18").is_none());
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(Roll::read(&file), Err(RollError::Exposed { .. })));
}

#[test]
fn a_roll_whose_people_were_changed_is_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("roll.json");
    roll().write(&file).unwrap();
    let text = fs::read_to_string(&file).unwrap();
    for (said, other) in [("\"17\"", "\"19\""), ("\"college\": 2", "\"college\": 1")] {
        assert_ne!(text, text.replace(said, other));
        fs::write(&file, text.replace(said, other)).unwrap();
        assert!(matches!(Roll::read(&file), Err(RollError::OtherCensus { .. })), "{other}");
    }
    fs::write(&file, text.replace("\"salt\"", "\"pepper\"")).unwrap();
    let refused = Roll::read(&file).err().unwrap().to_string();
    assert!(refused.contains("line") && !refused.contains("ana@"), "{refused}");
}

#[test]
fn a_letter_is_all_a_member_needs_to_find_her_entry() {
    let roll = roll();
    let (member, entry) = roll.find(COLLEGE, "17").unwrap();
    let letter = Letter {
        name: "Ana Lopes",
        identifier: &member.identifier,
        contact: &member.contact,
        chain: &CHAIN,
        entry: &entry,
        salt: member.salt(),
        registrars: &["https://one.example".into(), "https://two.example".into()],
    };
    let message = letter.message();
    assert_eq!(message.to, "ana@example.org");
    let after = |word: &str| message.text.split(word).nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    let salt: Salt = after("salt ").parse().unwrap();
    assert_eq!(commitment(&CHAIN, COLLEGE, &after("identifier "), &salt), entry);
    assert_eq!(after("entry "), entry.member.to_string());
    assert!(message.text.contains("https://two.example"));
    assert_ne!(commitment(&ChainId([8; 32]), COLLEGE, "17", &salt), entry, "another chain, another entry");
    assert_ne!(commitment(&CHAIN, CollegeId::new(2), "17", &salt).member, entry.member);
}

#[test]
fn twins_and_members_without_an_address_are_refused_as_in_any_census() {
    let read = |text: &str| {
        let rules = RollRules { entitled_by: EntitledBy::Commitment, ..RollRules::default() };
        let sheet = Sheet::read(text.as_bytes(), &rules).unwrap();
        let faults: Vec<_> = sheet.problems.iter().map(|it| (it.line, it.fault.code())).collect();
        let (_, sheet) = Roll::make(sheet, CHAIN, &mut chance(1)).unwrap();
        (faults, sheet.is_sound())
    };
    let two = |one: &str, other: &str| read(&format!("name,id,college,contact\n{one}\n{other}\n"));
    assert_eq!(two("Ana,,1,a@x.org", "Bo,,1,b@x.org"), (vec![], true));
    assert_eq!(two("Ana,,1,a@x.org", "Ana,,1,a@x.org"), (vec![(3, 205)], true), "the very same line: once is enough");
    assert_eq!(two("Ren\u{e9}e,,1,a@x.org", "Rene\u{301}e,,1,b@x.org"), (vec![(3, 219)], false));
    assert_eq!(two("\u{ff21}na,,1,a@x.org", "ANA\u{200b},,1,b@x.org"), (vec![(3, 219)], false));
    assert_eq!(two("Ana,12,1,a@x.org", "Ana,,1,b@x.org"), (vec![(3, 217)], false));
    assert_eq!(two("Ana,12,1,a@x.org", "Ana,13,1,b@x.org"), (vec![], true));
    assert_eq!(two("Ana,12,1,a@x.org", "12,,1,b@x.org"), (vec![(3, 222)], false), "whose is the identifier 12?");
    assert_eq!(two("Ana,,1,a@x.org", "Bo,,1,a@x.org"), (vec![(3, 221)], true), "told, and allowed");
    assert_eq!(two("Ana,,1,a@x.org", "Ana,,2,a@x.org"), (vec![], true), "one person of two colleges has two rights");
    for address in ["", "a", "a@x", "a b@x.org", "a@x.org\"", "<a@x.org>", "a@x.org@y.org"] {
        let (faults, is_sound) = read(&format!("name;college;contact\nAna;1;{}\n", address.replace('"', "\"\"\"\"")));
        assert!(!is_sound, "{address} {faults:?}");
    }
}

#[test]
fn an_outbox_holds_whole_messages_that_only_its_owner_reads() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = Outbox { folder: folder.path().to_owned(), from: "office@example.org".into() };
    let message = Message { to: "ana@example.org".into(), subject: "A letter", text: "Zoé\n".into() };
    outbox.deliver(&message).unwrap();
    outbox.deliver(&message).unwrap();
    let files: Vec<PathBuf> = fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().path()).collect();
    assert_eq!(files.len(), 2, "each is its own file");
    for file in files {
        assert_eq!((mode(&file), file.extension().unwrap().to_str()), (0o600, Some("eml")));
        let text = fs::read_to_string(file).unwrap();
        assert!(text.starts_with("From: office@example.org\nTo: ana@example.org\nSubject: A letter\n"), "{text}");
        assert!(text.ends_with("\n\nZoé\n"));
    }
}

#[test]
fn a_command_takes_the_message_and_its_failure_is_told_without_a_word_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("got");
    let shell = |script: String| Command {
        program: "/bin/sh".into(),
        arguments: vec!["-c".into(), script],
        from: "office@example.org".into(),
    };
    let message = Message { to: "ana@example.org".into(), subject: "A letter", text: "secret\n".into() };
    shell(format!("cat > {}", file.display())).deliver(&message).unwrap();
    assert!(fs::read_to_string(&file).unwrap().contains("To: ana@example.org"));
    let refused = shell("cat > /dev/null; exit 75".into()).deliver(&message).unwrap_err().to_string();
    assert!(refused.contains("75") && !refused.contains("secret"), "{refused}");
    assert!(
        Command { program: "/no/such/program".into(), arguments: vec![], from: String::new() }
            .deliver(&message)
            .is_err()
    );
}
