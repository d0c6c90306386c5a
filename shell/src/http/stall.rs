//! A socket that gives up on a slow client: one which takes nothing of its answer for too long, since an answer that nobody
//! reads would hold its memory and its place for ever; and one whose request begins and does not go on. Between requests a
//! connection may rest; for how long is the server's to say.
use std::{
    future::Future,
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep, sleep_until},
};

/// Where a connection stands, as the server tells its socket: requests begun and answers made, together. Odd while a
/// request is served, even while the next one's head is awaited.
#[derive(Clone, Debug, Default)]
pub(crate) struct Turns(Arc<AtomicU64>);

impl Turns {
    /// A head is complete, or its answer is.
    pub(crate) fn next(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
    /// The turn, if a head is awaited.
    fn awaiting(&self) -> Option<u64> {
        Some(self.0.load(Ordering::Relaxed)).filter(|it| it % 2 == 0)
    }
}

/// See the module.
pub(crate) struct Impatient {
    stream: TcpStream,
    patience: Duration,
    turns: Turns,
    /// The turn in which a head began to arrive, and until when it may take.
    head: Option<(u64, Pin<Box<Sleep>>)>,
    is_head_late: bool,
    /// Running while a write waits for the client.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Impatient {
    pub(crate) fn new(stream: TcpStream, patience: Duration) -> Self {
        Self { stream, patience, turns: Turns::default(), head: None, is_head_late: false, stalled: None }
    }
    /// Where the server tells the turns.
    pub(crate) fn turns(&self) -> Turns {
        self.turns.clone()
    }
    /// Whether it gave up on a request that did not go on.
    pub(crate) fn is_head_late(&self) -> bool {
        self.is_head_late
    }
    /// Passes a write's result on, or gives up when it has waited too long.
    fn judge<T>(&mut self, wrote: Poll<io::Result<T>>, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        if wrote.is_ready() {
            self.stalled = None;
            return wrote;
        }
        let deadline = Instant::now() + self.patience;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        ready!(stalled.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Impatient {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(context, into);
        let turn = self.turns.awaiting();
        self.head.take_if(|(began, _)| turn != Some(*began));
        match (turn, &mut self.head) {
            (Some(turn), None) if read.is_ready() => {
                self.head = Some((turn, Box::pin(sleep_until(Instant::now() + self.patience))));
            }
            (_, Some((_, until))) if read.is_pending() => {
                ready!(until.as_mut().poll(context));
                self.is_head_late = true;
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            _ => {}
        }
        read
    }
}

impl AsyncWrite for Impatient {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.judge(wrote, context)
    }
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.judge(wrote, context)
    }
    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
