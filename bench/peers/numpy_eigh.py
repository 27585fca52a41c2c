"""numpy: seconds of eigh of a symmetric matrix in float64.  numpy_eigh.py A.npy ROUNDS   prints one JSON line."""
import json, sys, time
import numpy as np

A = np.load(sys.argv[1])
seconds = []
for _ in range(int(sys.argv[2])):
    start = time.perf_counter()
    values, vectors = np.linalg.eigh(A)
    seconds.append(time.perf_counter() - start)
print(json.dumps({"seconds": seconds, "largest": float(values[-1]), "numpy": np.__version__}))
