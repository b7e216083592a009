#!/usr/bin/env python3
"""Fits the model of `design::hunt::score` and writes model.txt.

Usage: fit.py OUT.txt CASES:ROWS...

ROWS/FAMILY.tsv is the output of `cargo run --release -p probity-design --example features` over CASES/FAMILY/*.v; every
family there takes part. Triggers of the family `asynchronous`, invisible payloads and triggers that start to fire more
than once in a thousand cycles do not. Hard negatives are weighted up in three rounds. First the families are held out in
FOLDS groups; the scores of netlists whose family the trees had not seen give the regression that judges a design, and its
constant is set so that MOST_CLEAN of the clean netlists are flagged. Then trees are fitted on all families.
Needs numpy and lightgbm.
"""
import collections
import glob
import hashlib
import json
import math
import os
import sys

import lightgbm
import numpy as np

# what describes the design rather than the candidate, and identifies a family
APART = ("design", "asleep")
RATIOS = ["loss", "memory", "contact", "effect", "step", "breadth"]
NAMES = []
MOST_CLEAN = 0.025
FOLDS = 6
TREES = 150
# trees of the rounds that look for hard negatives
SCOUTS = 60
MOST_STARTS = 1e-3
SETTINGS = {"objective": "binary", "learning_rate": 0.1, "num_leaves": 8, "max_depth": 3, "min_data_in_leaf": 5, "max_bin": 63,
            "min_sum_hessian_in_leaf": 5, "lambda_l2": 5, "verbose": -1, "deterministic": True, "force_row_wise": True, "seed": 1}
# weights are scaled by this, for the limits above
SCALE = 50


def terms(x):
    d = dict(zip(NAMES, x.T))
    g = d["gates"] + 1
    return np.column_stack([x, (d["constant"] + d["dead"]) / g, d["registers"] / g, d["taps"] / g, d["passing"] / g,
                            d["bits"] - d["parent"], d["bits"] / (d["widest"] + 1)])


class Netlist:
    def __init__(self, family, truth, rows):
        self.family, self.truth = family, truth
        self.f1 = np.array([r[0] for r in rows])
        self.x = terms(np.array([r[1] for r in rows]))
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


def load(cases, rows):
    found = []
    for path in sorted(glob.glob(os.path.join(rows, "*.tsv"))):
        by = collections.defaultdict(list)
        for line in open(path):
            p = line.rstrip("\n").split("\t")
            if p[0] == "#":
                NAMES[:] = p[1:]
                continue
            n = 2 + len(NAMES)
            by[p[0]].append((float(p[1]), [float(x) for x in p[2:n]], int(p[n]), [int(k) for k in p[n + 2].split(",") if k]))
        family = os.path.basename(path)[:-4]
        for netlist, c in sorted(by.items()):
            truth = json.load(open(os.path.join(cases, family, os.path.basename(netlist)[:-2] + ".truth.json")))
            found.append(Netlist(family, truth, c))
    return found


def infected(truth):
    return bool(truth["provenance"]) and truth["payload"] not in (None, "placebo")


def takes_part(truth):
    return truth["trigger"] != "asynchronous" and truth["payload"] != "invisible" and truth.get("rate", 0) <= MOST_STARTS


def sample(rows):
    """All good candidates of infected designs against some others of every design."""
    xs, ys, ws = [], [], []
    for r in rows:
        truth, f1, x = r.truth, r.f1, r.x
        bad_design = infected(truth)
        y = (f1 >= 0.7) & bad_design
        keep = (np.random.RandomState(len(y)).rand(len(y)) < 60 / len(y)) | y
        quick = x[:, NAMES.index("bits")] * np.log1p(x[:, NAMES.index("gates")])
        keep |= quick >= np.sort(quick)[-min(12, len(quick))]
        w = np.where(y, 3.0 * f1 ** 4 / max(1, (y * f1 ** 4).sum()), (2 if bad_design else 3) / max(20, keep.sum()))
        if bad_design:
            w = np.where((f1 > 0.3) & (f1 < 0.7), 0, w)
        xs.append(x[keep]), ys.append(y[keep].astype(float)), ws.append(w[keep])
    return np.vstack(xs), np.concatenate(ys), np.concatenate(ws)


def columns():
    return [i for i, n in enumerate(NAMES + RATIOS) if n not in APART]


def boost(x, y, w, trees):
    return lightgbm.train(SETTINGS, lightgbm.Dataset(x[:, columns()], y, weight=w * SCALE), trees)


def predict(model, x):
    return model.predict(x[:, columns()], raw_score=True)


