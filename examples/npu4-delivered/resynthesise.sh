#!/bin/sh
# Makes clean-abc.json.zst: the clean variant of the example accelerator in other gates, with hidden names gone.
set -eu
cd "$(dirname "$0")"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
zstd -dcq ../npu4/netlists/clean.json.zst > "$tmp/clean.json"
yosys -q -p "read_json $tmp/clean.json; hierarchy -auto-top; flatten; dffunmap; dfflegalize -cell \$_DFF_P_ x; \
    techmap; abc -script +strash;dch;map; opt_clean -purge; write_json $tmp/clean-abc.json"
zstd -19 -qf "$tmp/clean-abc.json" -o clean-abc.json.zst
