//! Which names read alike, and which are no names.
use urne_types::name::{NameFault, NamesFault, ReadName, judge_names};

fn read(written: &str) -> Result<String, NameFault> {
    ReadName::of(written).map(|it| it.as_str().to_owned())
}

#[test]
fn names_that_are_printed_alike_read_alike() {
    let alike = [
        ("accents in one piece or in two", "Zo\u{e9}", "Zoe\u{301}"),
        ("a mark under a joiner", "Zo\u{e9}", "Zoe\u{200d}\u{301}"),
        ("a space at the end", "Alice", "Alice "),
        ("a space that does not break", "Alice B", "Alice\u{a0}B"),
        ("two spaces", "Alice B", "Alice  B"),
        ("a line feed", "Alice B", "Alice\nB"),
        ("an ideographic space", "Alice B", "Alice\u{3000}B"),
        ("a Braille blank", "Alice", "Alice\u{2800}"),
        ("full-width letters", "Alice", "\u{ff21}\u{ff4c}\u{ff49}\u{ff43}\u{ff45}"),
        ("a ligature", "Fifi", "Fi\u{fb01}"),
        ("the sign of a number", "Liste 1", "Liste \u{2460}"),
    ];
    for (why, one, other) in alike {
        assert_eq!(read(one), read(other), "{why}");
    }
    for invisible in [
        '\u{ad}',
        '\u{34f}',
        '\u{61c}',
        '\u{115f}',
        '\u{17b4}',
        '\u{180e}',
        '\u{200b}',
        '\u{200e}',
        '\u{202e}',
        '\u{2060}',
        '\u{3164}',
        '\u{fe0f}',
        '\u{feff}',
        '\u{ffa0}',
        '\u{fff9}',
        '\u{1d173}',
        '\u{e0041}',
    ] {
        assert_eq!(read(&format!("Al{invisible}ice")), Ok("Alice".to_owned()), "{invisible:?}");
        assert_eq!(read(&invisible.to_string()), Err(NameFault::Blank), "{invisible:?} alone");
    }
}

#[test]
fn names_that_differ_for_a_reader_differ() {
    for (one, other) in [("Alice", "alice"), ("Zoé", "Zoe"), ("Anne B", "AnneB"), ("for", "for."), ("نام", "نان")]
    {
        assert_ne!(read(one), read(other));
    }
}

#[test]
fn what_cannot_be_read_is_no_name() {
    for blank in ["", " ", "\n", "\u{200b}", "\u{a0}\u{3164} "] {
        assert_eq!(read(blank), Err(NameFault::Blank), "{blank:?}");
    }
    for control in ["A\0", "A\tB", "A\rB", "A\u{7f}", "A\u{85}"] {
        assert_eq!(read(control), Err(NameFault::Control), "{control:?}");
    }
}

#[test]
fn a_list_says_which_name_is_at_fault_and_why() {
    assert_eq!(judge_names(["a", "b", "A"]), Ok(()));
    assert_eq!(judge_names([]), Ok(()));
    assert_eq!(judge_names(["a", "b", "a"]), Err(NamesFault::Repeated { at: 2, first: 0 }));
    assert_eq!(judge_names(["a", "b", "b "]), Err(NamesFault::Alike { at: 2, first: 1 }));
    assert_eq!(judge_names(["a", ""]), Err(NamesFault::NotAName { at: 1, fault: NameFault::Blank }));
    assert_eq!(judge_names(["a\0", ""]), Err(NamesFault::NotAName { at: 0, fault: NameFault::Control }));
}

/// Names are judged by every validator: other tables are another protocol version (docs/decisions/0056), never an update.
#[test]
fn the_tables_of_unicode_are_those_of_the_protocol() {
    assert_eq!(unicode_normalization::UNICODE_VERSION, (18, 0, 0));
}
