"""Writes logistic.json: scikit-learn's multinomial logistic regression on small problems.

Run with scikit-learn 1.2 (Debian 12): /usr/bin/python3 make_logistic.py

scikit-learn's newton-cg at tol 1e-14 comes within 1e-6 of the minimum; its lbfgs keeps SciPy's ftol in this version and stops earlier,
whatever tol says. So the coefficients stored are newton-cg's after Newton steps by NumPy alone, and how far scikit-learn's two solvers
lie from them stands beside them.
"""
import json
import warnings
import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression

warnings.simplefilter("ignore")


def fnv1a(text):
    h = 2166136261
    for byte in text.encode():
        h = ((h ^ byte) * 16777619) & 0xFFFFFFFF
    return h


def uniforms(name, count):
    i = np.arange(1, count + 1, dtype=np.uint64)
    mask = np.uint64(0xFFFFFFFF)
    t = (np.uint64(fnv1a("ventral-open:" + name)) + i * np.uint64(0x6D2B79F5)) & mask
    t = ((t ^ (t >> np.uint64(15))) * (t | np.uint64(1))) & mask
    t ^= (t + (((t ^ (t >> np.uint64(7))) * (t | np.uint64(61))) & mask)) & mask
    return ((t ^ (t >> np.uint64(14))) & mask) / 4294967296.0


def gauss(name, *shape):
    count = int(np.prod(shape))
    u1, u2 = uniforms(name + ":a", count), uniforms(name + ":b", count)
    return (np.sqrt(-2 * np.log(1 - u1)) * np.cos(2 * np.pi * u2)).reshape(shape)


# labels: row i is of class i mod K, or as listed; X = spread * gauss(tag:centre)[label] + gauss(tag:noise), column j times 10^(scale * (j mod 3 - 1)), plus shift
CASES = [
    dict(tag="usual", n=60, p=7, classes=4, spread=1.0, scale=0, shift=0, C=[0.01, 1.0]),
    dict(tag="wide", n=24, p=50, classes=5, spread=0.7, scale=0, shift=0, C=[0.1, 10.0]),
    dict(tag="separable", n=40, p=6, classes=3, spread=6.0, scale=0, shift=0, C=[1.0, 100.0]),
    dict(tag="two", n=30, p=5, classes=2, spread=0.5, scale=0, shift=0, C=[0.05, 5.0]),
    dict(tag="single", n=31, p=6, classes=4, spread=0.8, scale=0, shift=0, C=[1.0], one=True),
    dict(tag="unscaled", n=50, p=6, classes=3, spread=0.8, scale=2, shift=20, C=[0.0005, 0.05]),
]


def data(case):
    n, p, K, tag = case["n"], case["p"], case["classes"], case["tag"]
    y = np.arange(n) % K
    if case.get("one"):  # only the last row is of the last class
        y = np.arange(n) % (K - 1)
        y[-1] = K - 1
    X = case["spread"] * gauss(tag + ":centre", K, p)[y] + gauss(tag + ":noise", n, p)
    return X * 10.0 ** (case["scale"] * (np.arange(p) % 3 - 1)) + case["shift"], y


def polish(X, y, W, b, C):
    """Newton steps on C sum(-log p) + |W|^2 / 2; the classes' common shift, which the objective does not see, is left out by pinv."""
    n, p = X.shape
    K = len(b)
    X1 = np.c_[X, np.ones(n)]
    penalty = np.tile(np.r_[np.ones(p), 0], K)
    theta = np.c_[W, b].ravel()
    for _ in range(8):
        Z = X1 @ theta.reshape(K, p + 1).T
        P = np.exp(Z - Z.max(1, keepdims=True))
        P /= P.sum(1, keepdims=True)
        R = P.copy()
        R[np.arange(n), y] -= 1
        gradient = C * (R.T @ X1).ravel() + penalty * theta
        H = np.diag(penalty)
        for i in range(n):
            H += C * np.kron(np.diag(P[i]) - np.outer(P[i], P[i]), np.outer(X1[i], X1[i]))
        theta = theta - np.linalg.pinv(H, rcond=1e-13, hermitian=True) @ gradient
    theta = theta.reshape(K, p + 1)
    return theta[:, :-1], theta[:, -1] - theta[:, -1].mean(), float(np.abs(gradient).max())


def away(model, W):
    """Largest distance of a model's coefficients; of two classes scikit-learn keeps one row, the other being its negative."""
    return float(np.abs(model.coef_ - W[-len(model.coef_):]).max())


out = []
for case in CASES:
    X, y = data(case)
    fits = []
    for C in case["C"]:
        newton, lbfgs = (
            LogisticRegression(C=C, multi_class="multinomial", solver=solver, tol=tol, max_iter=100000).fit(X, y)
            for solver, tol in (("newton-cg", 1e-14), ("lbfgs", 1e-10))
        )
        W, b = newton.coef_, newton.intercept_
        if case["classes"] == 2:
            W, b = np.vstack([-W, W]), np.r_[-b, b]
        W, b, gradient = polish(X, y, W, b, C)
        fit = dict(C=C, coefficients=W.ravel().tolist(), intercepts=b.tolist(), gradient=gradient, newtonAway=away(newton, W), lbfgsAway=away(lbfgs, W))
        if case["classes"] == 2:
            default = LogisticRegression(C=C, solver="newton-cg", tol=1e-14, max_iter=100000).fit(X, y)
            fit["default"] = dict(coefficients=default.coef_.ravel().tolist(), intercept=float(default.intercept_[0]))
        assert gradient < 1e-9 and fit["newtonAway"] < 1e-4, (case["tag"], C, gradient, fit["newtonAway"])
        fits.append(fit)
    out.append({**{k: v for k, v in case.items() if k != "C"}, "sumX": float(X.sum()), "fits": fits})

with open("logistic.json", "w") as f:
    json.dump(dict(versions=dict(sklearn=sklearn.__version__, numpy=np.__version__), cases=out), f)
    f.write("\n")
for case in out:
    print(case["tag"], [(f["C"], f["gradient"], f["newtonAway"], f["lbfgsAway"]) for f in case["fits"]])
