#!/usr/bin/env python3
"""Fits the model of `design::hunt::score` and writes model.txt.

Usage: fit.py CASES ROWS OUT.txt FAMILY...

ROWS/FAMILY.tsv is the output of `cargo run --release -p probity-design --example features` over CASES/FAMILY/*.v.
Triggers of the family `asynchronous` and invisible payloads take no part. Hard negatives are weighted up in
three rounds. First the families are held out in three groups; the scores of netlists whose family the trees had not
seen give the regression that judges a design, and its constant is set so that MOST_CLEAN of the clean netlists
are flagged. Then trees are fitted on all families. Needs numpy.
"""
import collections
import json
import math
import os
import sys

import numpy as np

DEPTH = 3
# what describes the design rather than the candidate, and identifies a family
APART = ("design", "asleep")
RATIOS = ["loss", "memory", "contact", "effect", "step", "breadth"]
NAMES = []
MOST_CLEAN = 0.12
FOLDS = 3


def terms(v):
    d = dict(zip(NAMES, v))
    g = d["gates"] + 1
    return v + [(d["constant"] + d["dead"]) / g, d["registers"] / g, d["taps"] / g, d["passing"] / g, d["bits"] - d["parent"],
                d["bits"] / (d["widest"] + 1)]


class Netlist:
    def __init__(self, family, truth, rows):
        self.family, self.truth = family, truth
        self.f1 = np.array([r[0] for r in rows])
        self.x = np.array([terms(r[1]) for r in rows])
        self.size = [r[2] for r in rows]
        self.sketch = [r[3] for r in rows]

    def overlap(self, i, j):
        """Estimated share of common gates in the smaller set, from the smallest hashes of both."""
        a, b = self.sketch[i], self.sketch[j]
        union = sorted(set(a) | set(b))[:max(len(a), len(b))]
        share = len(set(union) & set(a) & set(b)) / max(1, len(union))
        return share / (1 + share) * (self.size[i] + self.size[j]) / max(1, min(self.size[i], self.size[j]))

    def best(self, scores):
        """Index of the best candidate and score of the best one elsewhere."""
        order = np.argsort(-scores)[:150]
        for j in order[1:]:
            if self.overlap(order[0], j) <= 0.3:
                return order[0], max(scores[j], -5.0)
        return order[0], -5.0


def load(cases, rows, families):
    found = []
    for family in families:
        by = collections.defaultdict(list)
        for line in open(os.path.join(rows, family + ".tsv")):
            p = line.rstrip("\n").split("\t")
            if p[0] == "#":
                NAMES[:] = p[1:]
                continue
            n = 2 + len(NAMES)
            by[p[0]].append((float(p[1]), [float(x) for x in p[2:n]], int(p[n]), [int(k) for k in p[n + 2].split(",") if k]))
        for path, c in sorted(by.items()):
            truth = json.load(open(path[:-2] + ".truth.json"))
            found.append(Netlist(family, truth, c))
    return found


def infected(truth):
    return bool(truth["provenance"]) and truth["payload"] not in (None, "placebo")


def sample(rows):
    """All good candidates of infected designs against some others of every design."""
    xs, ys, ws = [], [], []
    for r in rows:
        truth, f1, x = r.truth, r.f1, r.x
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


def boost(x, y, w, trees, rate=0.25, least=1.0, ridge=1.0, bins=16):
    cuts = [np.unique(np.quantile(x[:, j], np.linspace(0.02, 0.98, bins))) for j in range(x.shape[1])]
    binned = [np.searchsorted(cuts[j], x[:, j], side="left") for j in range(x.shape[1])]
    share = (w * y).sum() / w.sum()
    base = math.log(share / (1 - share))
    f, model = np.full(len(y), base), []
    allowed = [j for j in range(x.shape[1]) if j >= len(NAMES) or NAMES[j] not in APART]
    for _ in range(trees):
        p = 1 / (1 + np.exp(-f))
        g, h = w * (y - p), w * p * (1 - p)
        node, splits = np.zeros(len(y), int), []
        for level in range(DEPTH):
            count = 2 ** level
            best = [(0, allowed[0], 1e12)] * count
            for j in allowed:
                size = len(cuts[j]) + 1
                at = node * size + binned[j]
                cg, ch, cw = (np.cumsum(np.bincount(at, v, count * size).reshape(count, size), 1) for v in (g, h, w))
                ok = (cw[:, :-1] > least) & (cw[:, -1:] - cw[:, :-1] > least)
                gain = cg[:, :-1] ** 2 / (ch[:, :-1] + ridge) + (cg[:, -1:] - cg[:, :-1]) ** 2 / (ch[:, -1:] - ch[:, :-1] + ridge)
                gain = np.where(ok, gain - cg[:, -1:] ** 2 / (ch[:, -1:] + ridge), -1)
                for n in range(count):
                    if gain.shape[1] and gain[n].max() > best[n][0]:
                        best[n] = (gain[n].max(), j, cuts[j][gain[n].argmax()])
            chosen = [b[1:] for b in best]
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


