#!/usr/bin/env python3
"""What SciPy gives for the fixed bank `v1-gabor`, from its description: two images of the reference generator, 224 x 224.

    v1_gabor.py > v1_gabor.json
"""
import json

import numpy as np
from scipy.signal import correlate2d

U32 = 1 << 32


def uniform(name, count):
    h = 2166136261
    for byte in ("ventral-open:" + name).encode():
        h = ((h ^ byte) * 16777619) % U32
    i = np.arange(1, count + 1, dtype=np.uint64).astype(np.uint32)
    t = i * np.uint32(0x6D2B79F5) + np.uint32(h)
    t = (t ^ (t >> np.uint32(15))) * (t | np.uint32(1))
    t = t ^ (t + (t ^ (t >> np.uint32(7))) * (t | np.uint32(61)))
    return (t ^ (t >> np.uint32(14))).astype(np.float64) / U32


def gabor(theta, phase):
    y, x = np.mgrid[-8:9, -8:9].astype(float)
    across, along = x * np.cos(theta) + y * np.sin(theta), y * np.cos(theta) - x * np.sin(theta)
    # one octave of bandwidth b = 1: sigma / wavelength = sqrt(ln 2 / 2) / pi * (2^b + 1) / (2^b - 1)
    sigma = 4 * np.sqrt(np.log(2) / 2) / np.pi * 3
    envelope = np.exp(-(across**2 + (0.7 * along) ** 2) / (2 * sigma**2))
    carrier = np.cos(2 * np.pi * across / 4 - phase)
    weights = envelope * (carrier - np.sum(envelope * carrier) / np.sum(envelope))
    return weights / np.sum(weights * carrier)


def pooled(x):
    side = x.shape[-1] // 14
    return x.reshape(x.shape[0], 14, side, 14, side).mean((2, 4))


def taps(image):
    level = np.tensordot([0.299, 0.587, 0.114], image, 1)
    row = np.array([1, 4, 6, 4, 1]) / 16
    out, complexes, normals = {}, [], []
    for s in range(5):
        if s > 0:
            level = correlate2d(level, np.outer(row, row), "same")[::2, ::2]
        phases = [np.stack([correlate2d(level, gabor(k * np.pi / 8, phase), "same") for k in range(8)]) for phase in (0, np.pi / 2)]
        energy = np.sqrt(phases[0] ** 2 + phases[1] ** 2)
        drive = 0.15 + correlate2d(energy.mean(0), np.ones((5, 5)) / 25, "same")
        out["scale%d.simple" % s], out["scale%d.normalised" % s] = np.concatenate(phases), energy / drive
        complexes.append(pooled(energy))
        normals.append(pooled(energy / drive))
    return {**out, "complex": np.concatenate(complexes), "normalised": np.concatenate(normals)}


if __name__ == "__main__":
    images = (2 * uniform("input", 2 * 3 * 224 * 224) - 1).astype(np.float32).astype(float).reshape(2, 3, 224, 224)
    both = [taps(image) for image in images]
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
    print(json.dumps({"arch": "v1-gabor", "input_size": 224, "batch": 2, "taps": doc}, separators=(",", ":")))
