"""Frozen numbers of NumPy and SciPy for RDMs of a small made-up dataset. Writes rdm.json beside this file.

The dataset: 12 stimuli, 9 sites in 3 animals, 4 repetitions, 4 objects. y[i, j, r] = 3 j + (j + 1) (signal[i, j] + 0.7 noise[i, j, r]) with
gauss('rdm:signal') and gauss('rdm:noise') of the generator in test/helper/generator.ts, in C order. Images are 224 x 224, of blocks of 8 x 8:
channel c of block (y, x) of image i is (37 i + 11 y i + 7 x (c + 1) + x y (i + c)) mod 256, so that their average over a 28 x 28 grid is exact.
"""
import json
import os

import numpy as np
import scipy
from scipy.spatial.distance import pdist, squareform
from scipy.stats import kendalltau, pearsonr, rankdata, spearmanr

N, M, R, OBJECTS = 12, 9, 4, 4


def uniforms(name, count):
    h = 2166136261
    for byte in ('ventral-open:' + name).encode():
        h = ((h ^ byte) * 16777619) & 0xFFFFFFFF
    out = []
    for i in range(count):
        t = (h + (i + 1) * 0x6D2B79F5) & 0xFFFFFFFF
        t = ((t ^ (t >> 15)) * (t | 1)) & 0xFFFFFFFF
        t = (t ^ (t + (t ^ (t >> 7)) * (t | 61))) & 0xFFFFFFFF
        out.append((t ^ (t >> 14)) / 4294967296)
    return np.array(out)


def gauss(name, *shape):
    count = int(np.prod(shape))
    return (np.sqrt(-2 * np.log(1 - uniforms(name + ':a', count))) * np.cos(2 * np.pi * uniforms(name + ':b', count))).reshape(shape)


site = np.arange(M)
trials = 3 * site[None, :, None] + (site + 1)[None, :, None] * (gauss('rdm:signal', N, M)[:, :, None] + 0.7 * gauss('rdm:noise', N, M, R))
mean = trials.mean(2)
objects = np.arange(N) % OBJECTS
by_object = np.stack([mean[objects == k].mean(0) for k in range(OBJECTS)])
i, y, x, c = np.ogrid[:N, :28, :28, :3]
rgb = ((37 * i + 11 * y * i + 7 * x * (c + 1) + x * y * (i + c)) % 256) / 255
pixels = ((rgb - np.array([0.485, 0.456, 0.406])) / np.array([0.229, 0.224, 0.225])).reshape(N, -1)  # as backbones take them


def z(a):
    return (a - a.mean(0)) / a.std(0)


def percentiles(d):
    return (rankdata(d) - 1) / (len(d) - 1)


def crossnobis(runs, precision):
    runs = runs / runs.mean(0).std(0)
    out = np.zeros(N * (N - 1) // 2)
    for left in range(len(runs)):
        others = np.delete(runs, left, 0).mean(0)
        k = 0
        for a in range(runs.shape[1]):
            for b in range(a + 1, runs.shape[1]):
                out[k] += (others[a] - others[b]) @ precision(runs) @ (runs[left][a] - runs[left][b]) / M / len(runs)
                k += 1
    return out


def diagonal(runs):
    e = (runs - runs.mean(0)).reshape(-1, M)
    return np.diag(1 / ((e**2).sum(0) / ((len(runs) - 1) * runs.shape[1])))


def hsic(k, l):
    n = len(k)
    k, l = k - np.diag(np.diag(k)), l - np.diag(np.diag(l))
    return (np.trace(k @ l) + k.sum() * l.sum() / ((n - 1) * (n - 2)) - 2 * (k @ l).sum() / (n - 2)) / (n * (n - 3))


def cka(a, b):
    a, b = a - a.mean(0), b - b.mean(0)
    k, l = a @ a.T, b @ b.T
    biased = (k * l).sum() / np.sqrt((k * k).sum() * (l * l).sum())
    return {'biased': biased, 'unbiased': hsic(k, l) / np.sqrt(hsic(k, k) * hsic(l, l))}


def tau_a(a, b):
    n = len(a)
    return sum(np.sign(a[p] - a[q]) * np.sign(b[p] - b[q]) for p in range(n) for q in range(p + 1, n)) / (n * (n - 1) / 2)


responses = pdist(z(mean), 'correlation')
of_pixels = pdist(pixels, 'correlation')
animals = [pdist(z(mean)[:, 3 * a : 3 * a + 3], 'correlation') for a in range(3)]
ranks = [rankdata(d) for d in animals]
runs = np.moveaxis(trials, 2, 0)
numbers = {
    'versions': {'numpy': np.__version__, 'scipy': scipy.__version__},
    'responses': {
        'pearson': responses,
        'euclidean': pdist(z(mean), 'euclidean'),
        'cosine': pdist(z(mean), 'cosine'),
        'raw': pdist(mean, 'correlation'),
        'by_object': pdist(z(by_object), 'correlation'),
        'percentiles': percentiles(responses),
        'animals': animals,
        'crossnobis': crossnobis(runs, lambda r: np.eye(M)),
        'crossnobis_diagonal': crossnobis(runs, diagonal),
    },
    'pixels': {
        'pearson': of_pixels,
        'euclidean': pdist(pixels, 'euclidean'),
        'cosine': pdist(pixels, 'cosine'),
        'by_object': pdist(np.stack([pixels[objects == k].mean(0) for k in range(OBJECTS)]), 'correlation'),
    },
    'compare': {
        'spearman': spearmanr(responses, of_pixels)[0],
        'pearson': pearsonr(responses, of_pixels)[0],
        'kendall': tau_a(responses, of_pixels),
        'animals': [spearmanr(d, of_pixels)[0] for d in animals],
        'lower': np.mean([spearmanr(animals[a], sum(ranks) - ranks[a])[0] for a in range(3)]),
        'upper': np.mean([spearmanr(d, sum(ranks))[0] for d in animals]),
    },
    'cka': {'by_stimulus': cka(z(mean), pixels), 'by_object': cka(z(by_object), np.stack([pixels[objects == k].mean(0) for k in range(OBJECTS)]))},
}
assert np.isclose(kendalltau(responses, of_pixels)[0], numbers['compare']['kendall'])  # no ties
assert squareform(responses).shape == (N, N)
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'rdm.json'), 'w') as file:
    json.dump(numbers, file, indent=1, default=lambda a: a.tolist())
    file.write('\n')
