# Sourced, never run: builds librocksdb.a once into a cache outside the tree and points cargo at it.
# shellcheck shell=bash
# RocksDB is minutes of C++; plain `cargo build` works without this file and compiles it itself.
# Guarantees: exports ROCKSDB_LIB_DIR and ROCKSDB_STATIC when the cached library is there, changes nothing else.
urne_rocksdb() {
    local version cache lib built
    version=$(sed -n '/^name = "librocksdb-sys"/{n;s/version = "\(.*\)"/\1/p}' "$1/Cargo.lock") || return 0
    cache="${XDG_CACHE_HOME:-$HOME/.cache}/urne/rocksdb-$version-$(uname -m)"
    lib="$cache/librocksdb.a"
    if [ ! -s "$lib" ]; then
        echo "urne: compiling RocksDB once into $cache (about 20 minutes on 2 idle cores)"
        mkdir -p "$cache" || return 1
        (cd "$1" && env -u ROCKSDB_LIB_DIR cargo build --release --locked -p librocksdb-sys --target-dir "$cache/build") || return 1
        built=$(find "$cache/build" -name librocksdb.a -print -quit)
        [ -n "$built" ] || return 1
        cp "$built" "$lib.partial" && mv "$lib.partial" "$lib" && rm -rf "$cache/build"
    fi
    export ROCKSDB_LIB_DIR="$cache" ROCKSDB_STATIC=1
}
