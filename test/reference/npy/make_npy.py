"""Writes arrays.json: .npy and .npz files by NumPy, and what they hold.  python3 make_npy.py > arrays.json

bytes: the file, base64. values: all elements in C order as float64 (NaN and infinities as strings), or text."""
import base64
import io
import json
import numpy as np


def saved(array, version=None):
    out = io.BytesIO()
    np.lib.format.write_array(out, array, version=version, allow_pickle=True)
    return base64.b64encode(out.getvalue()).decode()


def plain(x):
    return x if isinstance(x, str) else str(x) if x != x or x in (np.inf, -np.inf) else float(x)


files = []


def add(name, array, version=None):
    values = [plain(x) for x in np.ascontiguousarray(array).ravel().tolist()] if not name.startswith('refused') else None
    files.append({'name': name, 'bytes': saved(array, version), 'shape': list(array.shape), 'values': values})


numbers = np.array([[[0, 1, 2], [3, 100, 5]], [[6, 7, 127], [9, 10, 11]]])
for kind in ('f2', 'f4', 'f8', 'i1', 'i2', 'i4', 'i8', 'u1', 'u2', 'u4', 'u8'):
    for order in '<>':
        a = numbers.astype(order + kind)
        if kind[0] == 'i':
            a[0, 0, 0] = -2 ** (8 * a.itemsize - 1) if a.itemsize < 8 else -(2**53) + 1
        if kind[0] == 'f':
            a[0, 0, 0], a[1, 1, 2], a[1, 1, 1] = -0.1, np.nan, -np.inf
        add(f'{order}{kind} C', a)
        add(f'{order}{kind} Fortran', np.asfortranarray(a))

halves = np.array([0x0000, 0x8000, 0x0001, 0x83FF, 0x0400, 0x3C00, 0x7BFF, 0xFBFF, 0x7C00, 0xFC00, 0x7E00, 0x3555], np.uint16).view(np.float16)
add('every kind of half', halves)
add('one value', np.array(3.5))
add('one axis', np.arange(5.0))
add('no rows', np.zeros((0, 4)))
add('no columns, Fortran', np.asfortranarray(np.zeros((3, 0, 2))))
add('a part of an array', np.arange(24.0).reshape(4, 6)[::2, 1::3])
add('four axes, Fortran', np.asfortranarray(np.arange(120.0).reshape(2, 3, 4, 5)))
add('format 2.0', np.arange(6.0).reshape(2, 3), (2, 0))
add('format 3.0', np.arange(6.0).reshape(2, 3), (3, 0))
add('text', np.array([['a', 'stimulus 1'], ['', 'é🐒']]))
add('text, big-endian', np.array(['abc', 'é']).astype('>U3'))
add('refused: booleans', np.array([True, False]))
add('refused: complex', np.array([1j]))
add('refused: long double', np.array([1], 'g'))
add('refused: objects', np.array([[1], [2, 3]], object))
add('refused: dates', np.array(['2020-01-01'], 'M8[D]'))
add('refused: structured', np.array([(1, 2.0)], [('a', 'i4'), ('b', 'f8')]))
bytes_text = np.array([b'abc', 'é'.encode()])
files.append({'name': 'bytes', 'bytes': saved(bytes_text), 'shape': [2], 'values': ['abc', 'é']})

archives = []
for name, save in (('stored', np.savez), ('deflated', np.savez_compressed)):
    out = io.BytesIO()
    save(out, activations=np.arange(600, dtype='f4').reshape(3, 200), stimulus_id=np.array(['a', 'b', 'ç']))
    archives.append({'name': name, 'bytes': base64.b64encode(out.getvalue()).decode()})

print(json.dumps({'numpy': np.__version__, 'files': files, 'archives': archives}, indent=0, ensure_ascii=False))
