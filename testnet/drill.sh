#!/usr/bin/env bash
# Breaks a network of its own on purpose, one fault after another, and says what held, with measured numbers.
# `drill.sh --only crash` runs one drill, `drill.sh --list` names them, `--json` is for programs. Ends with 0 or 1.
set -euo pipefail
# shellcheck source=testnet/prepare.sh
. "$(dirname "${BASH_SOURCE[0]}")/prepare.sh"
urne_prepare
# Failed system calls, and a wrong clock; without them those drills are skipped and say so.
urne_packages strace
urne_build
exec "$urne_testnet" drill "$@"
