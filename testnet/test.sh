#!/usr/bin/env bash
# The second command of the README: installs what is missing, then runs every test, the simulated
# networks among them, with the one optimised profile. Ends with 0 or 1, and with cargo test's own closing lines.
set -euo pipefail
# shellcheck source=testnet/prepare.sh
. "$(dirname "${BASH_SOURCE[0]}")/prepare.sh"
urne_prepare
cd "$root"
# The second implementation of the ballots, where node 20 or later is present: it shares vectors with the first, and no build.
left_out=()
if [ "$#" -eq 0 ]; then
    if command -v npm >/dev/null && node --eval 'process.exit(Number.parseInt(process.versions.node) < 20 ? 1 : 0)'; then
        urne_say "running the tests of web/ballot with node $(node --version)"
        if (cd web/ballot && npm ci --silent --no-audit --no-fund); then
            (cd web/ballot && NODE_OPTIONS=--test-reporter=dot npm test --silent)
        else
            left_out+=("the tests of web/ballot: npm cannot fetch its packages here")
        fi
    else
        left_out+=("the tests of web/ballot: they need npm and node 20 or later")
    fi
    # The recount that shares no line with ours, where python 3 is present: it reads a published archive, and needs nothing else.
    if command -v python3 >/dev/null; then
        urne_say "running the tests of tools/recount.py with $(python3 --version)"
        (cd tools && PYTHONDONTWRITEBYTECODE=1 python3 -m unittest --buffer)
    else
        left_out+=("the tests of tools/recount.py: they need python3")
    fi
fi
for what in "${left_out[@]}"; do urne_say "LEFT OUT: $what"; done
urne_say "running every test (cargo test --release --workspace); 50 simulated networks and the kept seeds are among them"
exec cargo test --release --locked --workspace --no-fail-fast "$@"
