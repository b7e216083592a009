#!/usr/bin/env python3
"""Fits the boosted trees of `design::hunt::score` and writes trees.rs.

Usage: fit.py CASES ROWS OUT.rs FAMILY...

ROWS/FAMILY.tsv is the output of `cargo run --release -p probity-design --example features` over CASES/FAMILY/*.v.
Triggers of the family `asynchronous` and invisible payloads take no part. Hard negatives are weighted up in
three rounds. First the families are held out in four groups and the threshold table printed, then all are fitted.
Needs numpy.
"""
import collections
import json
import math
import os
import sys

import numpy as np

NAMES = ["bits", "gates", "registers", "passing", "live", "constant", "dead", "lost", "silent", "taps", "width", "flips",
         "share", "design", "asleep", "busy", "parent", "stored", "users"]
TERMS, DEPTH = 21, 3


def terms(v):
    d = dict(zip(NAMES, v))
    g = d["gates"] + 1
    return [d[n] for n in ("bits", "gates", "registers", "passing", "live", "constant", "dead", "lost", "silent", "taps",
                           "width", "flips", "busy", "parent", "stored", "users")] + [
        (d["constant"] + d["dead"]) / g, d["registers"] / g, d["taps"] / g, d["passing"] / g, d["bits"] - d["parent"]]


def load(cases, rows, families):
    found = []
    for family in families:
        by = collections.defaultdict(list)
        for line in open(os.path.join(rows, family + ".tsv")):
            p = line.rstrip("\n").split("\t")
            by[p[0]].append((float(p[1]), terms([float(x) for x in p[2:2 + len(NAMES)]])))
        for path, c in by.items():
            truth = json.load(open(path[:-2] + ".truth.json"))
            found.append((family, truth, np.array([k[0] for k in c]), np.array([k[1] for k in c])))
    return found


def infected(truth):
    return bool(truth["gates"]) and truth["payload"] not in (None, "placebo")


def sample(rows):
    """All good candidates of infected designs against some others of every design."""
    xs, ys, ws = [], [], []
    for _, truth, f1, x in rows:
        bad_design = infected(truth)
        y = (f1 >= 0.7) & bad_design
        keep = np.ones(len(y), bool)
        if len(y) > 50:
            keep = (np.random.RandomState(len(y)).rand(len(y)) < 40 / len(y)) | y
            quick = x[:, 0] * np.log1p(x[:, 1])
            keep |= quick >= np.sort(quick)[-8]
        w = np.where(y, 3.0 * f1 ** 4 / max(1, (y * f1 ** 4).sum()), (2 if bad_design else 3) / max(20, keep.sum()))
        if bad_design:
            w = np.where((f1 > 0.3) & (f1 < 0.7), 0, w)
        xs.append(x[keep]), ys.append(y[keep].astype(float)), ws.append(w[keep])
    return np.vstack(xs), np.concatenate(ys), np.concatenate(ws)


def boost(x, y, w, trees, rate=0.15, least=1.0, ridge=1.0, bins=16):
    cuts = [np.unique(np.quantile(x[:, j], np.linspace(0.02, 0.98, bins))) for j in range(TERMS)]
    binned = [np.searchsorted(cuts[j], x[:, j], side="left") for j in range(TERMS)]
    share = (w * y).sum() / w.sum()
    base = math.log(share / (1 - share))
    f, model = np.full(len(y), base), []
    for _ in range(trees):
        p = 1 / (1 + np.exp(-f))
        g, h = w * (y - p), w * p * (1 - p)
        node, splits = np.zeros(len(y), int), []
        for level in range(DEPTH):
            chosen = []
            for n in range(2 ** level):
                m, best = node == n, (0, 0, 1e12)
                for j in range(TERMS):
                    size = len(cuts[j]) + 1
                    cg, ch, cw = (np.cumsum(np.bincount(binned[j][m], v[m], size)) for v in (g, h, w))
                    ok = (cw[:-1] > least) & (cw[-1] - cw[:-1] > least)
                    gain = cg[:-1] ** 2 / (ch[:-1] + ridge) + (cg[-1] - cg[:-1]) ** 2 / (ch[-1] - ch[:-1] + ridge)
                    gain = np.where(ok, gain - cg[-1] ** 2 / (ch[-1] + ridge), -1)
                    if len(gain) and gain.max() > best[0]:
                        best = (gain.max(), j, cuts[j][gain.argmax()])
                chosen.append(best[1:])
            column, cut = np.array([c[0] for c in chosen])[node], np.array([c[1] for c in chosen])[node]
            node = 2 * node + (x[np.arange(len(x)), column] > cut)
            splits += chosen
        leaves = [rate * g[node == n].sum() / (h[node == n].sum() + ridge) for n in range(2 ** DEPTH)]
        f += np.array(leaves)[node]
        model.append((splits, leaves))
    return base, model


