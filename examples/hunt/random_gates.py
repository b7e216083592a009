#!/usr/bin/env python3
"""A large netlist without meaning, to time the hunt: random gates, an eighth of them registers.

Usage: random_gates.py GATES > FILE.v      (structural Verilog, always the same for the same GATES)

Each gate reads one net from anywhere before it and one near it, so that the logic is deep; registers load
nets from anywhere. 64 inputs, 64 outputs.
"""
import random
import sys

gates = int(sys.argv[1])
draw = random.Random(1)
flops = gates // 8
logic = gates - flops
print("module top(clk,a,y);input clk;input [63:0] a;output [63:0] y;")
nets = [f"a[{i}]" for i in range(64)] + [f"q{i}" for i in range(flops)]
cells = []
for i in range(logic):
    far = nets[draw.randrange(len(nets))]
    near = nets[max(0, len(nets) - 1 - int(draw.expovariate(1 / 2000)))]
    kind = draw.choice(["and", "or", "nand", "nor", "xor", "xnor"])
    cells.append(f"{kind} g{i}(w{i},{far},{near});")
    nets.append(f"w{i}")
for i in range(flops):
    cells.append(f"dff f{i}(.RN(1'b1),.SN(1'b1),.CK(clk),.D(w{draw.randrange(logic)}),.Q(q{i}));")
cells += [f"buf b{i}(y[{i}],w{logic - 1 - i});" for i in range(64)]
for letter, count in (("w", logic), ("q", flops)):
    print("\n".join(f"wire {letter}{i};" for i in range(count)))
print("\n".join(cells))
print("endmodule")
