"""Recomputes the scores of this fit from its held-out predictions, with NumPy alone, and compares them with the reported ones.

python3 recompute.py     prints each number twice; ends with 1 where two differ by more than 1e-9.

Per site and test fold, over the stimuli that have a response and a prediction: Pearson's r and EV = 1 - var(y - p) / var(y). A site's
score is the mean over folds. Where its responses do not vary in some fold, its r is that of all folds' predictions taken together, and
its EV the mean over the other folds; where its predictions do not vary in a fold in which its responses do, it has no r. Over sites:
median and mean of those that have a score. The headline (nested) takes in each fold the predictions of the layer that the inner folds
of that fold's training rows preferred; where the layer was taken from another dataset's fit, the headline is that layer's own score.
Intervals, ceilings and the choice of a layer per site are not recomputed.
"""
import json
import os
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
TOLERANCE = 1e-9


def read_json(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        return json.load(file)


def read_npz(name):
    with np.load(os.path.join(HERE, name), allow_pickle=False) as arrays:
        return {key: arrays[key] for key in arrays.files}


def moments(p, y):
    """Centred sums per site over the rows that have both values."""
    seen = ~(np.isnan(p) | np.isnan(y))
    n = seen.sum(axis=0)
    p, y = np.where(seen, p, 0.0), np.where(seen, y, 0.0)
    mean_p, mean_y = p.sum(axis=0) / np.maximum(n, 1), y.sum(axis=0) / np.maximum(n, 1)
    dp, dy = np.where(seen, p - mean_p, 0.0), np.where(seen, y - mean_y, 0.0)
    rounding = 4 * np.finfo(float).eps
    pp, yy, py = (dp * dp).sum(axis=0), (dy * dy).sum(axis=0), (dp * dy).sum(axis=0)
    flat_p, flat_y = ~(pp > n * (rounding * mean_p) ** 2), ~(yy > n * (rounding * mean_y) ** 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        r = np.where(flat_p | flat_y, np.nan, np.clip(py / np.sqrt(pp * yy), -1, 1))
        ev = np.where(flat_y, np.nan, 1 - (yy + pp - 2 * py) / yy)
    return {"n": n, "flat_p": flat_p, "flat_y": flat_y, "r": r, "ev": ev}


def mean_defined(values):
    """Mean over folds (fold x site) of the folds that have a score; NaN where none has."""
    count = (~np.isnan(values)).sum(axis=0)
    return np.where(count == 0, np.nan, np.nansum(values, axis=0) / np.maximum(count, 1))


def score(prediction, response, split):
    folds = [moments(prediction[split == k], response[split == k]) for k in np.unique(split)]
    fold_r, fold_ev = np.array([fold["r"] for fold in folds]), np.array([fold["ev"] for fold in folds])
    seen = np.array([fold["n"] > 0 for fold in folds])
    silent = (seen & np.array([fold["flat_y"] for fold in folds])).any(axis=0)
    stuck = (seen & np.array([fold["flat_p"] & ~fold["flat_y"] for fold in folds])).any(axis=0)
    together = moments(prediction, response)
    r = np.where(silent, together["r"], mean_defined(fold_r))
    r = np.where(stuck | together["flat_y"] | ~seen.any(axis=0), np.nan, r)
    return {"r": r, "ev": mean_defined(fold_ev), "fold_r": fold_r, "fold_ev": fold_ev}


def over_sites(values):
    values = values[~np.isnan(values)]
    return {"median": np.median(values), "mean": np.mean(values)} if len(values) else {"median": np.nan, "mean": np.nan}


class Comparison:
    def __init__(self):
        self.count, self.wrong, self.worst = 0, 0, 0.0

    def add(self, name, computed, reported, show=False):
        difference = abs(computed - reported) if reported is not None else (0.0 if np.isnan(computed) else np.inf)
        agrees = difference <= TOLERANCE
        self.count, self.wrong, self.worst = self.count + 1, self.wrong + (not agrees), max(self.worst, difference)
        if show or not agrees:
            print(f"{name}: recomputed {computed!s}, reported {reported!s}{'' if agrees else '   DIFFERS'}")

    def add_aggregates(self, name, scores, reported):
        for key, fold_key, field in (("r", "fold_r", "correlation"), ("ev", "fold_ev", "explainedVariance")):
            headline = reported[field]["intervalOf"]
            for which, value in over_sites(scores[key]).items():
                self.add(f"{name} {which} {key}", value, reported[field][which], show=which == headline)
            for k, (fold, told) in enumerate(zip(scores[fold_key], reported[field]["splits"])):
                for which, value in over_sites(fold).items():
                    self.add(f"{name} {which} {key} of split {k}", value, told[which])


def main():
    files, reported, comparison = read_json("bundle.json"), read_json("scores.json"), Comparison()
    best = reported["bestLayer"]
    chosen = best["nested"].get("layerPerSplit") if best else None
    nested = None
    reports = {told["layer"]: told for told in reported["layers"]}
    for layer in files["layers"]:
        told = reports[layer["layer"]]
        held_out = read_npz(layer["predictions"])
        prediction, response, split = held_out["prediction"], held_out["response"], held_out["split"]
        scores = score(prediction, response, split)
        comparison.add_aggregates(told["layer"], scores, told)
        for j, site in enumerate(told["sites"]):
            assert site["id"] == held_out["site_id"][j], "the sites are in another order"
            comparison.add(f"{told['layer']} r of {site['id']}", scores["r"][j], site["r"])
            comparison.add(f"{told['layer']} EV of {site['id']}", scores["ev"][j], site["ev"])
        brain_score = next((one for one in reported.get("brainScore", {}).get("layers", []) if one["layer"] == told["layer"]), None)
        if brain_score:
            medians = np.array([over_sites(fold)["median"] for fold in scores["fold_r"]])
            medians = medians[~np.isnan(medians)]
            comparison.add(f"{told['layer']} raw Brain-Score", np.mean(medians) if len(medians) else np.nan, brain_score["raw"], show=True)
        if best and best.get("score") and best["layer"] == told["layer"]:
            comparison.add_aggregates(f"layer {told['layer']}, taken from another dataset's fit:", scores, best["score"])
        if chosen:
            nested = np.full_like(prediction, np.nan) if nested is None else nested
            for k, name in enumerate(chosen):
                if name == told["layer"]:
                    nested[split == k] = prediction[split == k]
    if chosen:
        print()
        comparison.add_aggregates("nested choice of layer:", score(nested, response, split), best["nested"])
    print(f"\n{comparison.count} numbers, {comparison.wrong} differ by more than {TOLERANCE}; the largest difference is {comparison.worst:.1e}")
    return 1 if comparison.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
