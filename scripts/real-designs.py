#!/usr/bin/env python3
"""Audit the real cores and units and the example accelerator, and print what docs say of them as tables.

usage: real-designs.py DIR [--cases NAME,NAME…] [--limit SECONDS] [--bin DIR]

DIR receives the cores (examples/real/fetch.py and elaborate.py, if it has no netlists yet). For each
case there, then for each case of examples/npu4 — those that state a remote-disable verdict, and those under
a contract of what they compute — `probity audit --jobs 1` writes a dossier and `probity-verify` checks it. A
row is one case: what the checks found, processor seconds (user and system: steadier than wall seconds on a
machine with other work) and peak memory of the audit, bytes of LRAT proofs as stored (zstd), processor
seconds of the verification. A row whose verdict is not the one the case file expects is marked `!`, a
dossier that is not sound, too.
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
# claim that a case states a verdict for: checks whose answers are columns
CHECKS = {
    "no-remote-disable": ("design.remote-disable", "design.identity-leak"),
    "no-hidden-function": ("design.hidden-trigger",),
}


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
                       ("key_bits", "key of {} bits"), ("port", "on `{}`"), ("conditional_ties", "ties under {} conditions"),
                       ("left_history", "history of {} cycles"), ("right_history", "against {}")):
        if metrics.get(name) not in (None, "", 0):
            words.append(text.format(thousands(str(metrics[name]))))
    return ", ".join(words) + (f" (`{finding['item']}`)" if len(findings) > 1 else "")


def row(case, checks, programs, limit, scratch):
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
        verify = [programs / "probity-verify", "--artifacts", case.parent / "netlists", dossier]
        sound, check_seconds, _ = run(verify, answer)
    fine = code == 0 and sound == 0
    cells = [case.stem, *(said([f for f in found if f["check"] == check]) for check in checks), f"{seconds:.1f}",
             f"{memory:,.0f}", f"{lrat:,}", f"{check_seconds:.2f}" if sound == 0 else "not sound"]
    return f"| {' | '.join(cells)} |{'' if fine else ' !'}", fine


def table(title, cases, checks, programs, limit):
    columns = ["case", *(f"`{check.removeprefix('design.')}`" for check in checks), "processor s", "MiB", "LRAT bytes",
               "verify s"]
    print(f"\n{title}\n\n| {' | '.join(columns)} |\n{'|---' * len(columns)}|", flush=True)
    all_fine = True
    for case in cases:
        with tempfile.TemporaryDirectory() as scratch:
            line, fine = row(case, checks, programs, limit, scratch)
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

    def chosen(folder, claim):
        cases = [c for c in folder.glob("*.toml") if not names or c.stem in names]
        return sorted((c for c in cases if claim in c.read_text()), key=order)

    npu4 = ROOT / "examples" / "npu4"
    tables = (("Real cores", real, "no-remote-disable"), ("The example accelerator", npu4, "no-remote-disable"),
              ("What real units compute", real, "no-hidden-function"),
              ("What the example accelerator computes", npu4, "no-hidden-function"))
    fine = []
    for title, folder, claim in tables:
        cases = chosen(folder, claim)
        if cases:
            fine.append(table(title, cases, CHECKS[claim], programs, options.limit))
    return 0 if all(fine) else 1


if __name__ == "__main__":
    sys.exit(main())
