#!/usr/bin/env python3
"""Class maps by PyTorch's autograd, in float64, of torchvision's networks with the reference fill, on one image of uniform noise.

    make_grad_cam.py > grad_cam.json          (torch 1.13, torchvision 0.14)

Grad-CAM (Selvaraju et al. 2017): ReLU of the sum over channels of alpha * map, alpha the mean over the places of d logit / d map.
CAM (Zhou et al. 2016) where the logits are a linear layer on the mean of the last maps.
"""
import json

import numpy as np
import torch
import torchvision

U32 = 1 << 32
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]

# arch, class, layers; the last layer's maps are what the classifier averages, or None
CASES = [
    ("resnet18", 301, ["layer2", "layer3.0.bn1", "layer4"], "layer4"),
    ("squeezenet1_1", 17, ["features.5", "features.12"], None),
]


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
    scale = np.sqrt(6 / np.prod(shape[1:])) if kind == "w" else 0.1
    values = 1 + 0.5 * u if kind == "rv" else 1 + 0.1 * s if kind == "nw" else s * scale
    return torch.tensor(values.astype(np.float32).astype(np.float64).reshape(tuple(shape)))


def kind_of(name, shape):
    leaf = name.rsplit(".", 1)[-1]
    if leaf == "running_mean":
        return "rm"
    if leaf == "running_var":
        return "rv"
    return "b" if leaf == "bias" else "w" if len(shape) > 1 else "nw"


def filled(arch):
    model = getattr(torchvision.models, arch)(weights=None).double().eval()
    state = {name: fill(name, value.shape, kind_of(name, value.shape)) for name, value in model.state_dict().items() if not name.endswith("num_batches_tracked")}
    model.load_state_dict(state, strict=False)
    for module in model.modules():  # what a later step would overwrite in place must stay as it was tapped
        if hasattr(module, "inplace"):
            module.inplace = False
    return model


def rounded(values):
    return [float("%.9g" % value) for value in values.detach().flatten().tolist()]


docs = []
pixels = torch.tensor(uniform("image", 3 * 224 * 224).astype(np.float32).astype(np.float64).reshape(1, 3, 224, 224))
image = (pixels - torch.tensor(MEAN).view(1, 3, 1, 1).double()) / torch.tensor(STD).view(1, 3, 1, 1).double()
for arch, index, layers, last in CASES:
    model = filled(arch)
    modules, taps = dict(model.named_modules()), {}

    def keep(name):
        def hook(_module, _inputs, output):
            output.retain_grad()
            taps[name] = output
        return hook

    for layer in layers:
        modules[layer].register_forward_hook(keep(layer))
    logits = model(image)[0]
    logits[index].backward()
    doc = {"arch": arch, "class": index, "logit": float("%.9g" % logits[index]), "top": torch.topk(logits, 5).indices.tolist(), "gradCam": []}
    for layer in layers:
        maps, slope = taps[layer][0], taps[layer].grad[0]
        values = torch.relu((slope.mean(dim=(1, 2), keepdim=True) * maps).sum(0))
        doc["gradCam"].append({"layer": layer, "shape": list(values.shape), "positive": round(float((values > 0).double().mean()), 3), "values": rounded(values)})
    if last is not None:
        doc["cam"] = {"layer": last, "values": rounded((model.fc.weight[index].view(-1, 1, 1) * taps[last][0]).sum(0))}
    docs.append(doc)
print("[\n" + ",\n".join(json.dumps(doc, separators=(",", ":")) for doc in docs) + "\n]")
