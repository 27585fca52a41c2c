#!/usr/bin/env python3
"""Full golden files of the architectures that timm has and torchvision has not; timm 1.0.31, PyTorch 1.13.

    PYTHONPATH=.../shared/reference timm_backbones.py FOLDER && trim.py FOLDER > timm.json
"""
import sys

import timm

import full_golden

HEAD = [r"global_pool(\.\w+)?", r"fc", r"last_linear", r"head_drop"]
networks = [
    ("xception", "legacy_xception", 299, [r"(conv|bn|act)\d", r"conv[34]\.\w+", r"block\d+", r"block(1|2|4|12)\.(skip|skipbn|rep)", r"block(1|4|12)\.rep\.\d+(\.\w+)?"]),
    ("pnasnet5large", "pnasnet5large", 331, [
        r"conv_0(\.\w+)?", r"cell_(stem_)?\d+", r"cell_\d+\.conv_(prev_)?1x1",
        r"cell_(stem_0|stem_1|4)\.\w+", r"cell_(stem_0|stem_1|4)\.conv_(prev_)?1x1\.\w+(\.\w+)?", r"cell_(stem_0|stem_1|4)\.comb_iter_4_right\.\w+",
        r"cell_stem_0\.comb_iter_0_(left|right)\.\w+", r"cell_4\.comb_iter_[02]_left\.\w+(\.\w+)?", r"act",
    ]),
]
for arch, name, size, patterns in networks:
    full_golden.write(sys.argv[1], arch, timm.create_model(name), size, patterns + HEAD)
