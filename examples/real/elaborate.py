#!/usr/bin/env python3
"""Elaborates the fetched cores into DIR/netlists/NAME.json.zst and copies the case files and hints to DIR.

Usage: elaborate.py DIR [NAME...]      (no name: all of them; run fetch.py DIR first)

Needs `zstd` and a Yosys: the Python package `pyosys` or the program; FPnew needs `pyosys`, which has `read_slang`.
The pass sequence is the one of the crate `frontend`: it maps to single-bit gates, folds nothing, and every
register is marked `keep`. The script stops if a register bit is lost on the way.
"""
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from cores import CORES, INCLUDES, SLANG  # noqa: E402
from planted import PLANTED  # noqa: E402

REGISTERS = "t:$dff* t:$adff* t:$sdff* t:$aldff* t:$dlatch* t:$adlatch* t:$sr t:$ff"
# what read_verilog makes up for each clocked write to a memory; nothing reads it
TEMPORARY = "w:$memwr$* %ci1:+$dff[Q] t:$dff %i"


def passes(core, before, after):
    files, top, parameters = core[:3]
    include = f" -I{INCLUDES[top]}" if top in INCLUDES else ""
    if top in SLANG:
        given = "".join(f" -G {k}={v}" for k, v in parameters.items())
        read = [f"read_slang --top {top}{given}{include} {' '.join(files)}", f"hierarchy -check -top {top}"]
    else:
        given = "".join(f" -chparam {k} {v}" for k, v in parameters.items())
        read = [f"read_verilog -sv{include} {' '.join(files)}", f"hierarchy -check -top {top}{given}"]
    return [
        *read,
        "proc -noopt",
        "flatten",
        "memory_collect",
        "memory_map",
        f"setattr -set keep 1 {REGISTERS} %% {TEMPORARY} %d",
        "opt_clean",
        f"write_json {before}",
        "techmap",
        "simplemap",
        "opt_clean",
        f"write_json {after}",
    ]


def run_yosys(script, where):
    try:
        import pyosys  # noqa: F401
        command = [sys.executable, "-c", "import sys\nfrom pyosys import libyosys as ys\nd = ys.Design()\n"
                   "for line in sys.argv[1:]: ys.run_pass(line, d)", *script]
    except ImportError:
        if not shutil.which("yosys"):
            sys.exit("no Yosys; install it: apt-get install yosys, or pip install pyosys")
        command = ["yosys", "-q", "-p", "; ".join(script)]
    done = subprocess.run(command, cwd=where, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        sys.exit("yosys failed:\n" + "\n".join(done.stdout.splitlines()[-12:]))


def top_of(path):
    modules = json.load(open(path))["modules"]
    if len(modules) != 1:
        sys.exit(f"expected one module after flatten, found {sorted(modules)}")
    return next(iter(modules.values()))


def register_bits(module):
    return sum(len(c["connections"]["Q"]) for c in module["cells"].values() if "Q" in c["connections"])


def plant(name, sources, tmp):
    """Where the sources of a case are: those fetched, or with what is planted in this case."""
    if name not in PLANTED:
        return sources
    copy = os.path.join(tmp, "sources")
    shutil.copytree(sources, copy)
    for path, old, new in PLANTED[name]:
        with open(os.path.join(copy, path)) as f:
            text = f.read()
        if text.count(old) != 1:
            sys.exit(f"{name}: {text.count(old)} times in {path}, once expected: {old}")
        with open(os.path.join(copy, path), "w") as f:
            f.write(text.replace(old, new))
    return copy


def elaborate(name, root):
    core = CORES[name]
    sources = os.path.join(root, "sources")
    out = os.path.join(root, "netlists", name + ".json.zst")
    with tempfile.TemporaryDirectory() as tmp:
        before, after = os.path.join(tmp, "before.json"), os.path.join(tmp, "after.json")
        run_yosys(passes(core, before, after), plant(name, sources, tmp))
        first, last = register_bits(top_of(before)), register_bits(top_of(after))
        if first != last:
            sys.exit(f"{name}: registers lost: {first} bits before, {last} after")
        os.makedirs(os.path.dirname(out), exist_ok=True)
        subprocess.run(["zstd", "-q", "-f", after, "-o", out], check=True)
    print(f"{name:18} registers {last:6}  zst {os.path.getsize(out):8}", flush=True)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    root = os.path.abspath(sys.argv[1])
    for name in sys.argv[2:] or CORES:
        if name not in CORES:
            sys.exit(f"no core {name}; there are: {', '.join(CORES)}")
        elaborate(name, root)
    for pattern in ("*.toml", "*.hints"):
        for case in glob.glob(os.path.join(HERE, pattern)):
            shutil.copy(case, root)


if __name__ == "__main__":
    main()
