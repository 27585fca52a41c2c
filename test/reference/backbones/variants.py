#!/usr/bin/env python3
"""Full golden files of circuits of CORnet-S and of BaseNets, written in PyTorch from their description.

    PYTHONPATH=.../shared/reference variants.py FOLDER && trim.py FOLDER > variants.json
"""
import re
import sys

import torch
from torch import nn

import full_golden


class FirstArea(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 7, 2, 3, bias=False)
        self.norm1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(width)
        self.output = nn.Identity()

    def forward(self, image):
        early = torch.max_pool2d(torch.relu(self.norm1(self.conv1(image))), 3, 2, 1)
        return self.output(torch.relu(self.norm2(self.conv2(early))))


class RecurrentArea(nn.Module):
    """`sides` are those of the convolutions; the one at `narrowing` has stride 2 at the first step."""

    def __init__(self, below, width, steps, expansion=4, skip=True, sides=(1, 3, 1), narrowing=1, shared=False, gate=False):
        super().__init__()
        self.steps, self.narrowing, self.shared, self.count = steps, narrowing, shared, len(sides)
        self.conv_input = nn.Conv2d(below, width, 1, bias=False)
        if skip:
            self.skip = nn.Conv2d(width, width, 1, 2, bias=False)
            self.norm_skip = nn.BatchNorm2d(width)
        widths = [width] + [width * expansion] * (len(sides) - 1) + [width]
        for k, side in enumerate(sides):
            setattr(self, "conv%d" % (k + 1), nn.Conv2d(widths[k], widths[k + 1], side, padding=side // 2, bias=False))
        if gate:
            self.gate = nn.Conv2d(width, width, 1)
        for step in range(1 if shared else steps):
            for k in range(len(sides)):
                setattr(self, "norm%d" % (k + 1) + ("" if shared else "_%d" % step), nn.BatchNorm2d(widths[k + 1]))
        self.output = nn.Identity()

    def forward(self, x):
        state = self.conv_input(x)
        for step in range(self.steps):
            value = state
            for k in range(self.count):
                conv = getattr(self, "conv%d" % (k + 1))
                conv.stride = (2, 2) if step == 0 and k == self.narrowing else (1, 1)
                value = getattr(self, "norm%d" % (k + 1) + ("" if self.shared else "_%d" % step))(conv(value))
                if k + 1 < self.count:
                    value = torch.relu(value)
            if hasattr(self, "gate"):
                self.gate.stride = (2, 2) if step == 0 else (1, 1)
                value = value * torch.sigmoid(self.gate(state))
            if hasattr(self, "skip"):
                value = value + (self.norm_skip(self.skip(state)) if step == 0 else state)
            state = self.output(torch.relu(value))
        return state


class Decoder(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, 1000)

    def forward(self, x):
        return self.linear(x.mean((2, 3)))


def cornet(areas, **circuit):
    names = list(areas)
    net = nn.Sequential()
    net.add_module("V1", FirstArea(areas["V1"][0]))
    for below, name in zip(names, names[1:]):
        net.add_module(name, RecurrentArea(areas[below][0], *areas[name], **circuit))
    net.add_module("decoder", Decoder(areas[names[-1]][0]))
    return net


def basenet(sides, nonlinearity, norm, pool):
    widths = [3, 64, 192, 384, 256, 256, 256]
    net = nn.Sequential()
    for k, side in enumerate(sides, 1):
        net.add_module("conv%d" % k, nn.Conv2d(widths[k - 1], widths[k], side, 4 if k == 1 else 1, side // 2))
        if norm:
            net.add_module("norm%d" % k, nn.BatchNorm2d(widths[k]))
        net.add_module("nonlin%d" % k, nonlinearity())
        if k in (1, 2, 6):
            net.add_module("pool%d" % k, pool(3, 2))
    net.add_module("flatten", nn.Flatten())
    net.add_module("fc", nn.Linear(256 * 6 * 6, 1000))
    return net


two = {"sides": (3, 3), "narrowing": 0}
networks = {
    "cornet_s+areas=V1-V2-IT+times=1-3-1+bottleneck=2+skip=off": cornet({"V1": (64, 1), "V2": (128, 3), "IT": (512, 1)}, expansion=2, skip=False),
    "cornet_s+channels=32-64-96-128+bottleneck=1+convolutions=2+norm=shared+gate=on": cornet(
        {"V1": (32, 1), "V2": (64, 2), "V4": (96, 4), "IT": (128, 2)}, expansion=1, shared=True, gate=True, **two),
    "cornet_s+areas=V1-V2-V4-pIT-aIT+channels=64-64-64-64-96+gate=on": cornet(
        {"V1": (64, 1), "V2": (64, 2), "V4": (64, 4), "pIT": (64, 2), "aIT": (96, 2)}, gate=True),
    "basenet": basenet((11, 5, 3, 3, 3, 3), nn.ReLU, False, nn.MaxPool2d),
    "basenet+kernels=7-5-5-3-3-1+nonlinearity=elu+norm=batch": basenet((7, 5, 5, 3, 3, 1), nn.ELU, True, nn.MaxPool2d),
    "basenet+nonlinearity=tanh+pool=average": basenet((11, 5, 3, 3, 3, 3), nn.Tanh, False, nn.AvgPool2d),
}


def every_step(name):
    return re.match(r"(V1\.output|(V2|V4|IT|pIT|aIT)\.(conv\d|gate|norm\d|output))$", name) is not None


patterns = [r"V1\.\w+", r"(V2|V4|IT|pIT|aIT)\.output", r"V2\.\w+", r"aIT\.(gate|conv\d)", r"decoder\.linear", r"(conv|norm|nonlin|pool)\d", r"flatten", r"fc"]
for arch, net in networks.items():
    full_golden.write(sys.argv[1], arch, net, 224, patterns, every_step)
