//! How a message reaches a member: a command that takes it (`sendmail -t`), or a folder of messages for whoever sends them.
//! Both get one RFC 5322 message in UTF-8.
use rand::RngExt;
use std::{
    io::{self, Write},
    path::PathBuf,
    process::{Command as Process, Stdio},
    thread,
    time::{Duration, Instant},
};
use urne_shell::disk::{self, Readable};

/// A mail system that takes longer is stopped.
const PATIENCE: Duration = Duration::from_secs(30);
const GLANCE: Duration = Duration::from_millis(20);

/// A message to one member. It has no `Debug`: it names her.
pub struct Message {
    /// Her address, as the roll's reader has accepted it: nothing that a head gives a meaning.
    pub to: String,
    /// In ASCII.
    pub subject: &'static str,
    /// Plain text.
    pub text: String,
}

impl Message {
    /// As a file or a standard input. Lines end as the system's mail programs take them.
    #[must_use]
    pub fn eml(&self, from: &str) -> String {
        let Self { to, subject, text } = self;
        format!(
            "From: {from}\nTo: {to}\nSubject: {subject}\nAuto-Submitted: auto-generated\nMIME-Version: 1.0\n\
             Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{text}"
        )
    }
}

/// Delivers messages.
pub trait Courier: Send + Sync {
    /// Hands a message on.
    ///
    /// # Errors
    /// What went wrong, without a word of the message.
    fn deliver(&self, message: &Message) -> io::Result<()>;
}

/// A folder of `.eml` files, each readable by its owner only.
pub struct Outbox {
    /// The folder; it must exist.
    pub folder: PathBuf,
    /// Who writes.
    pub from: String,
}
impl Courier for Outbox {
    fn deliver(&self, message: &Message) -> io::Result<()> {
        let name = format!("{:032x}.eml", rand::rng().random::<u128>());
        disk::replace(&self.folder.join(name), Readable::ByOwner, message.eml(&self.from).as_bytes())
    }
}

/// A program that takes the message on its standard input.
pub struct Command {
    /// The program.
    pub program: PathBuf,
    /// What it is given; the message's head says to whom it goes.
    pub arguments: Vec<String>,
    /// Who writes.
    pub from: String,
}
impl Courier for Command {
    fn deliver(&self, message: &Message) -> io::Result<()> {
        let mut process = Process::new(&self.program);
        process.args(&self.arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = process.spawn()?;
        let written = child.stdin.take().map_or(Ok(()), |mut it| it.write_all(message.eml(&self.from).as_bytes()));
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = child.try_wait()? {
                written?;
                return if status.success() {
                    Ok(())
                } else {
                    Err(io::Error::other(format!("it ended with {status}")))
                };
            }
            if until < Instant::now() {
                child.kill()?;
                child.wait()?;
                return Err(io::ErrorKind::TimedOut.into());
            }
            thread::sleep(GLANCE);
        }
    }
}
