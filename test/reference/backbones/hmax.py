#!/usr/bin/env python3
"""What NumPy and SciPy give for the fixed model `hmax`, from its description: two images of the reference generator, 224 x 224.

    hmax.py > hmax.json
"""
import hashlib
import json
import struct

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.signal import fftconvolve

from v1_gabor import uniform

SIGMAS = [2.8, 3.6, 4.5, 5.4, 6.3, 7.3, 8.2, 9.2, 10.2, 11.3, 12.3, 13.4, 14.6, 15.8, 17.0, 18.2]
WAVELENGTHS = [3.5, 4.6, 5.6, 6.8, 7.9, 9.1, 10.3, 11.5, 12.7, 14.1, 15.4, 16.8, 18.2, 19.7, 21.2, 22.8]
PATCHES = [4, 8, 12, 16]
MASK = 0xFFFFFFFF


def rotated(value, bits):
    return ((value << bits) | (value >> (32 - bits))) & MASK


def stream(name):
    """Uniforms from xoshiro128**, whose state is the SHA-256 of the seed (0) and a name."""
    s = list(struct.unpack("<4I", hashlib.sha256(("0:" + name).encode()).digest()[:16]))
    while True:
        value = rotated(s[1] * 5 & MASK, 7) * 9 & MASK
        shifted = s[1] << 9 & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= shifted
        s[3] = rotated(s[3], 11)
        yield value / 2**32


def filters(size, sigma, wavelength):
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    disc = x**2 + y**2 <= size**2 / 4
    bank = []
    for k in range(4):
        across, along = x * np.cos(k * np.pi / 4) + y * np.sin(k * np.pi / 4), y * np.cos(k * np.pi / 4) - x * np.sin(k * np.pi / 4)
        g = disc * np.exp(-(across**2 + (0.3 * along) ** 2) / (2 * sigma**2)) * np.cos(2 * np.pi * across / wavelength)
        g = disc * (g - g[disc].mean())
        bank.append(g / np.linalg.norm(g))
    return bank


def correlate(image, kernel):
    return fftconvolve(image, kernel[::-1, ::-1], "valid")


def s1(grey, scale):
    size = 7 + 2 * scale
    light = np.sqrt(correlate(grey**2, np.ones((size, size))) + size**2 / 255**2)
    return np.pad([np.abs(correlate(grey, g)) / light for g in filters(size, SIGMAS[scale], WAVELENGTHS[scale])], ((0, 0), (size // 2,) * 2, (size // 2,) * 2))


def c1(grey, band):
    pool, step = 8 + 2 * band, 4 + band
    both = np.maximum(s1(grey, 2 * band), s1(grey, 2 * band + 1))
    return sliding_window_view(both, (pool, pool), (1, 2))[:, ::step, ::step].max((3, 4))


def leaves(index):
    draw = stream("hmax:image:%d" % index)
    image, free = np.full((128, 128), 0.5), np.ones((128, 128), bool)
    y, x = np.mgrid[:128, :128]
    for _ in range(5000):
        radius = 1 / np.sqrt(1 / 4 - next(draw) * (1 / 4 - 1 / 1024))
        cx, cy, grey = next(draw) * 192 - 32, next(draw) * 192 - 32, next(draw)
        disc = free & ((x - cx) ** 2 + (y - cy) ** 2 <= radius**2)
        image[disc], free[disc] = grey, False
    return image


def prototypes(count):
    sources = [c1(leaves(i), 0) for i in range(10)]
    out = {}
    for size in PATCHES:
        draw = stream("hmax:patch:%d" % size)
        patches = []
        for p in range(count):
            source = sources[p % 10]
            places = source.shape[1] - 2 - size + 1
            row, column = 1 + int(next(draw) * places), 1 + int(next(draw) * places)
            patches.append(source[:, row : row + size, column : column + size].reshape(-1))
        out[size] = np.array(patches).astype(np.float32).astype(float)
    return out


def taps(image, dictionary):
    grey = np.tensordot([0.299, 0.587, 0.114], image, 1)
    out = {"luminance": grey[None]}
    for scale in (0, 5, 15):
        out["S1.%d" % (7 + 2 * scale)] = s1(grey, scale)
    maps = [c1(grey, band) for band in range(8)]
    for band in (0, 3, 7):
        out["C1.%d" % (band + 1)] = maps[band]
    out["C1"] = np.concatenate([x.reshape(-1) for x in maps])
    best = []
    for size in PATCHES:
        over_bands = []
        for band, x in enumerate(maps):
            windows = sliding_window_view(x, (size, size), (1, 2)).transpose(1, 2, 0, 3, 4)
            rows = windows.reshape(-1, 4 * size * size)
            squared = np.array([((dictionary[size] - row) ** 2).sum(1) for row in rows])
            s2 = np.exp(-squared / (2 * (size / 4) ** 2)).T.reshape(-1, *windows.shape[:2])
            if (size, band) in ((4, 0), (8, 3), (16, 7)):
                out["S2.%d.%d" % (size, band + 1)] = s2
            over_bands.append(s2.max((1, 2)))
        out["C2.%d" % size] = np.max(over_bands, 0)[:, None, None]
        best.append(np.max(over_bands, 0))
    return {**out, "C2": np.concatenate(best)}


if __name__ == "__main__":
    dictionary = prototypes(250)
    images = (2 * uniform("input", 2 * 3 * 224 * 224) - 1).astype(np.float32).astype(float).reshape(2, 3, 224, 224)
    both = [taps(image, dictionary) for image in images]
    doc = []
    for name in both[0]:
        values = np.stack([tap[name] for tap in both])
        flat = values.reshape(-1)
        places = [int(len(flat) * (k + 0.37) / 12) for k in range(12)]
        doc.append({
            "name": name,
            "shape": list(values.shape),
            "l2": float(np.sqrt(np.sum(flat**2))),
            "max_abs": float(np.abs(flat).max()),
            "f32_error": 1e-6,
            "samples": [[i, float(flat[i])] for i in places],
        })
    print(json.dumps({"arch": "hmax", "input_size": 224, "batch": 2, "taps": doc}, separators=(",", ":")))
