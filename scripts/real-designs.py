#!/usr/bin/env python3
"""Audit the real cores and the example accelerator, and print what docs say of them as tables.

usage: real-designs.py DIR [--cases NAME,NAME…] [--limit SECONDS] [--bin DIR]

DIR receives the cores (examples/real/fetch.py and elaborate.py, if it has no netlists yet). For each
case there — then for each case of examples/npu4 that states a remote-disable verdict — `probity audit
--jobs 1` writes a dossier and `probity-verify` checks it. A row is one case: what the checks found,
processor seconds (user and system: steadier than wall seconds on a machine with other work) and peak
memory of the audit, bytes of LRAT proofs as stored (zstd), processor seconds of the verification. A row
whose verdict is not the one the case file expects is marked `!`, a dossier that is not sound, too.
Build first:  cargo build --release
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
CHECKS = ("design.remote-disable", "design.identity-leak")


def run(command, out):
    """(exit code, processor seconds, MiB) of one process that writes to `out`."""
    child = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def thousands(text):
    return f"{int(text):,}" if text.isdigit() else text


def said(findings):
    """What a check found, in a cell of a table: the worst, where it examined several items."""
    if not findings:
        return "–"
    finding = max(findings, key=lambda f: ("proved", "nothing-found", "undetermined", "suspect", "refuted")
                  .index(f["verdict"]))
    metrics, words = finding.get("metrics", {}), [f"**{finding['verdict']}**"]
    if finding.get("kind") or finding.get("reason"):
        words.append(finding.get("kind") or finding["reason"])
    for name, text in (("recovery_cycles", "within {} cycles"), ("cycles", "run of {} cycles"), ("hours", "{} h"),
                       ("key_bits", "key of {} bits"), ("port", "on `{}`")):
        if metrics.get(name) not in (None, "", 0):
            words.append(text.format(thousands(str(metrics[name]))))
    return ", ".join(words) + (f" (`{finding['item']}`)" if len(findings) > 1 else "")


def row(case, programs, limit, scratch):
    """One line of the table, and whether all of it is as expected."""
    out = pathlib.Path(scratch) / "out"
    command = [programs / "probity", "audit", case, "--out", out, "--force", "--jobs", "1", "--json", "--expect"]
    if limit:
        command += ["--time-limit", f"{limit}s"]
    with tempfile.TemporaryFile("w+") as answer:
        code, seconds, memory = run(command, answer)
        answer.seek(0)
        text = answer.read()
    if not text.strip():
        return f"| {case.stem} | no answer, exit code {code} | | | | | | ! |", False
    found = json.loads(text)["findings"]
    dossier = out / case.stem
    lrat = sum(f.stat().st_size for f in (dossier / "certificates").rglob("*.lrat*"))
    with tempfile.TemporaryFile("w+") as answer:
        sound, check_seconds, _ = run([programs / "probity-verify", "--artifacts", case.parent / "netlists", dossier], answer)
    fine = code == 0 and sound == 0
    cells = [case.stem, *(said([f for f in found if f["check"] == check]) for check in CHECKS), f"{seconds:.1f}",
             f"{memory:,.0f}", f"{lrat:,}", f"{check_seconds:.2f}" if sound == 0 else "not sound"]
    return f"| {' | '.join(cells)} |{'' if fine else ' !'}", fine


def table(title, cases, programs, limit):
    print(f"\n{title}\n\n| case | `remote-disable` | `identity-leak` | processor s | MiB | LRAT bytes | "
          "verify s |\n|---|---|---|---|---|---|---|", flush=True)
    all_fine = True
    for case in cases:
        with tempfile.TemporaryDirectory() as scratch:
            line, fine = row(case, programs, limit, scratch)
        print(line, flush=True)
        all_fine &= fine
    return all_fine


def order(case):
    """Clean parts first, small before large; then implants, leaks, look-alikes by name."""
    name = case.stem
    return (not name.startswith("clean"), len(name) if name.startswith("clean") else 0, name)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("directory", type=pathlib.Path)
    arguments.add_argument("--cases", default="", help="only these, by name")
    arguments.add_argument("--limit", type=int, default=0, help="wall seconds for each check")
    arguments.add_argument("--bin", default=None, help="where probity and probity-verify are")
    options = arguments.parse_args()
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    programs = pathlib.Path(options.bin) if options.bin else target / "release"
    real = options.directory
    if not (real / "netlists").is_dir():
        for script in ("fetch.py", "elaborate.py"):
            subprocess.run([sys.executable, ROOT / "examples" / "real" / script, real], check=True, stdout=sys.stderr)
    names = set(filter(None, options.cases.split(",")))

    def chosen(folder):
        cases = [c for c in folder.glob("*.toml") if not names or c.stem in names]
        return sorted((c for c in cases if "no-remote-disable" in c.read_text()), key=order)

    tables = (("Real cores", real), ("The example accelerator", ROOT / "examples" / "npu4"))
    fine = [table(title, chosen(folder), programs, options.limit) for title, folder in tables]
    return 0 if all(fine) else 1


if __name__ == "__main__":
    sys.exit(main())
