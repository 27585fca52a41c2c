#!/usr/bin/env python3
"""Keeps of full golden files what fits in a repository: six samples of each tap.

    trim.py FOLDER > torchvision.json

FOLDER holds the files that the reference script make_backbones.py writes (torchvision 0.14, PyTorch 1.13) for the
architectures that come without a reference file; the EfficientNets at the sides their weights were trained at
(b1 240, b2 288, b3 300, b4 380), all else at 224.
"""
import glob
import hashlib
import json
import os
import sys

SAMPLES = 6


def trimmed(doc):
    names = "\n".join("%s %s" % (name, "x".join(map(str, shape))) for name, shape, kind in doc["params"] if kind != "nbt")
    taps = [
        {
            "name": tap["name"],
            "shape": tap["shape"],
            "l2": tap["l2"],
            "max_abs": tap["max_abs"],
            "f32_error": tap["f32_error"],
            "samples": tap["samples"][:: max(1, len(tap["samples"]) // SAMPLES)][:SAMPLES],
        }
        for tap in doc["taps"]
    ]
    return {
        "arch": doc["arch"],
        "input_size": doc["input_size"],
        "batch": doc["batch"],
        "params_sha256": hashlib.sha256(names.encode()).hexdigest(),
        "taps": taps,
    }


docs = [trimmed(json.load(open(path))) for path in sorted(glob.glob(os.path.join(sys.argv[1], "*.json")))]
print("[\n" + ",\n".join(json.dumps(doc, separators=(",", ":")) for doc in docs) + "\n]")
