//! The workspace as a reader sees it: manifests through `cargo metadata`, and texts with their paths. Build products, data
//! folders and whatever git ignores are left out.
use serde_json::Value;
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Folders that nobody reads.
const NOT_READ: [&str; 7] = ["target", ".git", "node_modules", "dist", "run", "corpus", "artifacts"];

/// One crate of the workspace.
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
    pub(crate) manifest: String,
    pub(crate) floor: Option<u64>,
    pub(crate) is_pure: Option<bool>,
    pub(crate) dependencies: Vec<Dependency>,
}

/// One line of a manifest.
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) is_for_tests: bool,
    pub(crate) is_optional: bool,
}

/// One text, with its path from the root of the workspace.
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Package {
    /// The sources under a folder of the crate.
    pub(crate) fn sources(&self, folder: &str) -> Vec<Source> {
        let mut found = Vec::new();
        visit(&self.folder.join(folder), &["rs"], &mut found);
        found
    }
}

impl Source {
    /// Numbered lines without their comments. A `//` inside a text literal cuts the line too: a word behind it is not code.
    pub(crate) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines().map(|line| line.split("//").next().unwrap_or_default()))
    }
}

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("testnet is a folder of the workspace").to_owned()
}

/// Every crate of the workspace.
pub(crate) fn packages() -> Vec<Package> {
    let cargo = env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--offline", "--format-version=1"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    metadata["packages"].as_array().expect("a list of packages").iter().map(package).collect()
}

fn package(it: &Value) -> Package {
    let manifest = PathBuf::from(text(&it["manifest_path"]));
    let urne = &it["metadata"]["urne"];
    Package {
        name: text(&it["name"]),
        folder: manifest.parent().expect("a manifest lies in a folder").to_owned(),
        manifest: fs::read_to_string(&manifest).expect("a manifest is a text"),
        floor: urne["floor"].as_u64(),
        is_pure: urne["pure"].as_bool(),
        dependencies: it["dependencies"].as_array().into_iter().flatten().map(dependency).collect(),
    }
}

fn dependency(it: &Value) -> Dependency {
    Dependency {
        name: text(&it["name"]),
        is_for_tests: it["kind"] == "dev",
        is_optional: it["optional"].as_bool() == Some(true),
    }
}

fn text(it: &Value) -> String {
    it.as_str().expect("a text").to_owned()
}

/// Every Rust source of the workspace, tests included.
pub(crate) fn rust_sources() -> Vec<Source> {
    let found = texts(&["rs"]);
    assert!(50 < found.len(), "the walk has lost its way: {} sources", found.len());
    found
}

/// Every text with one of these extensions; a file without any counts under its own name (`.ci/run`).
pub(crate) fn texts(extensions: &[&str]) -> Vec<Source> {
    let mut found = Vec::new();
    visit(&root(), extensions, &mut found);
    found
}

fn visit(folder: &Path, extensions: &[&str], found: &mut Vec<Source>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).into_iter().flatten().flatten().map(|it| it.path()).collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().and_then(|it| it.to_str()).unwrap_or_default();
        let extension = path.extension().and_then(|it| it.to_str()).unwrap_or(name);
        if path.is_dir() {
            if !NOT_READ.contains(&name) {
                visit(&path, extensions, found);
            }
        } else if extensions.contains(&extension)
            && let Ok(text) = fs::read_to_string(&path)
        {
            let path = path.strip_prefix(root()).unwrap_or(&path).to_string_lossy().into_owned();
            found.push(Source { path, text });
        }
    }
}
