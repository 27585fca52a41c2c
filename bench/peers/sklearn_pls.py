"""scikit-learn: seconds of one fold of PCA, fitted on the training rows, then PLS.

sklearn_pls.py X.npy Y.npy TEST_ROWS COMPONENTS PLS_COMPONENTS randomized|full   the first TEST_ROWS rows are predicted; prints one JSON line.
"""
import json, resource, sys, time
import numpy as np, sklearn
from sklearn.cross_decomposition import PLSRegression
from sklearn.decomposition import PCA

X, Y = np.load(sys.argv[1]), np.load(sys.argv[2])
test, components, pls = (int(a) for a in sys.argv[3:6])
start = time.perf_counter()
pca = PCA(components, svd_solver=sys.argv[6], random_state=0).fit(X[test:])
middle = time.perf_counter()
model = PLSRegression(pls, scale=False).fit(pca.transform(X[test:]), Y[test:])
predicted = model.predict(pca.transform(X[:test]))
r = float(np.median([np.corrcoef(predicted[:, j], Y[:test, j])[0, 1] for j in range(Y.shape[1])]))
print(json.dumps({"seconds": [time.perf_counter() - start], "pca": middle - start, "r": r, "sklearn": sklearn.__version__,
                  "peakRssMb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
