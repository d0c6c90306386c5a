#!/usr/bin/env bash
# One command: four validators of four colleges on this machine, a real election held, counted and checked, the network
# left running. A healthy network is reported and left; a half-dead one is taken down and started again. Ends with 0 or 1.
set -euo pipefail
# shellcheck source=testnet/prepare.sh
. "$(dirname "${BASH_SOURCE[0]}")/prepare.sh"
urne_prepare
urne_build
exec "$urne_testnet" up "$@"
