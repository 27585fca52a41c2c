"""MAT-files as SciPy writes them, and what is in them. Writes plain.mat, packed.mat (compressed) and rdms.mat beside this file."""
import os

import numpy as np
import scipy.io

here = os.path.dirname(os.path.abspath(__file__))
cell = np.empty((1, 3), object)
cell[:] = [['bear', np.array([[1.5, 2.5]]), np.zeros((0, 0))]]
contents = {
    'numbers': np.arange(12, dtype=float).reshape(3, 4) / 4,
    'counts': np.array([[1, -2], [300, 4]], np.int16),
    'bytes': np.arange(6, dtype=np.uint8).reshape(1, 2, 3),
    'singles': np.array([[0.5, np.nan]], np.float32),
    'truth': np.array([[True, False]]),
    'large': np.array([[2**40]], np.int64),
    'text': 'häuser',
    'lines': np.array(['ab', 'cd']),
    'cells': cell,
    'one': {'name': 'IT', 'values': np.array([[1.0, 2.0, 3.0]])},
    'many': np.array([[('a', 1.0), ('b', 2.0)]], dtype=[('label', 'O'), ('value', 'O')]),
    'complex': np.array([[1 + 2j]]),
}
scipy.io.savemat(os.path.join(here, 'plain.mat'), contents)
scipy.io.savemat(os.path.join(here, 'packed.mat'), contents, do_compression=True)

square = np.array([[0, 0.5, 1, 1.5], [0.5, 0, 0.25, 2], [1, 0.25, 0, 0.75], [1.5, 2, 0.75, 0]])
rdms = np.array([(square, 'first'), (2 * square, 'second')], dtype=[('RDM', 'O'), ('name', 'O')]).reshape(1, 2)
scipy.io.savemat(os.path.join(here, 'rdms.mat'), {'RDMs': rdms, 'colour': np.array([[1, 2, 3]]), 'notSymmetric': square + np.triu(np.ones((4, 4)), 1)}, do_compression=True)
for name in ('plain.mat', 'packed.mat', 'rdms.mat'):  # no time in it: the same contents give the same bytes
    with open(os.path.join(here, name), 'r+b') as file:
        file.write(b'MATLAB 5.0 MAT-file, written by SciPy for tests'.ljust(116))
