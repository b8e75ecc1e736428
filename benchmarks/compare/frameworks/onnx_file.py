"""Writes a network as an ONNX file, which is how OpenCV reads one.

An ONNX file is a ModelProto of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
in the encoding of protocol buffers; numbers here are its field numbers. Maps
are NCHW, kernels OIHW.
"""

import networks


def varint(v):
    out = bytearray()
    while v > 127:
        out.append(v & 127 | 128)
        v >>= 7
    out.append(v)
    return bytes(out)


def field(number, value):
    """One field: an integer, or bytes, a string or a message after its length."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, str):
        value = value.encode()
    return varint(number << 3 | 2) + varint(len(value)) + value


def attribute(name, value):
    """AttributeProto of an integer or a list of integers."""
    if isinstance(value, int):
        return field(1, name) + field(3, value) + field(20, 2)
    return field(1, name) + b"".join(field(8, v) for v in value) + field(20, 7)


def node(op, name, inputs, output, **attributes):
    """NodeProto."""
    return (b"".join(field(1, i) for i in inputs) + field(2, output) + field(3, name) + field(4, op) +
            b"".join(field(5, attribute(k, v)) for k, v in attributes.items()))


def tensor(name, array):
    """TensorProto of float32."""
    import numpy as np

    data = np.ascontiguousarray(array, "<f4")
    return b"".join(field(1, d) for d in data.shape) + field(2, 1) + field(8, name) + field(9, data.tobytes())


def value(name, shape):
    """ValueInfoProto of a float32 tensor."""
    dims = b"".join(field(1, field(1, d)) for d in shape)
    return field(1, name) + field(2, field(1, field(1, 1) + field(2, dims)))


def first(shape):
    """Channels first, of one sample."""
    return (shape[-1], *shape[:-1])


def encode(net, weights, n):
    """The bytes of a network without normalisations, for n images."""
    nodes, tensors = [], []
    names = ["x"] + [f"v{i}" for i in range(1, len(net.nodes))]
    for i, layer in enumerate(net.nodes[1:], 1):
        inputs = [names[x] for x in layer.inputs]
        out = names[i] + ("_linear" if layer.relu else "")
        window = {}
        if layer.op in ("conv", "pool"):
            top, bottom, left, right = layer.pad
            window = {"kernel_shape": [layer.kernel] * 2, "strides": [layer.stride] * 2, "pads": [top, left, bottom, right]}
        if layer.op in ("conv", "dense"):
            w = weights[layer.name + "/kernel"]
            w = w.transpose(3, 2, 0, 1) if layer.op == "conv" else networks.channels_first(w, networks.rows(net, layer)).T
            tensors.append(tensor(layer.name + "/kernel", w))
            inputs.append(layer.name + "/kernel")
            if layer.bias:
                tensors.append(tensor(layer.name + "/bias", weights[layer.name + "/bias"]))
                inputs.append(layer.name + "/bias")
        if layer.op == "conv":
            nodes.append(node("Conv", layer.name, inputs, out, **window))
        elif layer.op == "pool":
            nodes.append(node("MaxPool", layer.name, inputs, out, **window))
        elif layer.op == "dense":
            nodes.append(node("Gemm", layer.name, inputs, out, transB=1))
        elif layer.op == "add":
            nodes.append(node("Add", layer.name, inputs, out))
        elif layer.op == "flatten":
            nodes.append(node("Flatten", layer.name, inputs, out, axis=1))
        elif layer.op == "mean":
            nodes.append(node("GlobalAveragePool", layer.name, inputs, out + "_map"))
            nodes.append(node("Flatten", layer.name + "_flat", [out + "_map"], out, axis=1))
        else:
            raise ValueError(f"{layer.name}: no {layer.op} in ONNX files here")
        if layer.relu:
            nodes.append(node("Relu", layer.name + "_relu", [out], names[i]))
    y = net.nodes[net.last].shape
    graph = b"".join([
        *(field(1, x) for x in nodes), field(2, net.name), *(field(5, t) for t in tensors),
        field(11, value("x", (n, *first(net.shape(0))))), field(12, value(names[-1], (n, *first(y)) if len(y) == 3 else (n, *y))),
    ])
    return field(1, 8) + field(2, "simdconv") + field(7, graph) + field(8, field(1, "") + field(2, 13))
