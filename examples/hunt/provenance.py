"""What was inserted, followed through synthesis: ground truth that knows nothing of tie-off or of the detector.

Registers keep their names, so those with a number beyond the host's are the implant's. Logic loses its names; it
is recognised by function: every net of the clean host, before synthesis and after, is simulated on 4096 patterns
around the states in which the implant fires (the tool writes them), and a gate of the infected netlist that computes
one of those functions, or its complement, is the host's. Inserted are (1) the gates in the cone of the trigger net and
of the implant's registers back to functions of the host, and (2) the gates behind the trigger that follow it and,
with it quiet, repeat one of their inputs, are constant, or compute what no net of the host does from inserted nets.
"""
import os
import random
import re

import flow

SEGMENT = 1024
BITS = 4 * SEGMENT
MASK = (1 << BITS) - 1


def leaves(meta):
    """A pattern source: values of a leaf around the recorded frames."""
    frames = meta["frames"] or [{"registers": "", "inputs": ""}]

    def make(key, of_frame):
        rng = random.Random(key)
        base = 0
        for k in range(BITS):
            base |= of_frame(frames[k % len(frames)]) << k
        flips = 0
        for s, depth in enumerate((5, 3, 2, 1)):
            word = rng.getrandbits(SEGMENT)
            for _ in range(depth - 1):
                word &= rng.getrandbits(SEGMENT)
            flips |= word << (s * SEGMENT)
        return base ^ flips

    def register(i):
        return make(f"r{i}", lambda f: int(f["registers"][i]) if i < len(f["registers"]) else 0)

    where = {name: i for i, name in enumerate(meta["inputs"])}

    def port(name, bit):
        i = where.get(f"{name}[{bit}]", -1)
        return make(f"i{name}[{bit}]", lambda f: int(f["inputs"][i]) if 0 <= i < len(f["inputs"]) else 0)

    return register, port


def ordered(flat):
    driver = {g[2]: g for g in flat.gates}
    done, order = set(), []
    for gate in flat.gates:
        stack = [gate]
        while stack:
            g = stack[-1]
            if g[2] in done:
                stack.pop()
                continue
            open_ = [driver[b] for b in g[3] if b in driver and b not in done]
            if open_:
                stack.extend(open_)
            else:
                done.add(g[2])
                order.append(g)
                stack.pop()
    return order


def simulate(flat, order, register, port, force=None):
    values = {"0": 0, "1": MASK, "x": 0}
    for name, direction, bits in flat.ports:
        if direction == "input":
            for i, b in enumerate(bits):
                values[b] = port(name, i)
    for f in flat.flops:
        values[f[3]] = register(flat.register.get(f[3], -1))
    if force is not None:
        values[force[0]] = force[1]
    for _, kind, out, ins in order:
        if force is None or out != force[0]:
            values[out] = flow.FUNCTION[kind](MASK, *(values.get(b, 0) for b in ins))
    return values


def canon(value):
    return min(value, value ^ MASK)


def leaf_registers(path):
    found = {}
    for line in open(path):
        m = re.search(r"hostdff r(\d+)\(.*\.Q\(n(\d+)\)", line)
        if m:
            found[m[2]] = int(m[1])
    return found


def inserted(flat, trigger, kept, meta, clean_verilog, clean_json):
    """Names of the instances of `flat` that the tool inserted."""
    register, port = leaves(meta)
    first = min(meta["registers"], default=1 << 30)
    host = set()
    # the host before synthesis: nodes are written after what they read, registers last
    text = open(clean_verilog).read().splitlines()
    state = leaf_registers(clean_verilog)
    values = {n: register(i) for n, i in state.items()}
    later = []
    for line in text:
        m = re.match(r"assign n(\d+) = \\(\S+) \[(\d+)\];", line)
        if m:
            values[m[1]] = port(m[2], int(m[3]))
        m = re.match(r"wire n(\d+) = (~?)n(\d+) & (~?)n(\d+);", line)
        if m:
            later.append(m)
    for m in later:
        a, b = values.get(m[3], 0), values.get(m[5], 0)
        values[m[1]] = (a ^ (MASK if m[2] else 0)) & (b ^ (MASK if m[4] else 0))
    host.update(canon(v) for v in values.values())
    if os.path.exists(clean_json):
        twin = flow.Flat(clean_json)
        host.update(canon(v) for v in simulate(twin, ordered(twin), register, port).values())
    host.discard(0)
    order = ordered(flat)
    free = simulate(flat, order, register, port)
    quiet = simulate(flat, order, register, port, (trigger, 0))
    active = simulate(flat, order, register, port, (trigger, MASK))
    driver = {g[2]: ("g", g) for g in flat.gates}
    driver.update({f[3]: ("f", f) for f in flat.flops})
    found, nets = set(), set()
    stack = [trigger] + kept + [f[3] for f in flat.flops if flat.register.get(f[3], -1) >= first]
    while stack:
        bit = stack.pop()
        if bit in nets or bit not in driver:
            continue
        kind, cell = driver[bit]
        if kind == "f":
            if flat.register.get(bit, -1) < first:
                continue
            found.add(cell[0])
            nets.add(bit)
            stack.extend(b for b in (cell[2], cell[4], cell[5]) if b is not None)
            continue
        if bit != trigger and canon(free[bit]) in host:
            continue
        found.add(cell[0])
        nets.add(bit)
        stack.extend(cell[3])
    # logic that the host uses as well is the host's, restructured
    readers = {}
    for name, _, out, ins in order:
        for b in ins:
            readers.setdefault(b, []).append(out)
    for f in flat.flops:
        for b in (f[2], f[4], f[5]):
            readers.setdefault(b, []).append(f[3])
    outputs = {b for _, direction, bits in flat.ports if direction == "output" for b in bits}
    for name, _, out, _ in reversed(order):
        if out in nets and out != trigger:
            others = [r for r in readers.get(out, []) if r not in nets and quiet.get(r) == active.get(r)]
            if others or out in outputs:
                nets.discard(out)
                found.discard(name)
    for name, _, out, ins in order:
        if out in nets or quiet[out] == active[out]:
            continue
        q = canon(quiet[out])
        repeats = q == 0 or any(canon(quiet.get(b, 0)) == q for b in ins)
        if repeats or (q not in host and any(b in nets for b in ins)):
            found.add(name)
            nets.add(out)
    return sorted(found)
