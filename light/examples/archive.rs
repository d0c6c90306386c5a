//! Writes the archive of a majority judgment of so many ballots, 11,304 where none is said, on the chain of the tests, so that
//! a verification can be measured: `cargo run --release -p urne-light --example archive -- FILE 11304`, then the command that
//! it prints.
#[path = "../tests/urn/mod.rs"]
mod urn;

fn main() {
    let mut words = std::env::args().skip(1);
    let file = words.next().expect("the file to write");
    let voters = words.next().map_or(11_304, |it| it.parse().expect("a number of ballots"));
    let held = urn::Held::judgment(voters);
    std::fs::write(&file, urn::written(&held.records())).expect("the file can be written");
    println!("urne election verify --archive {file} --chain {}", held.world.chain());
}
