#!/usr/bin/env bash
# Measures a network of its own and prints every figure beside this machine's own ceiling. A benchmark, not a timed test.
# `--json` is for programs; the last five minutes watch the network do nothing (`--idle-seconds 0` leaves them out). Ends with 0 or 1.
set -euo pipefail
# shellcheck source=testnet/prepare.sh
. "$(dirname "${BASH_SOURCE[0]}")/prepare.sh"
urne_prepare
urne_build
URNE_COMMIT=$(git -C "$root" describe --always --dirty 2>/dev/null || echo unknown)
export URNE_COMMIT
exec "$urne_testnet" bench "$@"
