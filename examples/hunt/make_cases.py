#!/usr/bin/env python3
"""Makes infected, placebo and clean netlists of a list of host families.

Usage: make_cases.py DIR IMPLANT_TOOL SEED0 COUNT FAMILY...

Instead of families TUNING, EARLIER, BLOCKS or LEFT_OUT of flow.py, shuffled by the seed.

Each family is elaborated, the tool puts COUNT implants and placebos into it (at most two into hosts of more
than 4000 gates), and everything is synthesised again by yosys and abc in one of five forms (flow.FORMS), so that an
implant merges with its host. Written per case: DIR/FAMILY/NAME.v (contest form, anonymous and shuffled) and
NAME.truth.json (`trigger`, `payload`, `family`, `form`) with two answers to what belongs to the implant:
`gates`, by tie-off: what becomes redundant when the trigger net is tied quiet after synthesis; and `provenance`
(provenance.py): what was inserted, followed through synthesis by names and functions.
"""
import json
import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import flow
import provenance

LARGE = 4000


def clock_of(path):
    """The input port that clocks the flip-flops."""
    flat = flow.Flat(path)
    nets = {f[1] for f in flat.flops}
    for name, direction, bits in flat.ports:
        if direction == "input" and len(bits) == 1 and bits[0] in nets:
            return name
    return "clk"


def resynth(source, out, form):
    flow.yosys([f"read_verilog {source}", "hierarchy -top host", "proc", "flatten", "opt_clean", "simplemap", flow.LEGAL,
                "simplemap", flow.mapping(form), "opt_clean", f"write_json {out}"])


def fold(kind, ins):
    """Value of a gate under constants: 0, 1, ('pass', bit) or None. Tries all values of the open inputs."""
    rest = sorted({i for i in ins if i not in (0, 1)}, key=str)
    if len(rest) == len(ins):
        return None
    table = {}
    for row in range(1 << len(rest)):
        value = dict(zip(rest, (row >> k & 1 for k in range(len(rest)))))
        table[row] = flow.FUNCTION[kind](1, *(i if i in (0, 1) else value[i] for i in ins))
    if len(set(table.values())) == 1:
        return table[0]
    for k, bit in enumerate(rest):
        if len({table[row] ^ (row >> k & 1) for row in table}) == 1:
            return ("pass", bit)
    return None


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
    source, family, name, form, seed, directory = args
    stem = os.path.join(directory, family, name)
    try:
        resynth(source, stem + ".json", form)
        flat = flow.Flat(stem + ".json")
        record = {"family": family, "name": name, "form": form, "trigger": None, "payload": None, "gates": [], "provenance": []}
        meta = source[:-2] + ".json"
        names, inserted = [], []
        if os.path.exists(meta):
            m = json.load(open(meta))
            record.update(trigger=m["trigger"], payload=m["payload"], rate=m["rate"])
        if record["payload"] not in (None, "placebo"):
            trig = flat.kept.get("implant_trigger", ["0"])[0]
            if isinstance(trig, str):
                return f"{stem}: trigger folded"
            kept = [b for n, bits in flat.kept.items() if n.startswith("implant_kept") for b in bits]
            names = truth(flat, trig, kept)
            if not names:
                return f"{stem}: nothing left"
            clean = os.path.join(os.path.dirname(source), "clean.v")
            inserted = provenance.inserted(flat, trig, kept, m, clean, os.path.join(directory, family, f"clean-{form}.json"))
        mapped = flat.write(stem + ".v", seed=seed + 1)
        record["gates"] = [mapped[n] for n in names]
        record["provenance"] = [mapped[n] for n in inserted]
        record["size"] = len(mapped)
        json.dump(record, open(stem + ".truth.json", "w"))
        if not name.startswith("clean"):
            os.remove(stem + ".json")
        return f"{stem}: {record['trigger']} {record['payload']} {len(names)} / {len(inserted)} of {len(mapped)}"
    except Exception as e:
        return f"{stem}: FAILED {type(e).__name__} {str(e)[:200]}"


def prepare(args):
    """Elaborates a host and has the tool draw; returns the jobs."""
    k, family, directory, tool, first, count = args
    base = os.path.join(directory, family)
    os.makedirs(base, exist_ok=True)
    host = os.path.join(base, "host.json")
    flow.elaborate(family, host)
    flat = flow.Flat(host)
    flat.write(os.path.join(base, "host.v"), seed=None)
    if len(flat.gates) > LARGE:
        count = min(count, 2)
    start = first + 31 * k
    cleans, jobs = [], []
    for i in range(count):
        seed, form = start + 6 * i, flow.FORMS[(i + k) % len(flow.FORMS)]
        raw = os.path.join(base, "raw-" + ("words" if form == "words" else "gates"))
        source = os.path.join(base, "host.v")
        if form == "words":
            source = os.path.join(base, "words.json")
            flow.words(family, source)
        done = subprocess.run([tool, source, raw, clock_of(host), str(seed)], capture_output=True, text=True)
        if done.returncode:
            print(f"{base}: the tool refused {source}: {done.stderr.strip()[:200]}")
            continue
        cleans.append((os.path.join(raw, "clean.v"), family, f"clean-{form}", form, seed, directory))
        for name in (f"{seed}", f"{seed}-placebo"):
            if os.path.exists(os.path.join(raw, name + ".v")):
                jobs.append((os.path.join(raw, name + ".v"), family, name, form, seed, directory))
    return cleans + jobs


def main():
    directory, tool, first, count, *families = sys.argv[1:]
    sets = {"TUNING": flow.TUNING, "EARLIER": flow.EARLIER, "BLOCKS": flow.BLOCKS, "LEFT_OUT": flow.LEFT_OUT}
    if families[0] in sets:
        families = list(sets[families[0]])
        random.Random(int(first)).shuffle(families)
    args = [(k, f, directory, tool, int(first), int(count)) for k, f in enumerate(families)]

    def family(a):
        try:
            return [one(job) for job in prepare(a)]
        except Exception as e:
            return [f"{a[1]}: FAILED {str(e)[:300]}"]

    with ThreadPoolExecutor(2) as pool:
        for lines in pool.map(family, args):
            print("\n".join(lines), flush=True)


if __name__ == "__main__":
    main()
