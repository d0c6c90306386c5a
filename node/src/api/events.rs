//! What happens, as it happens (server-sent events). A listener that lags is told how many events it missed and goes on; it
//! never slows the node down.
use super::{
    app::App,
    limits::KEEP_ALIVE,
    problem::{Fault, Problem},
};
use axum::{
    extract::State,
    response::sse::{Event, KeepAlive, Sse},
};
use futures::{Stream, stream};
use serde_json::json;
use std::{convert::Infallible, sync::Arc};
use tokio::sync::{OwnedSemaphorePermit, broadcast, watch};

use crate::shared::StreamEvent;

/// `GET /v1/events`: `subscribed` first, then everything from there on.
pub(crate) async fn events(
    State(app): State<App>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let place = Arc::clone(&app.streams).try_acquire_owned().map_err(|_| Fault::TooManyListeners)?;
    let listener = Listener {
        _place: place,
        events: app.shared.events.subscribe(),
        closing: app.closing.subscribe(),
        greeting: Some(json!({ "height": app.shared.status.borrow().as_ref().map(|it| it.height) }).to_string()),
    };
    let events = stream::unfold(listener, |mut it| async move { it.next().await.map(|event| (Ok(event), it)) });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

struct Listener {
    _place: OwnedSemaphorePermit,
    events: broadcast::Receiver<StreamEvent>,
    closing: watch::Receiver<bool>,
    greeting: Option<String>,
}

impl Listener {
    /// The next event, none when the server stops.
    async fn next(&mut self) -> Option<Event> {
        if let Some(greeting) = self.greeting.take() {
            return Some(Event::default().event("subscribed").data(greeting));
        }
        let received = tokio::select! {
            received = self.events.recv() => received,
            _ = self.closing.wait_for(|it| *it) => return None,
        };
        match received {
            Ok(it) => Some(Event::default().event(it.kind).data(it.json)),
            Err(broadcast::error::RecvError::Lagged(missed)) => {
                Some(Event::default().event("lag").data(json!({ "missed": missed.to_string() }).to_string()))
            }
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}
