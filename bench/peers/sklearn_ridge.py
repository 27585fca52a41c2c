"""scikit-learn: seconds of a 5-fold choice among the alphas and the refit, on the same float32 activations.

sklearn_ridge.py X.npy Y.npy GridSearchCV|RidgeCV ALPHA [ALPHA ...]   prints one JSON line. Threads: OPENBLAS_NUM_THREADS.
RidgeCV takes one alpha for all sites when cv is given; GridSearchCV too: this is what people run.
"""
import json, resource, sys, time
import numpy as np, sklearn
from sklearn.linear_model import Ridge, RidgeCV
from sklearn.model_selection import GridSearchCV, KFold

X, Y = np.load(sys.argv[1]), np.load(sys.argv[2])
alphas = [float(a) for a in sys.argv[4:]]
cv = KFold(5)
start = time.perf_counter()
if sys.argv[3] == "RidgeCV":
    model = RidgeCV(alphas, cv=cv, scoring="neg_mean_squared_error").fit(X, Y)
    best = float(model.alpha_)
else:
    model = GridSearchCV(Ridge(), {"alpha": alphas}, cv=cv, scoring="neg_mean_squared_error").fit(X, Y)
    best = float(model.best_params_["alpha"])
print(json.dumps({"seconds": [time.perf_counter() - start], "alpha": best, "sklearn": sklearn.__version__,
                  "peakRssMb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
