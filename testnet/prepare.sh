# Sourced, never run: what every script here needs before it starts. Installs what is missing and says what, builds with
# shellcheck shell=bash
# the one optimised profile that tests, testnet and benchmarks share. Does nothing silently and nothing twice.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
# shellcheck source=testnet/rocksdb.sh
. "$here/rocksdb.sh"

urne_say() { printf 'urne: %s\n' "$*"; }
urne_stop() {
    urne_say "$*" >&2
    exit 1
}

# As root directly, else through sudo.
urne_as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        urne_stop "please run as root, or install sudo: $*"
    fi
}

# urne_packages PACKAGE… : installs the Debian packages that are not there.
urne_packages() {
    local package missing=()
    for package in "$@"; do
        dpkg-query --show --showformat='${db:Status-Status}\n' "$package" 2>/dev/null | grep -q '^installed$' || missing+=("$package")
    done
    [ "${#missing[@]}" -gt 0 ] || return 0
    command -v apt-get >/dev/null || urne_stop "this machine has no apt-get: please install ${missing[*]} by hand, then run this again"
    urne_say "installing ${missing[*]} with apt-get"
    urne_as_root apt-get update -qq
    urne_as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# The Rust toolchain, at least the version that Cargo.toml names.
urne_rust() {
    local wanted found
    wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$root/Cargo.toml")
    # shellcheck disable=SC1091
    command -v cargo >/dev/null || { [ -r "$HOME/.cargo/env" ] && . "$HOME/.cargo/env"; } || true
    if ! command -v cargo >/dev/null; then
        if apt-cache show rustup >/dev/null 2>&1; then
            urne_packages rustup
        else
            urne_say "installing Rust $wanted for this user with rustup (https://rustup.rs)"
            curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal --default-toolchain none
            # shellcheck disable=SC1091
            . "$HOME/.cargo/env"
        fi
        rustup toolchain install --profile minimal "$wanted" && rustup default "$wanted"
    fi
    found=$(cargo --version | cut -d' ' -f2)
    if [ "$(printf '%s\n%s\n' "$wanted" "$found" | sort -V | head -n 1)" != "$wanted" ]; then
        urne_stop "cargo is $found and at least $wanted is needed: run 'rustup update stable', then this again"
    fi
}

urne_prepare() {
    # A compiler for C++ and libclang for RocksDB and its bindings; the rest is for these scripts.
    urne_packages build-essential clang libclang-dev cmake pkg-config ca-certificates curl gzip procps util-linux
    urne_rust
    urne_rocksdb "$root" || urne_stop "RocksDB does not compile: the lines above say why"
}

# Builds both binaries and names the one that runs testnets: $urne_testnet.
urne_build() {
    urne_say "building urne and urne-testnet (cargo build --release)"
    (cd "$root" && cargo build --release --locked -p urne-cli -p urne-testnet) || urne_stop "the build failed: the lines above say why"
    # shellcheck disable=SC2034 # for the script that sources this
    urne_testnet="${CARGO_TARGET_DIR:-$root/target}/release/urne-testnet"
    export URNE_TESTNET_DIR="${URNE_TESTNET_DIR:-$here/run}"
}
