#!/usr/bin/env bash
# The second command of the README: installs what is missing, then runs every test, the simulated
# networks among them, with the one optimised profile. Ends with 0 or 1, and with cargo test's own closing lines.
set -euo pipefail
# shellcheck source=testnet/prepare.sh
. "$(dirname "${BASH_SOURCE[0]}")/prepare.sh"
urne_prepare
cd "$root"
urne_say "running every test (cargo test --release --workspace); 50 simulated networks and the kept seeds are among them"
exec cargo test --release --locked --workspace --no-fail-fast "$@"
