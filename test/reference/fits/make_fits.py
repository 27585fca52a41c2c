"""Writes fits.json: whole fits by scikit-learn, for test/pipeline/protocols.test.ts.  /usr/bin/python3 make_fits.py > fits.json

Stimuli are 224 x 224 pictures of 4 x 4 blocks of one colour each, so that the pixels averaged to a 4 x 4 grid are the colours themselves.
Colours and responses come from the counter-based generator of test/helper/generator.ts. NaN is written as null."""
import json
import sys
import warnings

import numpy as np
import sklearn
from sklearn.cross_decomposition import PLSRegression
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression, Ridge, RidgeCV
from sklearn.model_selection import GridSearchCV, KFold, ShuffleSplit, StratifiedKFold, StratifiedShuffleSplit
from scipy.stats import pearsonr

warnings.simplefilter('ignore')

N, SITES, REPETITIONS, GRID = 120, 5, 4, 4
OBJECTS = ['zebra', 'car', 'apple', 'Boat', 'face', 'élan']
SPLIT = np.array(['val' if i % 5 == 4 else 'train' for i in range(N)])
objects = np.array([OBJECTS[(i * 7) % 6] for i in range(N)])


def fnv1a(text):
    h = 0x811C9DC5
    for byte in text.encode():
        h = ((h ^ byte) * 0x01000193) & 0xFFFFFFFF
    return h


def uniforms(name, count):
    seed, out = fnv1a('ventral-open:' + name), []
    for i in range(count):
        t = (seed + (i + 1) * 0x6D2B79F5) & 0xFFFFFFFF
        t = ((t ^ (t >> 15)) * (t | 1)) & 0xFFFFFFFF
        t ^= (t + ((t ^ (t >> 7)) * (t | 61))) & 0xFFFFFFFF
        out.append(((t ^ (t >> 14)) & 0xFFFFFFFF) / 4294967296)
    return np.array(out)


def gauss(name, count):
    return np.sqrt(-2 * np.log(1 - uniforms(name + ':a', count))) * np.cos(2 * np.pi * uniforms(name + ':b', count))


colours = np.floor(256 * uniforms('fits colours', N * GRID * GRID * 3)).reshape(N, GRID, GRID, 3)
X = ((colours / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]).transpose(0, 3, 1, 2).reshape(N, -1)  # (stimulus x unit), as C, H, W
B = gauss('fits readout', X.shape[1] * SITES).reshape(-1, SITES)
noise = gauss('fits trials', N * SITES * REPETITIONS).reshape(N, SITES, REPETITIONS)
trials = (X @ B)[:, :, None] / 4 + noise * np.array([1, 2, 3, 4, 8])[None, :, None]
trials[uniforms('fits missing', trials.size).reshape(trials.shape) < 0.02] = np.nan
Y = np.nanmean(trials, axis=2)


def ev(y, p):
    return 1 - np.var(y - p, axis=0) / np.var(y, axis=0)


def r(y, p):
    seen = ~(np.isnan(y) | np.isnan(p))
    return np.array([pearsonr(y[seen[:, j], j], p[seen[:, j], j])[0] for j in range(y.shape[1])])


def brain_score(fit):
    """median over sites in each split, mean over splits; error = population std / sqrt(splits)"""
    medians = []
    for train, test in StratifiedShuffleSplit(n_splits=10, train_size=0.9, random_state=1).split(X, objects):
        medians.append(np.median(r(Y[test], fit(X[train], Y[train]).predict(X[test]))))
    return {'splits': medians, 'score': np.mean(medians), 'error': np.std(medians) / np.sqrt(10)}


class WithPca:
    def __init__(self, components, model):
        self.pca, self.model = PCA(components, svd_solver='full'), model

    def fit(self, x, y):
        self.model.fit(self.pca.fit_transform(x), y)
        return self

    def predict(self, x):
        return self.model.predict(self.pca.transform(x))


