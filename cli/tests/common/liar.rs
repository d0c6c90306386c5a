//! A node that lies: it passes on what a true one says, but for what a test makes of it, and takes no transaction.
use super::network::ask;
use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// See the module. It ends with the test's process.
pub(crate) struct Liar {
    /// Its URL.
    pub(crate) api: String,
    sent: Arc<AtomicUsize>,
}

impl Liar {
    /// In front of this node; `lie` is shown the path that was asked for, and the answer.
    pub(crate) fn before(api: &str, lie: impl Fn(&str, String) -> String + Send + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
        let own = format!("http://{}", listener.local_addr().expect("it is bound"));
        let (sent, true_api) = (Arc::new(AtomicUsize::new(0)), api.to_owned());
        let counted = Arc::clone(&sent);
        thread::spawn(move || {
            for stream in listener.incoming().filter_map(Result::ok) {
                // Whoever hangs up hears nothing.
                let _ = answer(&stream, &true_api, &lie, &counted);
            }
        });
        Self { api: own, sent }
    }
    /// How many transactions it was sent.
    pub(crate) fn sent(&self) -> usize {
        self.sent.load(Ordering::SeqCst)
    }
}

fn answer(
    mut stream: &TcpStream,
    api: &str,
    lie: &impl Fn(&str, String) -> String,
    sent: &AtomicUsize,
) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    while lines.next().transpose()?.is_some_and(|it| !it.is_empty()) {}
    let path = first.split(' ').nth(1).unwrap_or_default();
    let (status, body) = if first.starts_with("GET ") {
        let (status, body) = ask(&format!("{api}{path}"));
        (status, lie(path, body))
    } else {
        sent.fetch_add(1, Ordering::SeqCst);
        (500, String::new())
    };
    let head = "content-type: application/json\r\nconnection: close";
    write!(stream, "HTTP/1.1 {status} said\r\n{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}
