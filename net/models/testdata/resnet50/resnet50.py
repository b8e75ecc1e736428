"""Writes what Keras computes with ResNet-50, 101 and 152, and ResNet-50's weights in Keras's files.

    pip install tensorflow-cpu==2.21.0 keras==3.15.1
    python resnet50.py              writes resnet50.json.gz beside this file
    python resnet50.py FOLDER       writes files of 100 MB there; also with
                                    tensorflow-cpu==2.15.1, whose Keras is 2.15.0

SIMDCONV_KERAS_FILES=FOLDER makes the Go tests load the large files.

Weights and images are by the formula of ../keras/README.md, the model's name
being resnet50, resnet101 or resnet152 and its seed 1, with one difference: a
gamma ending a block (3_bn) is 1/4 of that, or activations would double from
block to block. The images are 2 of 64x64x3, the classes 1000 of ResNet-50 and
10 of the others. Python 3.11.7, one thread, oneDNN off.
"""

import gzip
import hashlib
import json
import os
import sys

os.environ["COLUMNS"] = "120"  # the terminal that Keras fits summaries to
os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy as np
import tensorflow as tf

tf.config.threading.set_inter_op_parallelism_threads(1)
tf.config.threading.set_intra_op_parallelism_threads(1)

SEED, MASK = 1, (1 << 64) - 1
APPLICATIONS = {f"resnet{n}": getattr(keras.applications, f"ResNet{n}") for n in (50, 101, 152)}
CLASSES = {"resnet50": 1000, "resnet101": 10, "resnet152": 10}


def fnv1a(text):
    h = 0xCBF29CE484222325
    for b in text.encode():
        h = (h ^ b) * 0x100000001B3 & MASK
    return h


def whole(name, n):
    z = np.uint64((fnv1a(name) + SEED) & MASK) + np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((z ^ (z >> np.uint64(31))) >> np.uint64(40)).astype(np.int64)


def initial(name, shape):
    n, role = int(np.prod(shape)), name.rsplit("/", 1)[1]
    u = ((whole(name, n) - 2**23) / 2**23).astype(np.float32)
    if role == "kernel":
        w = u * np.float32(np.sqrt(6 / int(np.prod(shape[:-1]))))
    elif role == "gamma":
        w = np.float32(1) + u / np.float32(8)
        if "_3_bn/" in name:
            w = w / np.float32(4)
    elif role in ("bias", "beta"):
        w = u / np.float32(8)
    else:
        w = np.full(n, {"moving_mean": 0, "moving_variance": 1}[role], np.float32)
    assert w.dtype == np.float32
    return w.reshape(shape)


def parameters(model):
    """Pairs of a name and a weight."""
    return [
        (layer.name + "/" + w.name.rsplit("/", 1)[-1].split(":")[0], w)
        for layer in model.layers for w in layer.weights
    ]


def fill(model, name="resnet50"):
    for p, w in parameters(model):
        w.assign(initial(name + "/" + p, tuple(w.shape)))
    return model


def logits(name, dtype):
    keras.config.set_dtype_policy(dtype)
    build, n = APPLICATIONS[name], CLASSES[name]
    model = fill(build(weights=None, input_shape=(64, 64, 3), classes=n, classifier_activation=None), name)
    x = (whole(name + "/input", 2 * 64 * 64 * 3) / 2**24).reshape(2, 64, 64, 3).astype(dtype)
    y = np.asarray(model(x, training=False))
    keras.config.set_dtype_policy("float32")
    assert y.dtype == dtype
    # The shortest decimals that give the values back.
    return [[float(str(v)) for v in row] for row in y]


def summary(model):
    lines = []
    model.summary(print_fn=lambda s, **_: lines.append(s))
    return "\n".join(line.rstrip() for line in "\n".join(lines).splitlines()).strip("\n") + "\n"


def listing(model):
    lines = sorted("%s %s" % (name, "x".join(map(str, w.shape))) for name, w in parameters(model))
    return {
        "parameters": model.count_params(),
        "layers": len(model.layers),
        "sha256": hashlib.sha256("\n".join(lines).encode()).hexdigest(),
    }


def golden(path):
    result = {
        "versions": {"keras": keras.__version__, "tensorflow": tf.__version__, "numpy": np.__version__},
        "summary": summary(keras.applications.ResNet50(weights=None)),
        "models": {},
    }
    for name, build in APPLICATIONS.items():
        a, b = logits(name, "float32"), logits(name, "float64")
        result["models"][name] = listing(build(weights=None)) | {"float32": a, "float64": b}
        a, b = np.array(a), np.array(b)
        print(name, "in float32 is off by", np.abs(a - b).max() / np.sqrt((b**2).mean()), "of the rms", np.sqrt((b**2).mean()))
    with open(path, "wb") as out, gzip.GzipFile("", "wb", 9, out, mtime=0) as z:
        z.write(json.dumps(result, indent=1).encode())


if len(sys.argv) == 1:
    golden(os.path.join(os.path.dirname(os.path.abspath(__file__)), "resnet50.json.gz"))
else:
    model = fill(keras.applications.ResNet50(weights=None))
    version = keras.__version__.split(".")[0]
    model.save(os.path.join(sys.argv[1], f"keras{version}.model.h5"))
    model.save_weights(os.path.join(sys.argv[1], f"keras{version}.weights.h5"))
    if version == "2":
        model.save_weights(os.path.join(sys.argv[1], "keras2.only.h5"))
