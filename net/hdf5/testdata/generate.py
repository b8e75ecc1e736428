"""Writes HDF5 files with h5py, and what h5py reads of them, for the tests.

    pip install h5py==3.14.0 numpy==2.4.6
    python generate.py

Written with Python 3.11.7 and HDF5 1.14.6. Nothing is random, and no times
are stored; bytes that nothing uses can differ between two runs.

    old.h5.gz      the oldest forms, which are h5py's default and so Keras's
    new.h5.gz      the newest forms: libver="latest"
    v18.h5.gz    both, from h5py 3.16.0 with HDF5 2.0.0 (python generate.py v18)
    small_*.h5.gz  a few objects of the oldest and of the newest forms, to break
    *.json.gz      the objects of the others: shape, dtype and values, attributes, broken
"""

import gzip
import io
import json
import sys

import h5py
import numpy as np

TYPES = ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]


def values(shape, dtype):
    n = int(np.prod(shape))
    i = np.arange(n, dtype=np.int64)
    v = i * 7919 % 251 - (0 if dtype[-2] == "u" else 100)
    if dtype[-2] == "f":
        v = v / 8
    return v.astype(dtype).reshape(shape)


def fill(f, many):
    """Fills a file; many is the number of links and attributes where there are many."""
    for t in TYPES:
        f[f"types/{t}"] = values((3, 5), "<" + t)
    f["types/limits"] = np.array([-(2**63), 2**63 - 1])
    f["types/special"] = np.array([0.0, -0.0, np.inf, -np.inf, 65504, 2**-24, 1.5], "<f2")
    f["shapes/scalar"] = np.float32(1.25)
    f["shapes/one"] = values((1,), "<f4")
    f["shapes/four"] = values((2, 3, 4, 5), "<f4")
    f["shapes/empty"] = np.zeros((0, 3), "<f4")
    f["shapes/large"] = values((300, 1000), "<f4")
    f.create_dataset("shapes/null", data=h5py.Empty("<f4"))

    f["refused/big_endian"] = values((3,), ">f4")
    f["refused/big_endian_int"] = values((3,), ">i4")
    f["refused/bool"] = np.array([True, False])
    f["refused/opaque"] = np.array([b"ab", b"cd"], "V2")
    f["refused/compound"] = np.zeros(2, [("a", "<f4"), ("b", "<i4")])
    f["refused/text"] = np.array([b"ab", b"c"])
    f.create_dataset("refused/unwritten", shape=(4,), dtype="<f4")
    f.create_dataset("refused/fletcher", data=values((4,), "<f4"), chunks=(2,), fletcher32=True)
    f["refused/soft"] = h5py.SoftLink("/types/f4")
    f["refused/external"] = h5py.ExternalLink("other.h5", "/x")
    f["type"] = np.dtype("<f4")
    f.create_dataset("refused/committed", data=values((2,), "<f4"), dtype=f["type"])

    compact = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    compact.set_layout(h5py.h5d.COMPACT)
    v = values((4, 3), "<f4")
    d = h5py.h5d.create(f.id, b"compact", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple(v.shape), compact)
    d.write(h5py.h5s.ALL, h5py.h5s.ALL, v)

    # A name that is a prefix of another, and groups within groups.
    f["deep/a/b/c/d/e/f"] = values((2,), "<f4")
    f["deep/a.b"] = values((2,), "<f4")
    f.create_group("void")
    f["again"] = f["types/f4"]
    f["deep/up"] = f["/"]

    g = f.create_group("many")
    for i in range(many):
        g[f"link_{i * 37 % many:04d}"] = h5py.SoftLink("/types/f4")
    g = f.create_group("ordered", track_order=True)
    for i in range(12):
        g[f"d{11 - i}"] = values((1 + i,), "<f4")

    a = f.create_group("attributes").attrs
    a["fixed"] = np.array([b"conv1_conv", b"bn", b""])
    a["fixed_scalar"] = np.bytes_("tensorflow")
    a["variable"] = [b"kernel:0", b"bias:0"]
    a["variable_scalar"] = "3.15.1"
    a["korean"] = "안녕 세계"
    a["long"] = "0123456789" * 2000
    a["none"] = []
    a["empty"] = ""
    a["number"] = np.float32(0.5)
    a["numbers"] = np.arange(3)
    if many > 100:
        for i in range(40):
            a[f"more_{i:02d}"] = "x" * i


