//! Runs the real binary, as a person or a script would.
#![allow(dead_code, reason = "each test file uses its part")]
pub(crate) mod liar;
pub(crate) mod network;
pub(crate) mod silence;

use serde_json::Value;
use std::{
    io::Write,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

/// What a run said and how it ended.
#[derive(Debug)]
pub(crate) struct Run {
    /// Exit code.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

/// Runs `urne` without terminal and without inherited `URNE_*`.
pub(crate) fn urne(args: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_urne"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("URNE_")) {
        command.env_remove(name);
    }
    let Output { status, stdout, stderr } = command.args(args).stdin(Stdio::null()).output().expect("the binary runs");
    Run {
        code: status.code().expect("an exit code"),
        out: String::from_utf8(stdout).expect("text"),
        err: String::from_utf8(stderr).expect("text"),
    }
}

/// Runs `urne` in a terminal into which this is typed.
pub(crate) fn typed(args: &[&str], lines: &[&str]) -> Run {
    use rustix::pty;
    let terminal = pty::openpt(pty::OpenptFlags::RDWR | pty::OpenptFlags::NOCTTY).expect("a terminal");
    pty::grantpt(&terminal).and_then(|()| pty::unlockpt(&terminal)).expect("a terminal of our own");
    let name = pty::ptsname(&terminal, Vec::new()).expect("its name").into_string().expect("text");
    let inside = std::fs::File::options().read(true).write(true).open(name).expect("its other side");
    let mut command = Command::new(env!("CARGO_BIN_EXE_urne"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("URNE_")) {
        command.env_remove(name);
    }
    let child =
        command.args(args).stdin(inside).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut terminal = std::fs::File::from(terminal);
    for line in lines {
        writeln!(terminal, "{line}").expect("typed");
    }
    let Output { status, stdout, stderr } = child.wait_with_output().expect("it ends");
    Run {
        code: status.code().expect("an exit code"),
        out: String::from_utf8(stdout).expect("text"),
        err: String::from_utf8(stderr).expect("text"),
    }
}

/// Runs with `--json` and expects success.
pub(crate) fn json(args: &[&str]) -> Value {
    let run = urne(&[args, &["--json"]].concat());
    assert_eq!(run.code, 0, "{args:?}: {run:?}");
    serde_json::from_str(&run.out).unwrap_or_else(|e| panic!("{e}: {}", run.out))
}

/// Expects a refusal with this code and these words.
pub(crate) fn refused(code: i32, words: &str, args: &[&str]) {
    let run = urne(args);
    assert_eq!(run.code, code, "{args:?}: {run:?}");
    assert!(run.err.contains(words), "{args:?}: '{words}' is not in: {}", run.err);
    assert!(run.out.is_empty() || words.contains("would stop"), "a refusal writes to standard error: {}", run.out);
}

/// A folder that disappears, and paths inside it.
pub(crate) struct Desk(tempfile::TempDir);
impl Desk {
    /// A new one.
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }
    /// A path inside, as text.
    pub(crate) fn at(&self, name: &str) -> String {
        self.path(name).to_str().expect("text").to_owned()
    }
    /// A path inside.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
    /// A private passphrase file.
    pub(crate) fn passphrase(&self, name: &str, text: &str) -> String {
        std::fs::write(self.path(name), text).expect("write");
        mode(&self.path(name), 0o600);
        self.at(name)
    }
}

/// Sets the rights of a file.
pub(crate) fn mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("chmod");
}
