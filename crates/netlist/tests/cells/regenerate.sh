#!/bin/sh
# Rebuilds the fixtures of this folder with yosys and iverilog (Debian's 0.23 and 11.0 were used).
# The two netlists are one design at two levels; the vectors come from the source itself.
set -eu
cd "$(dirname "$0")"
front="read_verilog -sv mix.sv; hierarchy -top mix; proc; flatten; opt_expr; opt_clean; opt_dff; opt_clean; setattr -unset src"
fine="techmap; simplemap; setattr -unset src"
yosys -q -p "$front; write_json mix.word.json"
yosys -q -p "$front; $fine; abc -g AND,NAND,OR,NOR,XOR,XNOR,ANDNOT,ORNOT,MUX,AOI3,OAI3,AOI4,OAI4; opt_clean; write_json mix.gates.json"
for f in mix.*.json; do python3 -c 'import json,sys; f=sys.argv[1]; d=json.load(open(f)); json.dump(d,open(f,"w"),separators=(",",":"))' "$f"; done
iverilog -g2012 -o /tmp/mix.vvp tb.sv mix.sv && vvp -n /tmp/mix.vvp > mix.vectors