def takes_part(truth):
    return truth["trigger"] != "asynchronous" and truth["payload"] != "invisible"


def fit(rows):
    rows = [r for r in rows if takes_part(r.truth)]
    x0, y0, w0 = sample(rows)
    x, y, w, extra = x0, y0, w0, {}
    for last in (False, False, False, True):
        model = boost(x, y, w, 55 if last else 30)
        if last:
            return model
        for i, r in enumerate(rows):
            truth, f1, xi = r.truth, r.f1, r.x
            wrong = ~((f1 >= 0.3) & infected(truth))
            worst = [j for j in np.argsort(-predict(model, xi)) if wrong[j]][:4]
            for weight, j in zip((0.5, 0.25, 0.12, 0.08), worst):
                extra[i, j] = extra.get((i, j), 0) + weight * (0.6 if infected(truth) else 1)
        x = np.vstack([x0] + [rows[i].x[j:j + 1] for i, j in extra])
        y, w = np.r_[y0, np.zeros(len(extra))], np.r_[w0, np.array(list(extra.values()))]


def number(v):
    text = f"{max(min(v, 1e12), -1e12):.6g}"
    text = f"{float(text):.1f}" if "e" in text else text
    return text if "." in text else text + ".0"


def regression(x, y, w, ridge=0.5):
    """Logistic regression by Newton's method."""
    beta = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ beta))
        penalty = ridge * np.r_[0, np.ones(x.shape[1] - 1)]
        h = (x * (w * p * (1 - p))[:, None]).T @ x + np.diag(penalty + 1e-9)
        beta += np.linalg.solve(h, x.T @ (w * (y - p)) - penalty * beta)
    return beta


def main():
    cases, directory, out, *families = sys.argv[1:]
    rows = [r for r in load(cases, directory, families) if len(r.f1)]
    facts = []
    for k in range(FOLDS):
        model = fit([r for r in rows if r.family not in families[k::FOLDS]])
        for r in rows:
            if r.family in families[k::FOLDS]:
                scores = predict(model, r.x)
                top, other = r.best(scores)
                kind = "infected" if infected(r.truth) else r.truth["payload"] or "clean"
                design, asleep = (r.x[top][NAMES.index(n)] for n in APART)
                facts.append((kind, r, [1, scores[top], other, math.log(design / 1000), asleep], r.f1[top]))
    fitted = [f for f in facts if takes_part(f[1].truth)]
    x = np.array([f[2] for f in fitted])
    y = np.array([f[0] == "infected" for f in fitted], float)
    w = np.array([{"infected": 1.0, "placebo": 0.5, "clean": 1.5}[f[0]] for f in fitted])
    beta = regression(x, y, w)
    clean = np.sort([np.dot(f[2], beta) for f in facts if f[0] == "clean"])
    beta[0] -= clean[int(math.ceil((1 - MOST_CLEAN) * len(clean))) - 1] + 1e-3
    report(facts, beta)
    base, model = fit(rows)
    names = NAMES + RATIOS
    lines = ["# Written by examples/hunt/fit.py, not by hand. tree: seven splits level by level, eight leaves.", f"base {base:.5f}",
             "design " + " ".join(f"{b:.5f}" for b in beta)]
    for splits, leaves in model:
        lines.append("tree " + " ".join(f"{names[j]}>{c:.6g}" for j, c in splits) + " : " + " ".join(f"{v:.5f}" for v in leaves))
    open(out, "w").write("\n".join(lines) + "\n")


def report(facts, beta):
    odds = [float(np.dot(f[2], beta)) for f in facts]
    print("design", beta)
    for shift in (-2, -1, -0.5, 0, 0.5, 1, 2):
        line = {}
        for kind in ("infected", "placebo", "clean"):
            some = [(o, f) for o, f in zip(odds, facts) if f[0] == kind and f[1].truth["payload"] != "invisible"]
            line[kind] = f"{sum(o > shift for o, _ in some)}/{len(some)}"
        print("shift", shift, line)
    good = [f[3] for o, f in zip(odds, facts) if f[0] == "infected"]
    print("gate F1 of the best candidate: median", np.median(good), "mean", np.mean(good))
    for o, f in sorted(zip(odds, facts), key=lambda p: -p[0]):
        if f[0] != "infected" and o > -0.5:
            print("alarm", f[1].family, f[1].truth["name"], f[0], f[1].truth["trigger"], round(o, 2), [round(v, 2) for v in f[2]])
    for o, f in sorted(zip(odds, facts), key=lambda p: p[0]):
        if f[0] == "infected" and o < 0.5:
            print("miss", f[1].family, f[1].truth["name"], f[1].truth["trigger"], f[1].truth["payload"], round(o, 2), round(f[3], 2))


if __name__ == "__main__":
    main()
