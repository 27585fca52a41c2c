"""scikit-learn: seconds of RidgeCV with its leave-one-out search, one alpha for each site.

sklearn_ridge_loo.py X.npy Y.npy ROUNDS ALPHA [ALPHA ...]   prints one JSON line.
"""
import json, sys, time
import numpy as np, sklearn
from sklearn.linear_model import RidgeCV

X, Y = np.load(sys.argv[1]), np.load(sys.argv[2])
alphas = [float(a) for a in sys.argv[4:]]
seconds = []
for _ in range(int(sys.argv[3])):
    start = time.perf_counter()
    model = RidgeCV(alphas, alpha_per_target=True).fit(X, Y)
    seconds.append(time.perf_counter() - start)
print(json.dumps({"seconds": seconds, "alphas": np.unique(model.alpha_).tolist(), "sklearn": sklearn.__version__}))
