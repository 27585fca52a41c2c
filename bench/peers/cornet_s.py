"""CORnet-S in PyTorch, from the facts of its paper (Kubilius et al. 2019), for the side-by-side runs: names as in its checkpoints."""
import torch
from torch import nn


class Area(nn.Module):
    """One recurrent area: 1x1 input, then `times` passes of a bottleneck with norms of their own per step."""

    def __init__(self, entering, leaving, times, widening=4):
        super().__init__()
        self.times = times
        wide = widening * leaving
        self.conv_input = nn.Conv2d(entering, leaving, 1, bias=False)
        self.skip = nn.Conv2d(leaving, leaving, 1, stride=2, bias=False)
        self.norm_skip = nn.BatchNorm2d(leaving)
        self.conv1 = nn.Conv2d(leaving, wide, 1, bias=False)
        self.conv2 = nn.Conv2d(wide, wide, 3, padding=1, bias=False)
        self.conv3 = nn.Conv2d(wide, leaving, 1, bias=False)
        for t in range(times):
            for k, width in ((1, wide), (2, wide), (3, leaving)):
                self.add_module(f"norm{k}_{t}", nn.BatchNorm2d(width))

    def forward(self, image):
        x = self.conv_input(image)
        for t in range(self.times):
            kept = self.norm_skip(self.skip(x)) if t == 0 else x
            x = torch.relu(getattr(self, f"norm1_{t}")(self.conv1(x)))
            step = (2, 2) if t == 0 else (1, 1)
            x = nn.functional.conv2d(x, self.conv2.weight, None, step, (1, 1))
            x = torch.relu(getattr(self, f"norm2_{t}")(x))
            x = torch.relu(getattr(self, f"norm3_{t}")(self.conv3(x)) + kept)
        return x


class Retina(nn.Module):
    """V1: two convolutions without recurrence."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.norm1 = nn.BatchNorm2d(64)
        self.conv2 = nn.Conv2d(64, 64, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(64)

    def forward(self, image):
        x = nn.functional.max_pool2d(torch.relu(self.norm1(self.conv1(image))), 3, 2, 1)
        return torch.relu(self.norm2(self.conv2(x)))


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(512, 1000)

    def forward(self, x):
        return self.linear(x.mean((2, 3)))


def cornet_s():
    net = nn.Sequential()
    net.add_module("V1", Retina())
    for name, entering, leaving, times in (("V2", 64, 128, 2), ("V4", 128, 256, 4), ("IT", 256, 512, 2)):
        net.add_module(name, Area(entering, leaving, times))
    net.add_module("decoder", Decoder())
    return net
