#!/usr/bin/env bash
# Stops the network that up.sh left running: gracefully, only processes that are really its own, at most 10 s. Idempotent.
set -euo pipefail
# shellcheck source=testnet/prepare.sh
. "$(dirname "${BASH_SOURCE[0]}")/prepare.sh"
export URNE_TESTNET_DIR="${URNE_TESTNET_DIR:-$here/run}"
if [ ! -e "$URNE_TESTNET_DIR/network.json" ]; then
    urne_say "no network in $URNE_TESTNET_DIR: nothing to stop"
    exit 0
fi
urne_testnet="${CARGO_TARGET_DIR:-$root/target}/release/urne-testnet"
[ -x "$urne_testnet" ] || { urne_prepare && urne_build; }
exec "$urne_testnet" down "$@"
