//! The table of refusals: numbers and names are for ever.
use std::collections::BTreeSet;
use urne_types::Rejection;

#[test]
fn every_refusal_has_its_own_number_name_and_sentences() {
    let codes: BTreeSet<u16> = Rejection::ALL.iter().map(|it| it.code()).collect();
    let names: BTreeSet<&str> = Rejection::ALL.iter().map(|it| it.name()).collect();
    assert_eq!((codes.len(), names.len()), (Rejection::ALL.len(), Rejection::ALL.len()));
    for it in Rejection::ALL {
        assert_eq!(Rejection::from_code(it.code()), Some(*it));
        assert!(!it.english().is_empty() && !it.french().is_empty());
        assert!((400..600).contains(&it.http_status()), "{it:?}");
    }
    assert_eq!(Rejection::from_code(1), None);
}
