"""PyTorch eager: seconds per pass of BATCH images through a torchvision network with forward hooks on TAPS.

torch_forward.py ARCH THREADS BATCH REPEATS TAP [TAP ...]   prints one JSON line.
"""
import json, sys, time
import torch, torchvision

arch, threads, batch, repeats = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
taps = sys.argv[5:]
torch.set_num_threads(threads)
torch.manual_seed(0)
net = getattr(torchvision.models, arch)(weights=None).eval()
kept = {}
for name, module in net.named_modules():
    if name in taps:
        module.register_forward_hook(lambda _m, _i, out, name=name: kept.__setitem__(name, out.detach().clone()))
x = torch.rand(batch, 3, 224, 224)
seconds = []
with torch.no_grad():
    net(x)
    for _ in range(repeats):
        start = time.perf_counter()
        net(x)
        seconds.append(time.perf_counter() - start)
print(json.dumps({"seconds": seconds, "torch": torch.__version__, "taps": len(kept)}))
