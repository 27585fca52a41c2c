"""One full golden file of a network that make_backbones.py (shared reference) does not build; trim.py keeps what fits in a repository.

make_backbones.py must be importable (PYTHONPATH=.../shared/reference); its fill, its hooks and its sums are used as they are.
"""
import json
import os

import make_backbones as reference

SALT = "ventral-open"
SAMPLES = 24


def write(folder, arch, net, size, patterns, timed=lambda name: False, kinds=None):
    """`kinds`: the fill of parameters whose name does not tell it."""
    import torch

    net = net.eval()
    params = []
    with torch.no_grad():
        for name, tensor in net.state_dict().items():
            shape = list(tensor.shape)
            kind = (kinds or {}).get(name) or reference.classify(name, shape)
            values = reference.fill(SALT, name, shape, kind)
            tensor.copy_(torch.from_numpy(values) if shape else torch.tensor(values.item(), dtype=tensor.dtype))
            params.append([name, shape, kind])
    x = torch.from_numpy(reference.make_input(SALT, size))
    taps32, _ = reference.run(net, x, patterns, timed)
    taps64, _ = reference.run(net.double(), x.double(), patterns, timed)
    taps = [reference.summarise(name, taps32[name], taps64[name], SALT, arch, SAMPLES) for name in taps32]
    doc = {"arch": arch, "salt": SALT, "input_size": size, "batch": reference.BATCH, "torch_version": torch.__version__, "params": params, "taps": taps}
    json.dump(doc, open(os.path.join(folder, arch + ".json"), "w"))
    print(arch, len(params), "parameters", len(taps), "taps, worst float32 error %.2g" % max(tap["f32_error"] for tap in taps))
