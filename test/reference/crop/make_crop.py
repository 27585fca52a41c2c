"""Writes crop.json: sha256 of torchvision's Resize and CenterCrop, on Pillow, of images of noise.

Run with torchvision 0.14 (Debian 12): /usr/bin/python3 make_crop.py
Byte i of an image (height x width x 3) is bits 13 to 20 of (i + seed) * 0x9e3779b1 modulo 2^32.
"""
import hashlib
import json
import numpy as np
import PIL
import torchvision
from PIL import Image
from torchvision.transforms import CenterCrop, InterpolationMode, Resize

SIZES = [(61, 37), (37, 61), (50, 50), (40, 300), (333, 500), (500, 375), (1, 9)]
RECIPES = [(33, 28), (32, 29), (64, 64), (256, 224), (40, 39)]


def noise(width, height, seed):
    i = np.arange(width * height * 3, dtype=np.uint64) + np.uint64(seed)
    return (((i * np.uint64(0x9E3779B1) & np.uint64(0xFFFFFFFF)) >> np.uint64(13)) & np.uint64(255)).astype(np.uint8).reshape(height, width, 3)


cases = []
for seed, (width, height) in enumerate(SIZES):
    for resize, crop in RECIPES:
        for name in ("bilinear", "bicubic"):
            image = Image.fromarray(noise(width, height, seed))
            out = CenterCrop(crop)(Resize(resize, InterpolationMode[name.upper()])(image))
            cases.append([width, height, seed, resize, crop, name, hashlib.sha256(np.asarray(out).tobytes()).hexdigest()])
with open("crop.json", "w") as f:
    rows = ",\n".join(json.dumps(case) for case in cases)
    f.write('{"versions": %s, "cases": [\n%s\n]}\n' % (json.dumps(dict(torchvision=torchvision.__version__, pillow=PIL.__version__)), rows))
