"""What SciPy says of the RDMs of Kriegeskorte et al. (2008). Reads the folder named on the command line, writes kriegeskorte.json beside this file.

Monkey IT and human IT of figure 1, and the four humans of the first session. Ceiling as rsatoolbox: ranks averaged over the others (lower) or all (upper).
"""
import json
import os
import sys

import numpy as np
import scipy
import scipy.io
from scipy.stats import kendalltau, pearsonr, rankdata, spearmanr

folder = sys.argv[1]
upper = np.triu_indices(92, 1)
humans = [rdm.astype(float)[upper] for rdm in scipy.io.loadmat(os.path.join(folder, '92_brainRDMs.mat'))['RDMs'][0, :, 0]['RDM']]
figure = scipy.io.loadmat(os.path.join(folder, 'Kriegeskorte_Neuron2008_supplementalData.mat'))['RDMs_mIT_hIT_fig1'][0]['RDM']
monkey, human = (figure[k].ravel() for k in range(2))
ranks = [rankdata(rdm) for rdm in humans]


def tau_a(a, b):
    return sum(int(np.sum(np.sign(a[k] - a[:k]) * np.sign(b[k] - b[:k]))) for k in range(1, len(a))) / (len(a) * (len(a) - 1) / 2)


numbers = {
    'versions': {'numpy': np.__version__, 'scipy': scipy.__version__},
    'monkey_human': {'spearman': spearmanr(monkey, human)[0], 'pearson': pearsonr(monkey, human)[0], 'kendall': tau_a(monkey, human), 'tau_b': kendalltau(monkey, human)[0]},
    'monkey_each_human': [spearmanr(monkey, rdm)[0] for rdm in humans],
    'ceiling': {
        'lower': float(np.mean([spearmanr(humans[k], sum(ranks) - ranks[k])[0] for k in range(4)])),
        'upper': float(np.mean([spearmanr(rdm, sum(ranks))[0] for rdm in humans])),
    },
    'monkey_percentiles': ((rankdata(monkey) - 1) / (len(monkey) - 1))[:10].tolist(),
}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'kriegeskorte.json'), 'w') as file:
    json.dump(numbers, file, indent=1)
    file.write('\n')
