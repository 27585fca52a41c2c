"""Two small random networks as PyTorch exports them, and what PyTorch says of their layers. Writes *.onnx and onnx.json beside this file.

maps: convolutions, batch norm, SiLU, squeeze and excitation, a channel shuffle, a residual sum, pooling; exported for one image only.
tokens: a small vision transformer, exported for any number of images.

A layer's name is that of the last ONNX node within the module (a convolution's is that of its batch norm, which the export folds into it).
"""
import json
import os

import numpy as np
import onnx
import torch
from torch import nn

here = os.path.dirname(os.path.abspath(__file__))
SIDE = 32


class Add(nn.Module):
    def forward(self, a, b):
        return a + b


class Shuffle(nn.Module):
    def forward(self, x):
        n, c, h, w = x.shape
        return x.view(n, 2, c // 2, h, w).transpose(1, 2).reshape(n, c, h, w)


class Gate(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.pool, self.fc, self.sigmoid = nn.AdaptiveAvgPool2d(1), nn.Conv2d(channels, channels, 1), nn.Sigmoid()

    def forward(self, x):
        return x * self.sigmoid(self.fc(self.pool(x)))


class Block(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv, self.bn, self.act = nn.Conv2d(channels, channels, 3, padding=1, groups=2, bias=False), nn.BatchNorm2d(channels), nn.SiLU()
        self.shuffle, self.gate, self.add = Shuffle(), Gate(channels), Add()

    def forward(self, x):
        return self.add(x, self.gate(self.shuffle(self.act(self.bn(self.conv(x))))))


class Maps(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem, self.stem_bn, self.relu = nn.Conv2d(3, 8, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU()
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        self.blocks = nn.Sequential(Block(8), Block(8))
        self.wide, self.leaky = nn.Conv2d(8, 16, 3, stride=2), nn.LeakyReLU(0.1)
        self.fc = nn.Linear(16, 10)

    def forward(self, x):
        x = self.blocks(self.maxpool(self.relu(self.stem_bn(self.stem(x)))))
        x = self.leaky(self.wide(x))
        return self.fc(x.mean((2, 3)))


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads, self.qkv, self.out = heads, nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x):
        n, t, c = x.shape
        q, k, v = self.qkv(x).reshape(n, t, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        a = torch.softmax(q @ k.transpose(-2, -1) * (c // self.heads) ** -0.5, -1)
        return self.out((a @ v).transpose(1, 2).reshape(n, t, c))


class Layer(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm1, self.attention, self.add1 = nn.LayerNorm(width), Attention(width, 2), Add()
        self.norm2, self.up, self.gelu, self.down, self.add2 = nn.LayerNorm(width), nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width), Add()

    def forward(self, x):
        x = self.add1(x, self.attention(self.norm1(x)))
        return self.add2(x, self.down(self.gelu(self.up(self.norm2(x)))))


class Tokens(nn.Module):
    def __init__(self, width=16):
        super().__init__()
        self.patches, self.start, self.places = nn.Conv2d(3, width, 8, 8), nn.Parameter(torch.randn(1, 1, width)), nn.Parameter(torch.randn(1, 17, width))
        self.layers, self.norm, self.head = nn.Sequential(Layer(width), Layer(width)), nn.LayerNorm(width), nn.Linear(width, 10)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.start.expand(x.shape[0], -1, -1), x], 1) + self.places
        return self.head(self.norm(self.layers(x))[:, 0])


def image(count):
    """As test/models/given-onnx/exported.test.ts makes it."""
    state, out = 1, np.empty(count, np.float32)
    for i in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        out[i] = state / 2**31 - 1
    return out


def layer_name(node):
    parts = [part for part in node.split('/') if part]
    return '.'.join(part for part, after in zip(parts, parts[1:] + ['']) if not after.startswith(part + '.'))


def randomise(net):
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.2)
            module.running_var.uniform_(0.5, 2)
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, 0, 0.2)


def export(name, net, **options):
    randomise(net)
    net.eval()
    path = os.path.join(here, f'{name}.onnx')
    torch.onnx.export(net, torch.zeros(1, 3, SIDE, SIDE), path, input_names=['image'], output_names=['logits'], **options)
    model = onnx.load(path)
    for node in model.graph.node:  # where the modules were written: paths of this machine
        node.doc_string = ''
    model.graph.doc_string = ''
    onnx.save(model, path)
    nodes = [node.name for node in model.graph.node if node.op_type not in ('Constant', 'Identity')]
    taps, hooks, before = [], [], {}
    last_conv = None
    for path_in_net, module in net.named_modules():
        if isinstance(module, nn.Conv2d):
            last_conv = path_in_net
        if isinstance(module, nn.BatchNorm2d):
            before[path_in_net] = last_conv
    folded = set(before.values())
    with torch.no_grad():
        for path_in_net, module in net.named_modules():
            if path_in_net == '' or path_in_net in folded:
                continue
            scope = '/' + '/'.join('.'.join(path_in_net.split('.')[: i + 1]) if part.isdigit() else part for i, part in enumerate(path_in_net.split('.')))
            wanted = before.get(path_in_net)
            key = layer_name(scope) if wanted is None else wanted
            inside = [node for node in nodes if layer_name(node).startswith(key + '.')]
            if inside:
                hooks.append(module.register_forward_hook(lambda m, i, out, layer=layer_name(inside[-1]), module=path_in_net: taps.append((layer, module, out.numpy().copy()))))
        out = net(torch.from_numpy(image(2 * 3 * SIDE * SIDE).reshape(2, 3, SIDE, SIDE)))
    for hook in hooks:
        hook.remove()
    rows = []
    for layer, module, values in taps:
        flat = values.astype(np.float64).ravel()
        at = np.unique(np.linspace(0, flat.size - 1, 24).astype(int))
        rows.append({'layer': layer, 'module': module, 'shape': list(values.shape[1:]), 'l2': float(np.linalg.norm(flat)), 'max_abs': float(np.abs(flat).max()), 'samples': [[int(i), float(values.ravel()[i])] for i in at]})
    return rows


torch.manual_seed(7)
golden = {
    'versions': {'torch': torch.__version__},
    'side': SIDE,
    'maps': export('maps', Maps(), opset_version=13),
    'tokens': export('tokens', Tokens(), opset_version=16, dynamic_axes={'image': {0: 'n'}}),
}
with open(os.path.join(here, 'onnx.json'), 'w') as file:
    json.dump(golden, file)
    file.write('\n')