def chunked(f):
    shapes = {
        "exact": ((4, 6), (2, 3)),
        "ragged": ((5, 7, 3), (2, 4, 2)),
        "single": ((3, 3), (3, 3)),
        "line": ((1000,), (7,)),
    }
    for name, (shape, chunks) in shapes.items():
        f.create_dataset(f"chunks/{name}", data=values(shape, "<f4"), chunks=chunks)
        f.create_dataset(f"chunks/{name}_gzip", data=values(shape, "<f4"), chunks=chunks, compression="gzip")
        f.create_dataset(f"chunks/{name}_shuffle", data=values(shape, "<f8"), chunks=chunks, compression="gzip", shuffle=True)
    f.create_dataset("refused/partly", shape=(10,), dtype="<f4", chunks=(2,))[:4] = 1
    f.create_dataset("refused/lzf", data=values((8,), "<f4"), chunks=(4,), compression="lzf")


def listing(f):
    objects = {}

    def text(v):
        return v.decode() if isinstance(v, bytes) else str(v)

    def attributes(o):
        strings = {}
        for k, v in o.attrs.items():
            if isinstance(v, h5py.Empty) or np.size(v) == 0:
                strings[k] = []
            elif isinstance(v, (str, bytes)):
                strings[k] = [text(v)]
            elif np.asarray(v).dtype.kind in "SO":
                strings[k] = [text(x) for x in v]
            else:
                strings[k] = None
        return strings

    def visit(name, o):
        x = {"attributes": attributes(o)}
        if isinstance(o, h5py.Group):
            x["group"] = True
        elif isinstance(o, h5py.Dataset):
            x["shape"] = list(o.shape or [])
            if not name.startswith("refused/"):
                x["dtype"] = o.dtype.name
                v = [] if o.shape is None else o[()].reshape(-1)
                # As text: JSON has no infinities, and integers stay exact.
                x["values"] = [str(e.item()) for e in v]
        objects[name] = x

    visit("", f)
    f.visititems(visit)
    return objects


def small(f, many):
    """What Keras writes, and of each structure one."""
    f.attrs["layer_names"] = np.array([b"conv", b"bn"])
    g = f.create_group("conv")
    g.attrs["weight_names"] = [b"conv/kernel", b"conv/bias"]
    g["conv/kernel"] = values((2, 3), "<f4")
    g["conv/bias"] = values((3,), "<f4")
    g["count"] = np.int64(7)
    for i in range(many):
        f[f"link_{i:02d}"] = h5py.SoftLink("/conv")
        g.attrs[f"more_{i:02d}"] = np.bytes_("x")
    f.create_dataset("chunks", data=values((3, 4), "<f4"), chunks=(2, 3), compression="gzip", shuffle=True)


def write(name, libver, many, fill=fill):
    buf = io.BytesIO()
    with h5py.File(buf, "w", libver=libver) as f:
        fill(f, many)
        if libver != "latest" and fill != small:
            chunked(f)
    files = [(name + ".h5.gz", buf.getvalue())]
    if fill != small:
        with h5py.File(buf, "r") as f:
            text = json.dumps(listing(f), indent=1, sort_keys=True)
        files.append((name + ".json.gz", text.encode()))
    for path, data in files:
        with open(path, "wb") as out:
            with gzip.GzipFile("", "wb", 9, out, mtime=0) as z:
                z.write(data)
        print(path, len(data))


if sys.argv[1:] == ["v18"]:
    write("v18", ("v108", "v200"), 30)
else:
    write("old", "earliest", 300)
    write("new", "latest", 3000)
    write("small_old", "earliest", 2, small)
    write("small_new", "latest", 60, small)
