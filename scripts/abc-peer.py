#!/usr/bin/env python3
"""Time the identity check against berkeley-abc on the same two-copy machine.

usage: abc-peer.py [--limit SECONDS] [--cases NAME,NAME…] [--bin DIR]

For each case (default: the example accelerator with N = 4, 8, 16) this program writes the tied miter
as AIGER (`miter`, an example of crate design) and gives it to berkeley-abc, twice: `scorr; dprove`
and `pdr`. Ours is `probity audit`, netlist to dossier, with the seconds of the identity check alone,
and `probity-verify` on that dossier. The audit decides every other check of the case too. Each row is
one process: processor seconds (user), wall seconds, peak resident memory, and what it said.
Build first:  cargo build --release && cargo build --release -p probity-design --examples
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


def run(command, limit):
    """(said, user seconds, wall seconds, MiB) of one process; `said` ends with a mark if stopped."""
    start = time.monotonic()
    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
        stopped = False
        while True:
            pid, status, usage = os.wait4(child.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() - start > limit:
                child.kill()
                _, status, usage = os.wait4(child.pid, 0)
                stopped = True
                break
            time.sleep(0.02)
        child.returncode = status
        out.seek(0)
        said = out.read().decode(errors="replace")
    wall = time.monotonic() - start
    return said, stopped, usage.ru_utime, wall, usage.ru_maxrss / 1024


def verdict(said, stopped, limit):
    if stopped:
        return f"no answer in {limit:.0f} s"
    if re.search(r"Networks are equivalent|Property proved", said):
        return "proved"
    if re.search(r"NOT EQUIVALENT|was asserted", said):
        return "refuted"
    if "UNDECIDED" in said or "undecided" in said:
        return "undecided"
    return said.strip().splitlines()[-1][:60] if said.strip() else "nothing"


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--limit", type=float, default=300.0, help="wall seconds for each run")
    arguments.add_argument("--cases", default="clean,clean-n8,clean-n16")
    arguments.add_argument("--bin", default=None, help="where probity, probity-verify and examples/miter are")
    options = arguments.parse_args()
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    programs = pathlib.Path(options.bin) if options.bin else target / "release"
    print("case | program | said | user s | wall s | MiB", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        for name in options.cases.split(","):
            case = ROOT / "examples" / "npu4" / f"{name}.toml"
            machine = pathlib.Path(scratch) / f"{name}.aig"
            subprocess.run([programs / "examples" / "miter", case, machine], check=True)
            out = pathlib.Path(scratch) / "out"
            rows = [
                ("probity audit", [programs / "probity", "audit", case, "--out", out, "--force"]),
                ("probity-verify", [programs / "probity-verify", out / name]),
            ]
            for what in ("scorr; dprove", "pdr"):
                script = f"read {machine}; {what}"
                rows.append((f"abc {what}", ["berkeley-abc", "-c", script]))
            for program, command in rows:
                said, stopped, user, wall, memory = run(command, options.limit)
                if program == "probity audit":
                    found = re.search(r"design\.identity-leak [^:]*: (\w+).*\(([\d.]+ \S+)\)", said)
                    lrat = sum(f.stat().st_size for f in (out / name).rglob("*.lrat*"))
                    what = f"{found[1]}, the check alone {found[2]}, {lrat} bytes of LRAT for all checks" \
                        if found else said[-80:]
                elif program == "probity-verify":
                    what = said.strip().splitlines()[-1] if said.strip() else "nothing"
                else:
                    what = verdict(said, stopped, options.limit)
                print(f"{name} | {program} | {what} | {user:.1f} | {wall:.1f} | {memory:.0f}",
                      flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
