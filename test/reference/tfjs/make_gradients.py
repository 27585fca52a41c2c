#!/usr/bin/env python3
"""What PyTorch's autograd gives, in float64, for the small network of test/models/tfjs/small-net.ts: logits of two images, and the
derivative of one logit per image with respect to the activations of several layers. Parameters and images by the reference generator.

    make_gradients.py > gradients.json          (torch 1.13)
"""
import json

import numpy as np
import torch
import torch.nn.functional as F

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


def fill(name, shape, kind):
    u = uniform(name, int(np.prod(shape)))
    s = 2 * u - 1
    scale = np.sqrt(6 / np.prod(shape[1:])) if kind == "w" else 1 if kind == "input" else 0.1
    values = 1 + 0.5 * u if kind == "rv" else 1 + 0.1 * s if kind == "nw" else s * scale
    return torch.tensor(values.astype(np.float32).astype(np.float64).reshape(shape))


def conv(name, x, out, kernel, bias=True, groups=1, **options):
    weight = fill(f"{name}.weight", (out, x.shape[1] // groups, *kernel), "w")
    return F.conv2d(x, weight, fill(f"{name}.bias", (out,), "b") if bias else None, groups=groups, **options)


def norm(name, channels):
    return fill(f"{name}.weight", (channels,), "nw"), fill(f"{name}.bias", (channels,), "b")


def batch_norm(name, x):
    c = x.shape[1]
    return F.batch_norm(x, fill(f"{name}.running_mean", (c,), "rm"), fill(f"{name}.running_var", (c,), "rv"), *norm(name, c), eps=1e-5)


def linear(name, x, out):
    return F.linear(x, fill(f"{name}.weight", (out, x.shape[-1]), "w"), fill(f"{name}.bias", (out,), "b"))


def network(image, taps):
    def tap(name, x):
        x.retain_grad()
        taps[name] = x
        return x

    x = tap("conv", conv("conv", image, 8, (3, 3), stride=2, padding=1))
    x = torch.relu(batch_norm("norm", x))
    x = tap("depthwise", conv("depthwise", x, 16, (3, 3), bias=False, stride=1, padding=1, groups=8))
    x = F.hardswish(F.group_norm(x, 4, *norm("groupnorm", 16), eps=1e-5))
    x = F.silu(conv("grouped", x, 8, (1, 3), padding=(0, 1), groups=2))
    pooled = tap("pool", F.max_pool2d(x, 3, 2, ceil_mode=True))
    gate = torch.sigmoid(conv("squeeze", F.adaptive_avg_pool2d(pooled, 1), 8, (1, 1)))
    x = tap("sum", pooled + pooled * gate)
    y = F.layer_norm(x.permute(0, 2, 3, 1), (8,), *norm("layernorm", 8), eps=1e-6)
    y = linear("narrow", F.gelu(linear("wide", y, 12)), 8).permute(0, 3, 1, 2)
    y = fill("layer_scale", (8, 1, 1), "o") * y
    x = tap("block", x + y)
    energy = torch.sqrt(x[:, 2:6] ** 2 + conv("surround", x, 4, (3, 3), padding=2, dilation=2) ** 2)
    x = torch.cat([energy / torch.sigmoid(conv("single", x, 1, (1, 1))), x[:, 4:8]], 1)
    n, c, h, w = x.shape
    x = x.reshape(n, 2, c // 2, h, w).transpose(1, 2).reshape(n, c, h, w)
    x = tap("average", F.avg_pool2d(x, 2, 1, padding=1))
    x = F.relu6(conv("deep", x, 6, (3, 3), stride=1, padding=1))
    return linear("classifier", torch.flatten(F.adaptive_avg_pool2d(x, 3), 1), 5)


taps = {}
image = fill("input", (2, 3, 12, 12), "input").requires_grad_()
logits = network(image, taps)
units = [1, 3]
sum(logits[i, unit] for i, unit in enumerate(units)).backward()
rounded = lambda t: [float(f"{v:.8g}") for v in t.detach().flatten().tolist()]
print(json.dumps({
    "units": units,
    "logits": rounded(logits),
    "layers": {name: {"shape": list(t.shape), "gradient": rounded(t.grad)} for name, t in taps.items()},
}))
