#!/usr/bin/env python3
"""Makes infected, placebo and clean netlists of a list of host families.

Usage: make_cases.py DIR IMPLANT_TOOL SEED0 COUNT FAMILY...

Each family is elaborated, the tool puts COUNT implants and placebos into it, and everything is synthesised
again by yosys and abc with one of three scripts, so that an implant merges with its host. Written per case:
DIR/FAMILY/NAME.v (contest form, anonymous and shuffled) and NAME.truth.json (`gates`: the instances that
become redundant when the trigger net is tied quiet after synthesis; `trigger`, `payload`, `family`).
"""
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import flow

CLOCKS = {}


def clock_of(path):
    """The input port that clocks the flip-flops."""
    flat = flow.Flat(path)
    nets = {f[1] for f in flat.flops}
    for name, direction, bits in flat.ports:
        if direction == "input" and len(bits) == 1 and bits[0] in nets:
            return name
    return "clk"


def resynth(source, out, seed):
    flow.yosys([f"read_verilog {source}", "hierarchy -top host", "proc", "flatten", "opt_clean", "simplemap", flow.LEGAL,
                flow.gates(seed), "opt_clean", f"write_json {out}"])


def fold(kind, ins):
    """Value of a gate under constants: 0, 1, ('pass', bit) or None."""
    inverted = kind in ("nand", "nor", "xnor", "not")
    base = {"nand": "and", "nor": "or", "xnor": "xor", "not": "buf"}.get(kind, kind)
    known = [i for i in ins if i in (0, 1)]
    rest = [i for i in ins if i not in (0, 1)]
    if base == "buf":
        return known[0] ^ inverted if known else None
    if base == "and":
        if 0 in known:
            return 0 ^ inverted
        if not rest:
            return 1 ^ inverted
    elif base == "or":
        if 1 in known:
            return 1 ^ inverted
        if not rest:
            return 0 ^ inverted
    elif not rest:
        return (sum(known) & 1) ^ inverted
    return ("pass", rest[0]) if known and len(rest) == 1 else None


def live(flat, roots, values, passed):
    """Cells that something observable still needs."""
    driver = {}
    for i, (_, kind, out, ins) in enumerate(flat.gates):
        driver[out] = ("g", i, ins)
    for i, f in enumerate(flat.flops):
        driver[f[3]] = ("f", i, [x for x in (f[2], f[4], f[5]) if x is not None])
    seen, stack, need = set(), list(roots), set()
    while stack:
        bit = stack.pop()
        if bit in seen or isinstance(bit, str) or bit in values:
            continue
        seen.add(bit)
        if bit in passed:
            stack.append(passed[bit])
            continue
        if bit in driver:
            kind, i, ins = driver[bit]
            need.add((kind, i))
            stack.extend(ins)
    return need


def truth(flat, trigger, kept):
    """Instances that are needed with the trigger free and not with it tied to 0."""
    outputs = [b for _, d, bits in flat.ports if d == "output" for b in bits]
    roots = outputs + kept
    before = live(flat, roots, {}, {})
    values, passed = {trigger: 0}, {}

    def get(bit):
        if isinstance(bit, str):
            return 1 if bit == "1" else 0
        return values.get(bit, bit)

    changed = True
    touched = set()
    while changed:
        changed = False
        for i, (_, kind, out, ins) in enumerate(flat.gates):
            if out in values:
                continue
            new = fold(kind, [get(b) for b in ins])
            if new in (0, 1) and not isinstance(new, tuple):
                values[out] = new
                touched.add(("g", i))
                changed = True
            elif isinstance(new, tuple) and out not in passed:
                passed[out] = new[1]
                touched.add(("g", i))
                changed = True
    # a register that loads itself or a constant from the start is not followed: hosts keep theirs
    after = live(flat, outputs, values, passed)
    gone = (before - after) | (touched & before)
    # the payload of an invisible implant hangs on kept wires
    names = [flat.gates[i][0] if k == "g" else flat.flops[i][0] for k, i in sorted(gone)]
    return names


def one(args):
    source, family, name, seed, directory = args
    stem = os.path.join(directory, family, name)
    try:
        resynth(source, stem + ".json", seed)
        flat = flow.Flat(stem + ".json")
        record = {"family": family, "name": name, "trigger": None, "payload": None, "gates": []}
        meta = source[:-2] + ".json"
        if os.path.exists(meta):
            m = json.load(open(meta))
            record.update(trigger=m["trigger"], payload=m["payload"], rate=m["rate"])
        names = []
        if record["payload"] not in (None, "placebo"):
            trig = flat.kept.get("implant_trigger", ["0"])[0]
            if isinstance(trig, str):
                return f"{stem}: trigger folded"
            kept = [b for n, bits in flat.kept.items() if n.startswith("implant_kept") for b in bits]
            names = truth(flat, trig, kept)
            if not names:
                return f"{stem}: nothing left"
        mapped = flat.write(stem + ".v", seed=seed + 1)
        record["gates"] = [mapped[n] for n in names]
        record["size"] = len(mapped)
        json.dump(record, open(stem + ".truth.json", "w"))
        os.remove(stem + ".json")
        return f"{stem}: {record['trigger']} {record['payload']} {len(names)} of {len(mapped)}"
    except Exception as e:
        return f"{stem}: FAILED {str(e)[:200]}"


def main():
    directory, tool, first, count, *families = sys.argv[1:]
    jobs = []
    for k, family in enumerate(families):
        base = os.path.join(directory, family)
        os.makedirs(base, exist_ok=True)
        host = os.path.join(base, "host.json")
        if not os.path.exists(host):
            flow.elaborate(family, host)
        flow.Flat(host).write(os.path.join(base, "host.v"), seed=None)
        start = int(first) + 31 * k
        seeds = [str(start + i * 6) for i in range(int(count))]
        subprocess.run([tool, os.path.join(base, "host.v"), os.path.join(base, "raw"), clock_of(host), *seeds], check=True,
                       stdout=subprocess.DEVNULL)
        for f in sorted(os.listdir(os.path.join(base, "raw"))):
            if f.endswith(".v"):
                seed = start + len(jobs)
                jobs.append((os.path.join(base, "raw", f), family, f[:-2], seed, directory))
    with ThreadPoolExecutor(2) as pool:
        for line in pool.map(one, jobs):
            print(line, flush=True)


if __name__ == "__main__":
    main()
