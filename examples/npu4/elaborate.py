#!/usr/bin/env python3
"""Elaborates the NPU-4 variants into netlists/NAME.json.zst and writes NAME.toml.

Usage: elaborate.py [NAME...]      (no name: all of them)

Needs `zstd` and a Yosys: the program (0.23 and later) or the Python package `pyosys`. The passes map the
design to single-bit gates and fold nothing; every register is marked `keep`, and the script stops if one is
lost on the way. Only names of hidden nets and the `src` of combinational gates are dropped afterwards.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from variants import FUNCTIONS, VARIANTS, case, function_case  # noqa: E402

SOURCES = ["npu4_top", "npu4_queue", "npu4_remote", "npu4_power", "npu4_watchdog", "npu4_engine", "npu4_spad",
           "npu4_array", "npu4_pe", "npu4_mul", "npu4_fuse", "npu4_readout", "npu4_mgmt", "npu4_trigger"]


def passes(define, n, before, after):
    files = " ".join(f"rtl/{s}.sv" for s in SOURCES)
    return [
        f"read_verilog -sv -Irtl {'-D' + define if define else ''} {files}",
        f"hierarchy -check -top npu4 -chparam N {n}",
        "proc -noopt",
        "flatten",
        "memory_collect",
        "memory_map",
        "setattr -set keep 1 t:$dff",
        f"write_json {before}",
        "techmap",
        "simplemap",
        "opt_clean",
        f"write_json {after}",
    ]


def run_yosys(script):
    if shutil.which("yosys"):
        subprocess.run(["yosys", "-q", "-p", "; ".join(script)], cwd=HERE, check=True)
        return
    from pyosys import libyosys as ys
    design, old = ys.Design(), os.getcwd()
    os.chdir(HERE)
    try:
        for line in script:
            ys.run_pass(line, design)
    finally:
        os.chdir(old)


def top_of(path):
    modules = json.load(open(path))["modules"]
    if len(modules) != 1:
        sys.exit(f"expected one module after flatten, found {sorted(modules)}")
    return next(iter(modules.values()))


def register_nets(module, kinds):
    """Names of the nets that registers drive, and how many register bits there are."""
    bits = [b for c in module["cells"].values() if c["type"] in kinds for b in c["connections"]["Q"]]
    driven = set(bits)
    named = {n for n, w in module["netnames"].items() if not w["hide_name"] and driven & set(w["bits"])}
    return named, len(bits)


def slim(module):
    """Drops hidden names and the `src` of gates; gives cells short names. Connections stay as they are."""
    cells = {}
    for i, cell in enumerate(module["cells"].values()):
        register = "DFF" in cell["type"]
        cells[f"${'ff' if register else 'g'}{i}"] = {
            "hide_name": 1,
            "type": cell["type"],
            "parameters": cell["parameters"],
            "attributes": {"src": cell["attributes"]["src"].split("|")[-1]} if register else {},
            "port_directions": cell["port_directions"],
            "connections": cell["connections"],
        }
    nets = {n: w for n, w in module["netnames"].items() if not w["hide_name"]}
    return {"attributes": module["attributes"], "ports": module["ports"], "cells": cells, "netnames": nets}


def elaborate(name):
    define, n = VARIANTS[name][:2] if name in VARIANTS else (FUNCTIONS[name][0], 4)
    text = case(name) if name in VARIANTS else function_case(name)
    with open(os.path.join(HERE, name + ".toml"), "w") as f:
        f.write(text)
    if name in FUNCTIONS and FUNCTIONS[name][1]:
        return
    out = os.path.join(HERE, "netlists", name + ".json")
    with tempfile.TemporaryDirectory() as tmp:
        before, after = os.path.join(tmp, "before.json"), os.path.join(tmp, "after.json")
        run_yosys(passes(define, n, before, after))
        first, last = top_of(before), top_of(after)
    creator = "probity examples/npu4/elaborate.py"

    names0, bits0 = register_nets(first, {"$dff"})
    other = {c["type"] for c in first["cells"].values() if "dff" in c["type"].lower() or "latch" in c["type"].lower()}
    if other - {"$dff"}:
        sys.exit(f"{name}: unexpected storage {sorted(other)}")
    names1, bits1 = register_nets(last, {"$_DFF_P_"})
    if bits0 != bits1 or names0 - names1:
        sys.exit(f"{name}: registers lost: {bits0} bits before, {bits1} after, names {sorted(names0 - names1)[:5]}")
    uid = last["netnames"]["u_fuse.uid"]["bits"]
    driven = {b for c in last["cells"].values() for p, d in c["port_directions"].items() if d == "output"
              for b in c["connections"][p]}
    if len({b for b in uid if isinstance(b, int)} - driven) != 64:
        sys.exit(f"{name}: the identity did not survive")
    strange = {b for c in last["cells"].values() for bits in c["connections"].values() for b in bits
               if isinstance(b, str) and b not in "01"}
    if strange:
        sys.exit(f"{name}: constants other than 0 and 1: {sorted(strange)}")

    body = slim(last)
    lines = ['{"creator":' + json.dumps(creator) + ',"modules":{"npu4":{']
    lines.append('"attributes":' + json.dumps(body["attributes"], separators=(",", ":")) + ",")
    for i, key in enumerate(["ports", "cells", "netnames"]):
        lines.append(f'"{key}":{{')
        rows = [json.dumps(k) + ":" + json.dumps(v, separators=(",", ":")) for k, v in body[key].items()]
        lines.append(",\n".join(rows))
        lines.append("}" + ("," if i < 2 else ""))
    lines.append("}}}\n")
    text = "\n".join(lines).encode()
    os.makedirs(os.path.dirname(out), exist_ok=True)
    with open(out + ".zst", "wb") as f:
        subprocess.run(["zstd", "-19", "-q", "-c"], input=text, stdout=f, check=True)
    print(f"{name:16} N={n:<3} cells {len(body['cells']):7}  registers {bits1:6}  "
          f"json {len(text):10}  zst {os.path.getsize(out + '.zst'):8}", flush=True)


if __name__ == "__main__":
    every = [*VARIANTS, *FUNCTIONS]
    for which in sys.argv[1:] or every:
        if which not in every:
            sys.exit(f"no variant {which}; there are: {', '.join(every)}")
        elaborate(which)
