#!/usr/bin/env python3
"""Runs `probity design hunt` over cases made by make_cases.py and prints the figures of docs/hunt.md.

Usage: protocol.py DIR PROBITY [BASELINES] [--jobs N]

DIR has one directory per host family with NAME.v and NAME.truth.json. Gates are compared with the truth by
provenance; the F1 against the truth by tie-off stands beside it. Misses count as F1 0. Intervals are Wilson's at
95 %, as if netlists of one family were independent; the count of families with any alarm is printed as well. The
contest score is 2 points for a right verdict plus the gate F1 of infected designs. Seconds are of the processor.
"""
import collections
import glob
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor


def wilson(k, n, z=1.96):
    if n == 0:
        return "-"
    p = k / n
    mid = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5 / (1 + z * z / n)
    return f"{k}/{n} = {100 * p:.0f} % [{100 * max(0, mid - half):.0f}, {100 * min(1, mid + half):.0f}]"


def quality(found, truth):
    hit = len(found & truth)
    precision = hit / len(found) if found else 0.0
    recall = hit / len(truth) if truth else 0.0
    return precision, recall, 2 * hit / (len(found) + len(truth)) if found or truth else 0.0


def median(values):
    return sorted(values)[len(values) // 2] if values else 0.0


CELLS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cells.lib")
MEASURE = "import resource, subprocess, sys; c = subprocess.run(sys.argv[1:]).returncode; " \
    "u = resource.getrusage(resource.RUSAGE_CHILDREN); print(u.ru_utime + u.ru_stime, file=sys.stderr); sys.exit(c)"


def run(args):
    path, tool = args
    command = [sys.executable, "-c", MEASURE, tool, "design", "hunt", path, "--liberty", CELLS, "--json"]
    done = subprocess.run(command, capture_output=True, text=True)
    seconds = float(done.stderr.strip().splitlines()[-1])
    if done.returncode not in (0, 1):
        return path, None, seconds, done.stderr.strip()
    out = json.loads(done.stdout)
    first = out["suspects"][0] if out["suspects"] else None
    flagged = out["verdict"] == "suspect"
    gates = {g["name"] for g in first["gates"]} if flagged else set()
    act = first["activation"] if flagged else {}
    return path, (flagged, gates, act, out["gates"], first["kind"] if flagged else None, out["confidence"]), seconds, ""


def main():
    args = [a for a in sys.argv[1:] if not a.startswith("--")]
    jobs = int(sys.argv[sys.argv.index("--jobs") + 1]) if "--jobs" in sys.argv else 2
    if "--jobs" in sys.argv:
        args.remove(str(jobs))
    directory, tool, *more = args
    paths = sorted(p for p in glob.glob(os.path.join(directory, "*", "*.v")) if os.path.exists(p[:-2] + ".truth.json"))
    rows = []
    with ThreadPoolExecutor(jobs) as pool:
        for path, result, seconds, error in pool.map(run, [(p, tool) for p in paths]):
            truth = json.load(open(path[:-2] + ".truth.json"))
            if result is None:
                print(f"FAILED {path}: {error}")
                continue
            kind = truth["payload"] if truth["payload"] == "placebo" else "infected" if truth["payload"] else "clean"
            rows.append((truth, kind, result, seconds, path))
    infected = [r for r in rows if r[1] == "infected"]
    table("by trigger", infected, lambda r: r[0]["trigger"])
    table("by payload", infected, lambda r: r[0]["payload"])
    table("by host", infected, lambda r: r[0]["family"])
    table("by form", infected, lambda r: r[0]["form"])
    left_out = [r for r in infected if r[0]["trigger"] != "asynchronous"]
    table("all infected", infected, lambda r: "all")
    table("without the left-out trigger family", left_out, lambda r: "all")
    table("truth by tie-off", infected, lambda r: "all", "gates")
    for kind in ("clean", "placebo"):
        some = [r for r in rows if r[1] == kind]
        print(f"flagged {kind}: {wilson(sum(r[2][0] for r in some), len(some))}")
        families = {r[0]["family"] for r in some}
        alarmed = {r[0]["family"] for r in some if r[2][0]}
        print(f"  families with an alarm: {wilson(len(alarmed), len(families))}")
        for r in some:
            if r[2][0]:
                print(f"  {os.path.relpath(r[4], directory)} {r[2][4]} confidence {r[2][5]:.2f}")
    true_hits = [r for r in infected if r[2][0] and quality(r[2][1], set(r[0]["provenance"]))[2] > 0.3]
    fired = [r for r in true_hits if r[2][2].get("result") == "fires"]
    shown = [r for r in fired if r[2][2].get("differs_at") is not None]
    print(f"true hits with a replayed activation: {wilson(len(fired), len(true_hits))}")
    print(f"... of which an output differs in the replay: {wilson(len(shown), len(true_hits))}")
    clean = [r for r in rows if r[1] == "clean"]
    points = sum(2 * r[2][0] + (quality(r[2][1], set(r[0]['provenance']))[2] if r[2][0] else 0) for r in infected)
    points += sum(2 * (not r[2][0]) for r in clean)
    print(f"contest score, infected and clean: {points:.1f} of {3 * len(infected) + 2 * len(clean)}")
    rate = [10000 * r[3] / r[2][3] for r in rows if r[2][3] > 2000]
    print(f"seconds per 10,000 gates (designs over 2,000 gates): median {median(rate):.1f}, most {max(rate, default=0):.1f}")
    if more:
        baselines(more[0], rows)


def table(title, rows, key, truth="provenance"):
    groups = collections.defaultdict(list)
    for r in rows:
        groups[key(r)].append(r)
    print(f"\n{title:14} {'flagged':28} precision recall  F1 median mean")
    for name in sorted(groups):
        some = groups[name]
        q = [quality(r[2][1], set(r[0][truth])) if r[2][0] else (0, 0, 0) for r in some]
        mean = [sum(x[i] for x in q) / len(q) for i in range(3)]
        print(f"{name:14} {wilson(sum(r[2][0] for r in some), len(some)):28} {mean[0]:9.2f} {mean[1]:6.2f} "
              f"{median([x[2] for x in q]):10.2f} {mean[2]:4.2f}")


def baselines(tool, rows):
    out = subprocess.run([tool, CELLS] + [r[4] for r in rows], capture_output=True, text=True).stdout
    found = {json.loads(line)["file"]: json.loads(line)["found"] for line in out.splitlines()}
    print(f"\n{'baseline':14} {'infected flagged':28} {'clean flagged':28} F1 median mean")
    for name in ("fanci", "rare", "comparator"):
        hits = [(r, set(found[r[4]][name])) for r in rows if r[4] in found]
        q = [quality(g, set(r[0]["provenance"]))[2] for r, g in hits if r[1] == "infected"]
        flagged = wilson(sum(bool(g) for r, g in hits if r[1] == "infected"), len(q))
        alarms = wilson(sum(bool(g) for r, g in hits if r[1] == "clean"), sum(r[1] == "clean" for r, _ in hits))
        print(f"{name:14} {flagged:28} {alarms:28} {median(q):9.2f} {sum(q) / max(1, len(q)):4.2f}")


if __name__ == "__main__":
    main()