def fit(rows):
    rows = [r for r in rows if takes_part(r.truth)]
    x0, y0, w0 = sample(rows)
    x, y, w, extra = x0, y0, w0, {}
    for last in (False, False, False, True):
        model = boost(x, y, w, TREES if last else SCOUTS)
        if last:
            return model
        for i, r in enumerate(rows):
            wrong = ~((r.f1 >= 0.3) & infected(r.truth))
            worst = [j for j in np.argsort(-predict(model, r.x)) if wrong[j]][:4]
            for weight, j in zip((0.5, 0.25, 0.12, 0.08), worst):
                extra[i, j] = extra.get((i, j), 0) + weight * (0.6 if infected(r.truth) else 1)
        x = np.vstack([x0] + [rows[i].x[j:j + 1] for i, j in extra])
        y, w = np.r_[y0, np.zeros(len(extra))], np.r_[w0, np.array(list(extra.values()))]


def regression(x, y, w, ridge=0.5):
    """Logistic regression by Newton's method."""
    beta = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ beta))
        penalty = ridge * np.r_[0, np.ones(x.shape[1] - 1)]
        h = (x * (w * p * (1 - p))[:, None]).T @ x + np.diag(penalty + 1e-9)
        beta += np.linalg.solve(h, x.T @ (w * (y - p)) - penalty * beta)
    return beta


def full(tree):
    """Seven splits level by level and eight leaves of a tree of at most that depth."""
    names = [(NAMES + RATIOS)[i] for i in columns()]
    splits, level = [], [tree]
    for _ in range(3):
        below = []
        for node in level:
            if "leaf_value" in node:
                splits.append(f"{NAMES[0]}>1e12")
                below += [node, node]
            else:
                splits.append(f"{names[node['split_feature']]}>{node['threshold']:.6g}")
                below += [node["left_child"], node["right_child"]]
        level = below
    return " ".join(splits) + " : " + " ".join(f"{leaf['leaf_value']:.5f}" for leaf in level)


def main():
    out, *sets = sys.argv[1:]
    rows = [r for s in sets for r in load(*s.split(":")) if len(r.f1)]
    families = sorted({r.family for r in rows}, key=lambda f: hashlib.md5(f.encode()).hexdigest())
    print(len(rows), "netlists,", len(families), "families")
    facts = []
    for k in range(FOLDS):
        held = set(families[k::FOLDS])
        model = fit([r for r in rows if r.family not in held])
        for r in (r for r in rows if r.family in held):
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
    model = fit(rows)
    lines = ["# Written by examples/hunt/fit.py, not by hand. tree: seven splits level by level, eight leaves.", "base 0.0",
             "design " + " ".join(f"{b:.5f}" for b in beta)]
    lines += ["tree " + full(t["tree_structure"]) for t in model.dump_model()["tree_info"]]
    open(out, "w").write("\n".join(lines) + "\n")


def report(facts, beta):
    odds = [float(np.dot(f[2], beta)) for f in facts]
    print("design", beta)

    def table(key):
        found = collections.defaultdict(lambda: [0, 0])
        for o, f in zip(odds, facts):
            if (f[0] == "infected") and f[1].truth["payload"] != "invisible":
                found[key(f[1])][0] += o > 0
                found[key(f[1])][1] += 1
        print({k: f"{a}/{b}" for k, (a, b) in sorted(found.items())})

    for shift in (-2, -1, -0.5, 0, 0.5, 1, 2):
        line = {}
        for kind in ("infected", "placebo", "clean"):
            some = [(o, f) for o, f in zip(odds, facts) if f[0] == kind and f[1].truth["payload"] != "invisible"]
            line[kind] = f"{sum(o > shift for o, _ in some)}/{len(some)}"
        print("shift", shift, line)
    table(lambda r: r.truth["trigger"])
    table(lambda r: r.truth["payload"])
    table(lambda r: f"{10.0 ** math.ceil(math.log10(max(r.truth.get('rate', 0), 1e-6))):.0e}")
    good = [f[3] for o, f in zip(odds, facts) if f[0] == "infected"]
    print("gate F1 of the best candidate: median", np.median(good), "mean", np.mean(good))
    for o, f in sorted(zip(odds, facts), key=lambda p: -p[0]):
        if f[0] != "infected" and o > 0:
            print("alarm", f[1].family, f[1].truth["name"], f[0], f[1].truth["trigger"], round(o, 2))
    for o, f in sorted(zip(odds, facts), key=lambda p: p[0]):
        if f[0] == "infected" and o <= 0:
            print("miss", f[1].family, f[1].truth["name"], f[1].truth["trigger"], f[1].truth["payload"], round(o, 2), round(f[3], 2))


if __name__ == "__main__":
    main()
