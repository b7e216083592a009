# Sourced by `try`, `test` and `.ci/run`: finds what is missing, installs it as root, else asks for it.

# libclang with its headers: the solver binding generates its Rust declarations with it.
has_libclang() {
    [ -n "${LIBCLANG_PATH:-}" ] && return 0
    for lib in /usr/lib/llvm-*/lib/libclang.so* /usr/lib/*/libclang*.so* /usr/lib64/libclang.so*; do
        [ -e "$lib" ] || continue
        for header in /usr/lib/llvm-*/lib/clang/*/include/stddef.h /usr/lib/clang/*/include/stddef.h; do
            [ -e "$header" ] && return 0
        done
    done
    return 1
}

# need PACKAGE...: Debian packages whose program (or library) must be there.
need() {
    missing=
    for package in "$@"; do
        case $package in
            libclang-dev) has_libclang || missing="$missing $package" ;;
            *) command -v "$package" >/dev/null 2>&1 || missing="$missing $package" ;;
        esac
    done
    [ -z "$missing" ] && return 0
    install="apt-get update && apt-get install -y --no-install-recommends$missing"
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "installing:$missing" >&2
        # shellcheck disable=SC2086 # a list of words
        apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing >&2 && return 0
        echo "could not install:$missing" >&2
    else
        echo "missing:$missing" >&2
        echo "on Debian or Ubuntu, as root:  $install" >&2
    fi
    exit 2
}

# need_cargo: a Rust tool chain, which no package of Debian 12 is new enough for.
need_cargo() {
    command -v cargo >/dev/null 2>&1 && return 0
    echo "missing: cargo, stable Rust $1 or later; see https://rustup.rs" >&2
    exit 2
}
