//! Names the commit that the binary is built from, for `urne version`: asked of git, never of a network.
use std::{path::PathBuf, process::Command};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // What HEAD names, and the branch it names, are files of the repository: a new commit changes one of them.
    let references = [Some("HEAD".to_owned()), git(&["symbolic-ref", "-q", "HEAD"]), Some("packed-refs".to_owned())];
    let files = references.into_iter().flatten().filter_map(|it| git(&["rev-parse", "--git-path", &it]));
    // And a changed source is a build that no commit names.
    let crates = std::fs::read_dir("..").into_iter().flatten().flatten().map(|it| it.path().join("src"));
    let watched = files.map(PathBuf::from).chain(crates).filter(|it| it.exists());
    watched.for_each(|it| println!("cargo::rerun-if-changed={}", it.display()));
    let commit = git(&["rev-parse", "--short=12", "HEAD"]).map(|commit| {
        let is_modified = git(&["status", "--porcelain", "--untracked-files=no"]).is_some_and(|it| !it.is_empty());
        if is_modified { format!("{commit}-modified") } else { commit }
    });
    println!("cargo::rustc-env=URNE_COMMIT={}", commit.as_deref().unwrap_or("unknown"));
}

/// What git answers; none without git, or outside of a repository.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok().filter(|it| it.status.success())?;
    String::from_utf8(output.stdout).ok().map(|it| it.trim().to_owned())
}
