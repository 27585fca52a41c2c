"""himalaya, numpy backend: seconds of a 5-fold choice among the alphas, one for each site, and the refit, on the same float32 activations.

himalaya_ridge.py X.npy Y.npy ALPHA [ALPHA ...]   prints one JSON line. Threads: OPENBLAS_NUM_THREADS.
"""
import json, resource, sys, time
import numpy as np, himalaya
from himalaya.backend import set_backend
from himalaya.kernel_ridge import KernelRidgeCV
from sklearn.model_selection import KFold

set_backend("numpy")
X, Y = np.load(sys.argv[1]), np.load(sys.argv[2]).astype(np.float32)
alphas = [float(a) for a in sys.argv[3:]]
start = time.perf_counter()
model = KernelRidgeCV(alphas=alphas, kernel="linear", cv=KFold(5), fit_intercept=True).fit(X, Y)
print(json.dumps({"seconds": [time.perf_counter() - start], "alphas": len(set(model.best_alphas_.tolist())), "himalaya": himalaya.__version__,
                  "peakRssMb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
