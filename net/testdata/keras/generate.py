"""Writes the weights of a small model in each form that Keras has, for the tests.

    pip install tensorflow-cpu==2.21.0 keras==3.15.1 h5py==3.14.0
    python generate.py 3
    pip install tensorflow-cpu==2.15.1        (with Keras 2.15.0 and h5py 3.16.0)
    python generate.py 2

Python 3.11.7. Value i of a parameter, in row-major order, is
(fnv1a(NAME) mod 1000 + i) / 8, with the 64-bit FNV-1a hash of its name.
"""

import gzip
import os
import sys
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import h5py
import keras
import numpy as np

version = keras.__version__.split(".")[0]
assert sys.argv[1:] == [version], keras.__version__


def fnv1a(text):
    h = 0xCBF29CE484222325
    for b in text.encode():
        h = (h ^ b) * 0x100000001B3 & (2**64 - 1)
    return h


# The order of model.layers is neither that of creation nor that of the names:
# conv2d_1 and conv2d, and c1 is the third Conv2D by name but the first there.
x = keras.layers.Input((6, 6, 2))
c = keras.layers.Conv2D(3, 3, name="c1")(x)
a = keras.layers.Conv2D(3, 3, padding="same")(c)
b = keras.layers.Conv2D(3, 3, padding="same")(c)
b = keras.layers.BatchNormalization(name="bn1")(b)
y = keras.layers.Add()([a, b])
y = keras.layers.Flatten()(y)
y = keras.layers.Dropout(0.5)(y)
y = keras.layers.Dense(4, name="d")(y)
model = keras.Model(x, y)
model.compile(optimizer="adam", loss="mse")
model.fit(np.ones((2, 6, 6, 2)), np.ones((2, 4)), verbose=0)  # gives the optimizer weights
for layer in model.layers:
    for w in layer.weights:
        name = layer.name + "/" + w.name.split("/")[-1].split(":")[0]
        n = int(np.prod(w.shape))
        w.assign(((fnv1a(name) % 1000 + np.arange(n)) / 8).reshape(w.shape).astype("float32"))


def write(name, save):
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "m." + name)
        save(path)
        with open(path, "rb") as f:
            data = f.read()
    with open(f"keras{version}.{name}.gz", "wb") as out:
        with gzip.GzipFile("", "wb", 9, out, mtime=0) as z:
            z.write(data)
    print(name, len(data))


def seeded(path):
    """As a Dropout with a state of its own random numbers is saved."""
    model.save_weights(path)
    with h5py.File(path, "a") as f:
        f["layers/dropout/seed_generator/vars/0"] = np.arange(2, dtype="uint32")


write("weights.h5", seeded)
write("model.h5", model.save)
if version == "2":
    write("only.h5", model.save_weights)
