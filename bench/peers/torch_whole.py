"""PyTorch: seconds of whole forward passes and the process's peak RSS.

torch_whole.py ARCH eager|optimised BATCH REPEATS   prints one JSON line; ARCH is of torchvision, or cornet_s
torch_whole.py cornet_s save FILE                   writes random weights as a checkpoint
"""
import json, resource, sys, time
import torch
from cornet_s import cornet_s

arch, way = sys.argv[1], sys.argv[2]
torch.set_num_threads(1)
torch.manual_seed(0)
if arch == "cornet_s":
    net = cornet_s()
else:
    import torchvision
    net = getattr(torchvision.models, arch)(weights=None)
net.eval()
if way == "save":
    torch.save({"state_dict": {f"module.{name}": value for name, value in net.state_dict().items()}}, sys.argv[3])
    sys.exit()
batch, repeats = int(sys.argv[3]), int(sys.argv[4])
x = torch.rand(batch, 3, 224, 224)
seconds = []
with torch.no_grad():
    if way == "optimised":
        net = torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(net, x)))
        net(x)
    net(x)
    for _ in range(repeats):
        start = time.perf_counter()
        net(x)
        seconds.append(time.perf_counter() - start)
print(json.dumps({"seconds": seconds, "peakRssBytes": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, "torch": torch.__version__}))