def predict(model, x):
    f = np.full(len(x), model[0])
    for splits, leaves in model[1]:
        node, first = np.zeros(len(x), int), 0
        for level in range(DEPTH):
            here = splits[first:first + 2 ** level]
            first += 2 ** level
            column, cut = np.array([s[0] for s in here])[node], np.array([s[1] for s in here])[node]
            node = 2 * node + (x[np.arange(len(x)), column] > cut)
        f += np.array(leaves)[node]
    return f


def fit(rows):
    rows = [r for r in rows if r[1]["trigger"] != "asynchronous" and r[1]["payload"] != "invisible" and len(r[2])]
    x0, y0, w0 = sample(rows)
    x, y, w, extra = x0, y0, w0, {}
    for last in (False, False, False, True):
        model = boost(x, y, w, 90 if last else 50)
        if last:
            return model
        for i, (_, truth, f1, xi) in enumerate(rows):
            wrong = ~((f1 >= 0.3) & infected(truth))
            worst = [j for j in np.argsort(-predict(model, xi)) if wrong[j]][:4]
            for weight, j in zip((0.5, 0.25, 0.12, 0.08), worst):
                extra[i, j] = extra.get((i, j), 0) + weight * (0.6 if infected(truth) else 1)
        x = np.vstack([x0] + [rows[i][3][j:j + 1] for i, j in extra])
        y, w = np.r_[y0, np.zeros(len(extra))], np.r_[w0, np.array(list(extra.values()))]


def number(v):
    text = f"{max(min(v, 1e12), -1e12):.6g}"
    text = f"{float(text):.1f}" if "e" in text else text
    return text if "." in text else text + ".0"


def main():
    cases, directory, out, *families = sys.argv[1:]
    rows = load(cases, directory, families)
    tops = []
    for k in range(4):
        model = fit([r for r in rows if r[0] not in families[k::4]])
        for family, truth, f1, x in rows:
            if family in families[k::4] and len(f1):
                score = predict(model, x)
                kind = "invisible" if truth["payload"] == "invisible" else "infected" if infected(truth) else truth["payload"] or "clean"
                tops.append((kind, score.max(), f1[score.argmax()]))
    for cut in (-1, 0, 0.5, 1, 1.5, 2, 3):
        kinds = {k: [t for t in tops if t[0] == k] for k in ("infected", "placebo", "clean")}
        print("threshold", cut, {k: f"{sum(t[1] > cut for t in v)}/{len(v)}" for k, v in kinds.items()})
    base, model = fit(rows)
    lines = ["//! Boosted trees of `score`: written by `examples/hunt/fit.py`, not by hand.", "",
             "/// A tree: seven splits (feature, cut) level by level, eight leaves.",
             "pub(super) type Tree = ([(u8, f64); 7], [f64; 8]);", "", "/// Score of a candidate before any tree.",
             f"pub(super) const BASE: f64 = {base:.6};", "", "/// The trees.", f"pub(super) const TREES: [Tree; {len(model)}] = ["]
    for splits, leaves in model:
        lines += ["    (", "        [" + ", ".join(f"({j}, {number(c)})" for j, c in splits) + "],",
                  "        [" + ", ".join(number(v) for v in leaves) + "],", "    ),"]
    open(out, "w").write("\n".join(lines + ["];"]) + "\n")


if __name__ == "__main__":
    main()
