"""The networks of net/models as plain data, and their weights.

Names of layers are Keras's, so that a parameter is found under its name in the
file that TestExport of ../../export_test.go writes. Networks end in logits.
"""

import json
import os
import struct
from dataclasses import dataclass, replace

from shapes import same


@dataclass
class Node:
    op: str  # input conv norm relu pool mean flatten dense dropout add
    name: str
    inputs: tuple  # indices of nodes
    shape: tuple  # of one sample: h, w, c or features
    kernel: int = 0
    stride: int = 1
    pad: tuple = (0, 0, 0, 0)  # top, bottom, left, right
    bias: bool = True
    relu: bool = False
    rate: float = 0.0


class Network:
    """A list of nodes, each after its inputs. A method appends one and returns its index."""

    def __init__(self, name, *shape):
        self.name = name
        self.nodes = [Node("input", "x", (), shape)]

    @property
    def last(self):
        return len(self.nodes) - 1

    def append(self, node):
        self.nodes.append(node)
        return self.last

    def shape(self, x):
        return self.nodes[x].shape

    def conv(self, x, name, filters, kernel, stride=1, bias=True, relu=True):
        h, w, _ = self.shape(x)
        pad = same(h, kernel, stride) + same(w, kernel, stride)
        return self.append(Node("conv", name, (x,), (-(-h // stride), -(-w // stride), filters), kernel, stride, pad, bias, relu))

    def norm(self, x, name, relu=False):
        return self.append(Node("norm", name, (x,), self.shape(x), relu=relu))

    def pool(self, x, name, size, stride, padded=False):
        h, w, c = self.shape(x)
        pad = same(h, size, stride) + same(w, size, stride) if padded else (0, 0, 0, 0)
        shape = ((h + pad[0] + pad[1] - size) // stride + 1, (w + pad[2] + pad[3] - size) // stride + 1, c)
        return self.append(Node("pool", name, (x,), shape, size, stride, pad))

    def mean(self, x, name):
        return self.append(Node("mean", name, (x,), self.shape(x)[2:]))

    def flatten(self, x, name):
        h, w, c = self.shape(x)
        return self.append(Node("flatten", name, (x,), (h * w * c,)))

    def dense(self, x, name, units, relu=True):
        return self.append(Node("dense", name, (x,), (units,), relu=relu))

    def dropout(self, x, name, rate):
        return self.append(Node("dropout", name, (x,), self.shape(x), rate=rate))

    def add(self, x, y, name, relu=True):
        return self.append(Node("add", name, (x, y), self.shape(x), relu=relu))


def lecture_cnn():
    net = Network("lecture_cnn", 28, 28, 1)
    x = net.conv(0, "conv2d", 64, 7)
    x = net.pool(x, "max_pooling2d", 2, 2)
    x = net.conv(x, "conv2d_1", 128, 3)
    x = net.conv(x, "conv2d_2", 128, 3)
    x = net.pool(x, "max_pooling2d_1", 2, 2)
    x = net.conv(x, "conv2d_3", 256, 3)
    x = net.conv(x, "conv2d_4", 256, 3)
    x = net.pool(x, "max_pooling2d_2", 2, 2)
    x = net.flatten(x, "flatten")
    x = net.dropout(net.dense(x, "dense", 128), "dropout", 0.5)
    x = net.dropout(net.dense(x, "dense_1", 64), "dropout_1", 0.5)
    net.dense(x, "dense_2", 10, relu=False)
    return net


def resnet34():
    net = Network("resnet34", 224, 224, 3)
    layers = 0

    def conv_norm(x, filters, kernel, stride, relu):
        nonlocal layers
        number = f"_{layers}" if layers else ""
        layers += 1
        x = net.conv(x, "conv2d" + number, filters, kernel, stride, bias=False, relu=False)
        return net.norm(x, "batch_normalization" + number, relu)

    x = conv_norm(0, 64, 7, 2, True)
    x = net.pool(x, "max_pooling2d", 3, 2, padded=True)
    before = 64
    for unit, filters in enumerate([64] * 3 + [128] * 4 + [256] * 6 + [512] * 3):
        stride = 1 if filters == before else 2
        z = conv_norm(x, filters, 3, stride, True)
        z = conv_norm(z, filters, 3, 1, False)
        skip = x if stride == 1 else conv_norm(x, filters, 1, stride, False)
        x = net.add(z, skip, f"add_{unit}")
        before = filters
    x = net.mean(x, "global_average_pooling2d")
    net.dense(x, "dense", 10, relu=False)
    return net


def vgg16():
    net = Network("vgg16", 224, 224, 3)
    x = 0
    for block, (filters, convs) in enumerate([(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)], 1):
        for i in range(1, convs + 1):
            x = net.conv(x, f"block{block}_conv{i}", filters, 3)
        x = net.pool(x, f"block{block}_pool", 2, 2)
    x = net.flatten(x, "flatten")
    x = net.dropout(net.dense(x, "fc1", 4096), "dropout", 0.5)
    x = net.dropout(net.dense(x, "fc2", 4096), "dropout_1", 0.5)
    net.dense(x, "predictions", 1000, relu=False)
    return net


NETWORKS = {"lecture_cnn": lecture_cnn, "resnet34": resnet34, "vgg16": vgg16}


def single(layer):
    """A network of one convolution: a layer of ../../shapes."""
    net = Network(layer.name, layer.h, layer.w, layer.c)
    net.append(Node("conv", "conv2d", (0,), (*layer.out(), layer.k), layer.r, layer.stride, layer.pad, bias=False))
    return net


def plain(net):
    """The network without dropout, as it predicts."""
    return rewrite(net, lambda nodes, node: node.inputs[0] if node.op == "dropout" else None)


def fold(net, weights, epsilon=1e-3):
    """The network and its weights without normalisations: each becomes part of the
    convolution before it, as it does when a framework prepares a network for inference."""
    weights = dict(weights)

    def drop(nodes, node):
        if node.op != "norm":
            return None
        at = node.inputs[0]
        scale = weights[node.name + "/gamma"] / (weights[node.name + "/moving_variance"] + epsilon) ** 0.5
        kernel = nodes[at].name + "/kernel"
        weights[kernel] = weights[kernel] * scale
        weights[nodes[at].name + "/bias"] = weights[node.name + "/beta"] - weights[node.name + "/moving_mean"] * scale
        nodes[at] = replace(nodes[at], bias=True, relu=node.relu)
        return at

    return rewrite(plain(net), drop), weights


def rewrite(net, drop):
    """A copy without the nodes for which drop returns an index instead of None."""
    new, at = Network(net.name, *net.shape(0)), [0]
    for node in net.nodes[1:]:
        node = replace(node, inputs=tuple(at[i] for i in node.inputs))
        instead = drop(new.nodes, node)
        at.append(new.append(node) if instead is None else instead)
    return new


def rows(net, node):
    """The map that a dense node's input was before a flatten, or None. In a
    channels-first framework the rows of its kernel come in another order."""
    x = net.nodes[node.inputs[0]]
    return net.shape(x.inputs[0]) if x.op == "flatten" else None


def channels_first(kernel, shape):
    """A dense kernel for a map that was flattened as C, H, W."""
    if shape is None:
        return kernel
    return kernel.reshape(*shape, -1).transpose(2, 0, 1, 3).reshape(kernel.shape)


def read_header(f):
    """The header of a safetensors file, and where its data begins."""
    head = f.read(8)
    if len(head) != 8:
        raise ValueError("no safetensors file: shorter than 8 bytes")
    size = struct.unpack("<Q", head)[0]
    if size > 1 << 24:
        raise ValueError(f"no safetensors file: a header of {size} bytes")
    header = json.loads(f.read(size))
    header.pop("__metadata__", None)
    return header, 8 + size


def load(folder, name):
    """All tensors of a network's file, as read-only arrays."""
    import numpy as np

    path = os.path.join(folder, name + ".safetensors")
    with open(path, "rb") as f:
        header, start = read_header(f)
    data = np.memmap(path, dtype=np.uint8, mode="r", offset=start)
    tensors = {}
    for key, t in header.items():
        if t["dtype"] != "F32":
            raise ValueError(f"{path}: {key} is of type {t['dtype']}, want F32")
        begin, end = t["data_offsets"]
        tensors[key] = data[begin:end].view("<f4").reshape(t["shape"])
    return tensors