def consistency():
    """Brain-Score's split-half reliability over halves of the repetition index; a stimulus without a valid one in a half is left out"""
    scores = []
    for first, second in ShuffleSplit(n_splits=10, train_size=0.5, random_state=1).split(np.arange(REPETITIONS)):
        halves = r(np.nanmean(trials[:, :, first], axis=2), np.nanmean(trials[:, :, second], axis=2))
        scores.append(np.median(2 * halves / (1 + halves)))
    return {'score': np.mean(scores), 'error': np.std(scores) / np.sqrt(10)}


def converged(x, y):
    return PLSRegression(25, scale=False, tol=1e-20, max_iter=100000).fit(x, y)


ceiling = consistency()
pls = brain_score(converged)
revisions = {'raw': pls['score'], 'r/c': pls['score'] / ceiling['score'], '(r/c)²': (pls['score'] / ceiling['score']) ** 2, 'r²/c': pls['score'] ** 2 / ceiling['score']}

train, test = SPLIT == 'train', SPLIT == 'val'
search = GridSearchCV(Ridge(), {'alpha': np.logspace(-3, 6, 100)}, scoring='neg_mean_squared_error', cv=StratifiedKFold(5, shuffle=True, random_state=42))
pca = PCA(min(1000, *X[train].shape), svd_solver='full').fit(X[train])
search.cv = list(search.cv.split(X[train], objects[train]))
search.fit(pca.transform(X[train]), Y[train])
predicted = search.predict(pca.transform(X[test]))

folds = list(KFold(5, shuffle=True, random_state=1).split(X))
alphas = [1.0, 10.0, 100.0, 1000.0]


def cross_validated(predict):
    scores = [(ev(Y[b], p), r(Y[b], p)) for a, b in folds for p in [predict(a, b)]]
    return {'ev': np.mean([s[0] for s in scores], axis=0), 'r': np.mean([s[1] for s in scores], axis=0)}


def gcv_alphas(a):
    """n·RSS / tr(I - H)² of ridge with an unpenalised intercept, by the hat matrix itself"""
    x, y = X[a] - X[a].mean(0), Y[a]
    n, table = len(x), []
    for alpha in alphas:
        H = np.full((n, n), 1 / n) + x @ np.linalg.solve(x.T @ x + alpha * np.eye(x.shape[1]), x.T)
        table.append(n * np.sum((y - H @ y) ** 2, axis=0) / np.trace(np.eye(n) - H) ** 2)
    return np.array(alphas)[np.argmin(table, axis=0)]


whole = PCA(10, svd_solver='full').fit_transform(X)
first = Ridge(10).fit(whole, Y)


def plain(value):
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, np.ndarray)):
        return [plain(item) for item in value]
    return value if isinstance(value, str) else float(value)


json.dump(plain({
    'peer': 'scikit-learn ' + sklearn.__version__,
    'X': {'first': X[0, :5], 'sum': X.sum()},
    'Y': {'first': Y[0], 'sum': Y.sum()},
    'brainScore': {
        'ceiling': ceiling,
        'pls': pls,
        'revisions': revisions,
        'nipals': brain_score(lambda x, y: PLSRegression(25, scale=False).fit(x, y)),
        'ridge': brain_score(lambda x, y: Ridge(alpha=1).fit(x, y)),
    },
    'nx414': {'alpha': search.best_params_['alpha'], 'ev': ev(Y[test], predicted), 'r': r(Y[test], predicted)},
    'loo': {'alphas': alphas, 'chosen': [RidgeCV(alphas, alpha_per_target=True).fit(X[a], Y[a]).alpha_ for a, _ in folds]},
    'gcv': {'alphas': alphas, 'chosen': [gcv_alphas(a) for a, _ in folds]},
    'pcaAll': {'fits': cross_validated(lambda a, b: Ridge(10).fit(whole[a], Y[a]).predict(whole[b])), 'readout': first.predict(whole)[:3]},
    'pcaTrain': cross_validated(lambda a, b: WithPca(10, Ridge(10)).fit(X[a], Y[a]).predict(X[b])),
    'linear': cross_validated(lambda a, b: LinearRegression().fit(X[a], Y[a]).predict(X[b])),
    'pls3': cross_validated(lambda a, b: PLSRegression(3, scale=False, tol=1e-20, max_iter=100000).fit(X[a], Y[a]).predict(X[b])),
}), sys.stdout, indent=1, ensure_ascii=False)
print()
