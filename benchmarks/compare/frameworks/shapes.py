"""The layers of ../../shapes/*.txt, and what a convolution gives.

The columns of a file are described in ../../shapes/doc.go.
"""

import math
import os
import re
from typing import NamedTuple

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "shapes")
COLUMNS = "name c h w k r s stride pad times".split()


# Of any number in a file, and of an operand, as in ../../shapes.
MAX_SIZE, MAX_ELEMENTS = 1 << 24, 1 << 40


class Layer(NamedTuple):
    name: str
    c: int
    h: int
    w: int
    k: int
    r: int
    s: int
    stride: int
    pad: tuple  # top, bottom, left, right
    times: int

    def out(self):
        """OH, OW = (L + pads - F) / stride + 1."""
        top, bottom, left, right = self.pad
        return (self.h + top + bottom - self.r) // self.stride + 1, (self.w + left + right - self.s) // self.stride + 1

    def flop(self, n):
        """2 * N * OH * OW * K * C * R * S, whatever an algorithm saves."""
        oh, ow = self.out()
        return 2 * n * oh * ow * self.k * self.c * self.r * self.s


def same(length, taps, stride):
    """Keras's "same": the odd pixel comes after."""
    total = max((-(-length // stride) - 1) * stride + taps - length, 0)
    return total // 2, total - total // 2


def read(file, lines):
    """Returns the layers of a file's lines. A ValueError names file, line and value."""
    layers, seen = [], {}
    for number, line in enumerate(lines, 1):
        fields = line.split("#")[0].split()
        if not fields:
            continue
        where = f"{file}:{number}"
        if len(fields) != len(COLUMNS):
            raise ValueError(f"{where}: {len(fields)} columns, want {len(COLUMNS)}: {' '.join(COLUMNS)}")
        row = dict(zip(COLUMNS, fields))
        for column in COLUMNS:
            if column in ("name", "pad"):
                continue
            if not re.fullmatch("[0-9]{1,9}", row[column]) or not 1 <= int(row[column]) <= MAX_SIZE:
                raise ValueError(f'{where}: {column} is "{row[column]}", want an integer from 1 to {MAX_SIZE}')
            row[column] = int(row[column])
        if not re.fullmatch("[a-z0-9_]+", row["name"]):
            raise ValueError(f'{where}: name is "{row["name"]}", want lower-case letters, digits and underscores')
        if row["name"] in seen:
            raise ValueError(f'{where}: name is "{row["name"]}", want a name that line {seen[row["name"]]} does not have')
        seen[row["name"]] = number
        if row["pad"] == "same":
            row["pad"] = same(row["h"], row["r"], row["stride"]) + same(row["w"], row["s"], row["stride"])
        elif row["pad"] == "valid":
            row["pad"] = (0, 0, 0, 0)
        elif re.fullmatch("[0-9]{1,7}(,[0-9]{1,7}){3}", row["pad"]):
            row["pad"] = tuple(int(p) for p in row["pad"].split(","))
        else:
            raise ValueError(f'{where}: pad is "{row["pad"]}", want same, valid or top,bottom,left,right')
        layer = Layer(**row)
        if min(layer.out()) < 1:
            raise ValueError(f"{where}: window {layer.r}x{layer.s} is larger than the padded input {layer.h}x{layer.w}")
        for operand in (layer.h, layer.w, layer.c), (layer.r, layer.s, layer.c, layer.k), (*layer.out(), layer.k):
            if math.prod(operand) > MAX_ELEMENTS:
                raise ValueError(f"{where}: {operand} has more than {MAX_ELEMENTS} elements")
        layers.append(layer)
    if not layers:
        raise ValueError(f"{file}: no rows, want at least one of {' '.join(COLUMNS)}")
    return layers


def networks():
    """The names of the networks that have a file."""
    return sorted(f[:-4] for f in os.listdir(FOLDER) if f.endswith(".txt") and f != "gemm.txt")


def load(network):
    """The layers of a network."""
    if network not in networks():
        raise ValueError(f'unknown network "{network}", want one of {", ".join(networks())}')
    with open(os.path.join(FOLDER, network + ".txt"), encoding="utf-8") as f:
        return read(network + ".txt", f)


def sample(layer, passed, x, w, dy, count=48):
    """Indices of a pass's result, and the values there by the definition, in float64.

    x is NHWC, w HWIO, dy NHWC; passed is fwd, bwddata or bwdweights. The first
    and the last value, which padding concerns, are always there.
    """
    import numpy as np

    top, bottom, left, right = layer.pad
    oh, ow = layer.out()
    st = layer.stride
    shape = {"fwd": dy, "bwddata": x, "bwdweights": w}[passed].shape
    size = int(np.prod(shape))
    flat = np.concatenate([[0, size - 1], np.random.default_rng(4).integers(0, size, count - 2)])
    index = np.unravel_index(flat, shape)
    padded = np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0))) if passed != "bwddata" else None
    values = []
    for a, b, c, d in zip(*index):
        if passed == "fwd":
            patch = padded[a, b * st:b * st + layer.r, c * st:c * st + layer.s]
            values.append(np.sum(patch.astype(np.float64) * w[..., d]))
        elif passed == "bwdweights":
            taps = padded[:, a:a + (oh - 1) * st + 1:st, b:b + (ow - 1) * st + 1:st, c]
            values.append(np.sum(taps.astype(np.float64) * dy[..., d]))
        else:
            total = 0.0
            for r in range(layer.r):
                for s in range(layer.s):
                    (p, over), (q, more) = divmod(b + top - r, st), divmod(c + left - s, st)
                    if over == more == 0 and 0 <= p < oh and 0 <= q < ow:
                        total += np.dot(dy[a, p, q].astype(np.float64), w[r, s, d])
            values.append(total)
    return index, np.array(values)
