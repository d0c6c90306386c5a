//! A stop ends in time whatever does not.
#![allow(clippy::unwrap_used)]
use std::{
    cell::Cell,
    future::{pending, ready},
    time::{Duration, Instant},
};
use urne_node::{
    clock::Clock,
    driver::{INBOX_MAX, Inbox},
    stop::{StopBounds, in_order},
};
use urne_replica::Stimulus;

/// A hundredth of the node's own.
fn short() -> StopBounds {
    let StopBounds { answered, decided, said } = StopBounds::NODE;
    StopBounds { answered: answered / 100, decided: decided / 100, said: said / 100 }
}

#[tokio::test]
async fn a_stop_ends_in_time_though_no_part_of_the_node_ever_does() {
    let (asked, bounds, hurried) = (Instant::now(), short(), Cell::new(None));
    let hurry = || hurried.set(Some(asked.elapsed()));
    let has_decided = in_order(bounds, pending::<()>(), hurry, pending::<()>(), pending::<()>()).await;
    assert!(!has_decided, "the owner thread is still at work, and the caller is told");
    assert!(bounds.answered <= hurried.get().unwrap(), "clients are waited for first");
    assert!(asked.elapsed() < bounds.said + Duration::from_secs(1), "{:?}", asked.elapsed());
}

#[tokio::test]
async fn a_stop_waits_for_nothing_that_has_ended() {
    let asked = Instant::now();
    assert!(in_order(StopBounds::NODE, ready(()), || {}, ready(()), ready(())).await);
    assert!(asked.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn an_owner_thread_with_a_full_inbox_is_asked_without_waiting() {
    let (inbox, _arrivals) = Inbox::new(Clock::start());
    while inbox.offer(Stimulus::Wake) {}
    assert!(!inbox.is_hurried());
    inbox.hurry();
    assert!(inbox.is_hurried() && !inbox.offer(Stimulus::Wake), "{INBOX_MAX} wait, and none of them is looked at");
}
