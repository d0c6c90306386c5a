#!/usr/bin/env bash
# The second command of the README: installs what is missing, then runs the simulator on fresh seeds and every test, all
# with the one optimised profile. Ends with 0 or 1, and with cargo test's own closing lines.
set -euo pipefail
# shellcheck source=testnet/prepare.sh
. "$(dirname "${BASH_SOURCE[0]}")/prepare.sh"
urne_prepare
cd "$root"
urne_say "compiling every test (cargo test --release --workspace)"
cargo test --release --locked --workspace --no-run
urne_say "simulating ${URNE_SEEDS:-1..50} x ${URNE_HEIGHTS:-20} heights (a seed that fails is replayed by its number)"
cargo run --release --locked -p urne-sim -- --seeds "${URNE_SEEDS:-1..50}" --heights "${URNE_HEIGHTS:-20}"
exec cargo test --release --locked --workspace --no-fail-fast "$@"
