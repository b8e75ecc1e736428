"""Writes what Keras computes of the lecture's networks, for the Go tests to compare with.

    python golden.py [DIRECTORY [MODEL...]]

The directory is by default that of this file, the models are all.

Every weight, input and label comes from one closed formula, so that no weights
are stored and Go needs nothing of Keras. README.md beside this file describes
the formula and the files.
"""

import gzip
import json
import os
import platform
import sys
from functools import partial

os.environ["COLUMNS"] = "120"  # the terminal that Keras fits summaries to
os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"  # Eigen's kernels: one order of summation
os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy as np
import tensorflow as tf

SEED = 1
STEPS = 10
GRADIENT_SAMPLES = 32
WEIGHT_SAMPLES = 8

FORMULA = [
    "hash(name, i): the i-th output, from 0, of splitmix64 whose state is seed + the 64-bit FNV-1a hash of name.",
    "k = hash >> 40, a whole number in [0, 2^24).  u = (k - 2^23) / 2^23, in [-1, 1), exact in float32.",
    "name is MODEL/PARAMETER, e.g. lecture_cnn/conv2d/kernel; i is the index in the parameter, in row-major order.",
    "kernel: float32(u * s), s = float32(sqrt(6 / fan_in)), fan_in = the product of all sizes but the last.",
    "gamma: 1 + u/8 rounded to float32.  bias, beta: u/8.  moving_mean: 0.  moving_variance: 1.",
    "input (name MODEL/input): k / 2^24.  labels (name MODEL/labels): k mod 10.",
    "sample j of a tensor of n values: index hash(MODEL/PARAMETER/sample, j) mod n; the same for gradients and weights.",
    "projection of a tensor: the sum over i of u(MODEL/PARAMETER/projection, i) times value i.",
]


# The formula.

MASK = (1 << 64) - 1
GAMMA = 0x9E3779B97F4A7C15


def fnv1a(text):
    h = 0xCBF29CE484222325
    for b in text.encode():
        h = (h ^ b) * 0x100000001B3 & MASK
    return h


def hashes(name, n):
    state = np.uint64((fnv1a(name) + SEED) & MASK)
    z = state + np.arange(1, n + 1, dtype=np.uint64) * np.uint64(GAMMA)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def whole(name, n):
    return (hashes(name, n) >> np.uint64(40)).astype(np.int64)


def uniform(name, n):
    u = (whole(name, n) - 2**23) / 2**23
    assert np.all(u == u.astype(np.float32))
    return u.astype(np.float32)


def initial(name, shape):
    n, role = int(np.prod(shape)), name.rsplit("/", 1)[1]
    if role == "kernel":
        scale = np.float32(np.sqrt(6 / int(np.prod(shape[:-1]))))
        w = uniform(name, n) * scale
    elif role == "gamma":
        w = np.float32(1) + uniform(name, n) / np.float32(8)
    elif role in ("bias", "beta"):
        w = uniform(name, n) / np.float32(8)
    else:
        w = np.full(n, {"moving_mean": 0, "moving_variance": 1}[role], np.float32)
    assert w.dtype == np.float32
    return w.reshape(shape)


def inputs(model, shape):
    n = int(np.prod(shape))
    return (whole(model + "/input", n) / 2**24).astype(np.float32).reshape(shape)


def labels(model, n):
    return (whole(model + "/labels", n) % 10).astype(np.int32)


# The lecture's networks, as listed, but for the dropout rate and the sizes given.


def mnist_dense():
    return keras.models.Sequential([
        keras.layers.Flatten(input_shape=[28, 28]),
        keras.layers.Dense(300, activation="relu"),
        keras.layers.Dense(100, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ])


def lecture_cnn(rate=0.0):
    DefaultConv2D = partial(keras.layers.Conv2D, kernel_size=3, activation="relu", padding="SAME")
    return keras.models.Sequential([
        DefaultConv2D(filters=64, kernel_size=7, input_shape=[28, 28, 1]),
        keras.layers.MaxPooling2D(pool_size=2),
        DefaultConv2D(filters=128),
        DefaultConv2D(filters=128),
        keras.layers.MaxPooling2D(pool_size=2),
        DefaultConv2D(filters=256),
        DefaultConv2D(filters=256),
        keras.layers.MaxPooling2D(pool_size=2),
        keras.layers.Flatten(),
        keras.layers.Dense(units=128, activation="relu"),
        keras.layers.Dropout(rate),
        keras.layers.Dense(units=64, activation="relu"),
        keras.layers.Dropout(rate),
        keras.layers.Dense(units=10, activation="softmax"),
    ])


ResNetConv2D = partial(keras.layers.Conv2D, kernel_size=3, strides=1, padding="SAME", use_bias=False)


class ResidualUnit(keras.layers.Layer):
    def __init__(self, filters, strides=1, activation="relu", **kwargs):
        super().__init__(**kwargs)
        self.activation = keras.activations.get(activation)
        self.main_layers = [
            ResNetConv2D(filters, strides=strides),
            keras.layers.BatchNormalization(),
            self.activation,
            ResNetConv2D(filters),
            keras.layers.BatchNormalization()]
        self.skip_layers = []
        if strides > 1:
            self.skip_layers = [
                ResNetConv2D(filters, kernel_size=1, strides=strides),
                keras.layers.BatchNormalization()]

    def call(self, inputs):
        Z = inputs
        for layer in self.main_layers:
            Z = layer(Z)
        skip_Z = inputs
        for layer in self.skip_layers:
            skip_Z = layer(skip_Z)
        return self.activation(Z + skip_Z)


def resnet34(size=64):
    model = keras.models.Sequential()
    model.add(ResNetConv2D(64, kernel_size=7, strides=2, input_shape=[size, size, 3]))
    model.add(keras.layers.BatchNormalization())
    model.add(keras.layers.Activation("relu"))
    model.add(keras.layers.MaxPool2D(pool_size=3, strides=2, padding="same"))  # Keras 3 refuses "SAME" here
    prev_filters = 64
    for filters in [64] * 3 + [128] * 4 + [256] * 6 + [512] * 3:
        strides = 1 if filters == prev_filters else 2
        model.add(ResidualUnit(filters, strides=strides))
        prev_filters = filters
    model.add(keras.layers.GlobalAvgPool2D())
    model.add(keras.layers.Flatten())
    model.add(keras.layers.Dense(10, activation="softmax"))
    return model


class LocalResponseNormalization(keras.layers.Layer):
    """tf.nn.local_response_normalization, which has no float64."""

    def __init__(self, depth_radius, bias, alpha, beta, **kwargs):
        super().__init__(**kwargs)
        self.depth_radius, self.bias, self.alpha, self.beta = depth_radius, bias, alpha, beta

    def call(self, inputs):
        r, c = self.depth_radius, inputs.shape[-1]
        squares = keras.ops.pad(inputs * inputs, [[0, 0]] * 3 + [[r, r]])
        total = sum(squares[..., i:i + c] for i in range(2 * r + 1))
        return inputs / (self.bias + self.alpha * total) ** self.beta


class Conv2D(keras.layers.Conv2D):
    """With groups, convolves each by itself: TensorFlow on a CPU has no gradient of the grouped one."""

    def convolution_op(self, inputs, kernel):
        parts = zip(keras.ops.split(inputs, self.groups, -1), keras.ops.split(kernel, self.groups, -1))
        return keras.ops.concatenate([self.one(x, w) for x, w in parts], -1)

    def one(self, x, w):
        return keras.ops.conv(x, w, strides=list(self.strides), padding=self.padding, dilation_rate=self.dilation_rate,
                              data_format=self.data_format)


def alexnet(size=67, classes=10, rate=0.0):
    LRN = partial(LocalResponseNormalization, depth_radius=2, bias=2, alpha=1e-4, beta=0.75)
    return keras.models.Sequential([
        keras.layers.Input([size, size, 3]),
        keras.layers.Conv2D(96, 11, strides=4, activation="relu"),
        LRN(),
        keras.layers.MaxPool2D(3, strides=2),
        Conv2D(256, 5, padding="same", groups=2, activation="relu"),
        LRN(),
        keras.layers.MaxPool2D(3, strides=2),
        keras.layers.Conv2D(384, 3, padding="same", activation="relu"),
        Conv2D(384, 3, padding="same", groups=2, activation="relu"),
        Conv2D(256, 3, padding="same", groups=2, activation="relu"),
        keras.layers.MaxPool2D(3, strides=2),
        keras.layers.Flatten(),
        keras.layers.Dense(4096, activation="relu"),
        keras.layers.Dropout(rate),
        keras.layers.Dense(4096, activation="relu"),
        keras.layers.Dropout(rate),
        keras.layers.Dense(classes, activation="softmax"),
    ])


InceptionConv2D = partial(keras.layers.Conv2D, padding="same", activation="relu")


def chain(x, *layers):
    for layer in layers:
        x = layer(x)
    return x


def inception(x, conv1, reduce3, conv3, reduce5, conv5, pool):
    return keras.layers.Concatenate()([
        chain(x, InceptionConv2D(conv1, 1)),
        chain(x, InceptionConv2D(reduce3, 1), InceptionConv2D(conv3, 3)),
        chain(x, InceptionConv2D(reduce5, 1), InceptionConv2D(conv5, 5)),
        chain(x, keras.layers.MaxPool2D(3, strides=1, padding="same"), InceptionConv2D(pool, 1)),
    ])


def googlenet(size=80, classes=10, auxiliary=True):
    LRN = partial(LocalResponseNormalization, depth_radius=2, bias=1, alpha=1e-4 / 5, beta=0.75)
    Pool = partial(keras.layers.MaxPool2D, 3, strides=2, padding="same")

    def aux(x):
        return chain(
            x,
            keras.layers.AveragePooling2D(5, strides=3),
            InceptionConv2D(128, 1),
            keras.layers.Flatten(),
            keras.layers.Dense(1024, activation="relu"),
            keras.layers.Dense(classes, activation="softmax"),
        )

    inputs = keras.layers.Input([size, size, 3])
    x = chain(inputs, InceptionConv2D(64, 7, strides=2), Pool(), LRN())
    x = chain(x, InceptionConv2D(64, 1), InceptionConv2D(192, 3), LRN(), Pool())
    x = inception(x, 64, 96, 128, 16, 32, 32)
    x = inception(x, 128, 128, 192, 32, 96, 64)
    x = inception(Pool()(x), 192, 96, 208, 16, 48, 64)
    aux1 = aux(x)
    x = inception(x, 160, 112, 224, 24, 64, 64)
    x = inception(x, 128, 128, 256, 24, 64, 64)
    x = inception(x, 112, 144, 288, 32, 64, 64)
    aux2 = aux(x)
    x = inception(x, 256, 160, 320, 32, 128, 128)
    x = inception(Pool()(x), 256, 160, 320, 32, 128, 128)
    x = inception(x, 384, 192, 384, 48, 128, 128)
    y = chain(x, keras.layers.GlobalAvgPool2D(), keras.layers.Dense(classes, activation="softmax"))
    return keras.Model(inputs, [y, aux1, aux2] if auxiliary else y)


def vgg(convs, size=32, classes=10, rate=0.0):
    model = keras.models.Sequential([keras.layers.Input([size, size, 3])])
    for block, (filters, n) in enumerate(zip((64, 128, 256, 512, 512), convs), 1):
        for i in range(1, n + 1):
            model.add(keras.layers.Conv2D(filters, 3, activation="relu", padding="same",
                                          name=f"block{block}_conv{i}"))
        model.add(keras.layers.MaxPooling2D(2, strides=2, name=f"block{block}_pool"))
    model.add(keras.layers.Flatten(name="flatten"))
    for name in "fc1", "fc2":
        model.add(keras.layers.Dense(4096, activation="relu", name=name))
        model.add(keras.layers.Dropout(rate))
    model.add(keras.layers.Dense(classes, activation="softmax", name="predictions"))
    return model


vgg16 = partial(vgg, (2, 2, 3, 3, 3))
vgg19 = partial(vgg, (2, 2, 4, 4, 4))


# Models and optimisers to run. What an optimiser does not name is Keras's
# default, but for AdamW's weight decay: with 0.004 it would hardly differ from Adam.

SGD = keras.optimizers.SGD
OPTIMIZERS = {
    "sgd": (SGD, {}),
    "momentum": (SGD, {"momentum": 0.9}),
    "nesterov": (SGD, {"momentum": 0.9, "nesterov": True}),
    "adam": (keras.optimizers.Adam, {}),
    "adamw": (keras.optimizers.AdamW, {"weight_decay": 0.5}),
    "rmsprop": (keras.optimizers.RMSprop, {}),
}

# Learning rates are small enough that ten steps in float32 stay beside those in
# float64: beyond, a ReLU or a maximum that falls the other way grows from step to step.
RATES = {
    "sgd": 3e-4,
    "momentum": 1e-4,
    "nesterov": 1e-4,
    "adam": 1e-5,
    "adamw": 1e-5,
    "rmsprop": 3e-6,
}
RESNET_RATES = {"sgd": 2e-5, "nesterov": 1e-5, "adam": 2e-6, "rmsprop": 5e-7}
MODELS = {
    "mnist_dense": (mnist_dense, 4, RATES),
    "lecture_cnn": (lecture_cnn, 4, RATES),
    "resnet34": (resnet34, 2, RESNET_RATES),
    "alexnet": (alexnet, 2, {}),
    "googlenet": (googlenet, 2, {}),
    "vgg16": (vgg16, 2, {}),
    "vgg19": (vgg19, 2, {}),
}
LOSS_WEIGHTS = {"googlenet": [1, 0.3, 0.3]}


def optimizer_options(model, optimizer):
    return {"learning_rate": MODELS[model][2][optimizer], **OPTIMIZERS[optimizer][1]}


def fresh(build):
    """A new model, its layers numbered from the start."""
    keras.utils.clear_session()
    return build()


class Run:
    """One network in one precision, its weights those of the formula."""

    def __init__(self, name, floatx):
        keras.config.set_floatx(floatx)
        build, batch, _ = MODELS[name]
        self.name, self.model = name, fresh(build)
        self.params = {"/".join(w.path.split("/")[-2:]): w for w in self.ordered()}
        assert len(self.params) == len(self.model.weights)
        assert all(w.dtype == floatx for w in self.params.values())
        self.x = inputs(name, (batch,) + self.model.input_shape[1:]).astype(floatx)
        self.labels = labels(name, batch)
        self.loss = keras.losses.SparseCategoricalCrossentropy()
        self.start = {p: initial(f"{name}/{p}", w.shape) for p, w in self.params.items()}

    def ordered(self):
        """The weights, by layer in order of creation, within a layer as it lists them."""
        weights = []
        for layer in self.model.layers:
            for inner in getattr(layer, "main_layers", [layer]) + getattr(layer, "skip_layers", []):
                weights += getattr(inner, "weights", [])
        return weights

    def reset(self):
        for p, w in self.params.items():
            w.assign(self.start[p])

    def gradients(self):
        """Loss and gradients in training mode, which moves the moving averages."""
        with tf.GradientTape() as tape:
            y = self.model(self.x, training=True)
            if self.name in LOSS_WEIGHTS:
                loss = sum(w * self.loss(self.labels, p) for w, p in zip(LOSS_WEIGHTS[self.name], y))
            else:
                loss = self.loss(self.labels, y)
        trainable = {p: w for p, w in self.params.items() if w.trainable}
        grads = tape.gradient(loss, [w.value for w in trainable.values()])
        return float(loss), dict(zip(trainable, grads))

    def logits(self, training):
        """What goes into the softmax of the last layer."""
        if self.name in LOSS_WEIGHTS:
            # The outputs side by side.
            last = [t._keras_history.operation for t in self.model.outputs]
            features = keras.Model(self.model.inputs, [d.input for d in last])(self.x, training=training)
            return keras.ops.concatenate([keras.ops.matmul(x, d.kernel) + d.bias for x, d in zip(features, last)], 1)
        y = self.x
        for layer in self.model.layers[:-1]:
            y = layer(y, training=training)
        last = self.model.layers[-1]
        return keras.ops.add(keras.ops.matmul(y, last.kernel), last.bias)

    def digest(self, p, value, count):
        """A digest of a gradient or of a weight's change, in the precision of the run."""
        v = np.asarray(value).reshape(-1)
        d = v.astype(np.float64)
        u = projector(f"{self.name}/{p}/projection", v.size)
        return {
            "norm": float(np.sqrt(np.sum(d * d))),
            "mean": float(np.mean(d)),
            "projection": float(np.sum(u * d)),
            "samples": self.sample(p, v, count),
        }

    def sample(self, p, value, count):
        v = np.asarray(value).reshape(-1)
        at = hashes(f"{self.name}/{p}/sample", count) % np.uint64(v.size)
        return [shortest(x) for x in v[at.astype(np.int64)]]

    def state(self):
        """A digest of every weight: its norm and samples, and how it moved from its start."""
        out = {}
        for p, w in self.params.items():
            now = np.asarray(w.value)
            moved = self.digest(p, now.astype(np.float64) - self.start[p], 0)
            out[p] = {
                "norm": float(np.sqrt(np.sum(now.astype(np.float64) ** 2))),
                "moved": moved["norm"],
                "moved_mean": moved["mean"],
                "moved_projection": moved["projection"],
                "samples": self.sample(p, now, WEIGHT_SAMPLES),
            }
        return out

    def first_step(self):
        self.reset()
        out = {"inference_logits": rows(self.logits(training=False))}
        out["logits"] = rows(self.logits(training=True))
        self.reset()
        out["loss"], grads = self.gradients()
        out["gradients"] = {p: self.digest(p, g, GRADIENT_SAMPLES) for p, g in grads.items()}
        moving = {p: w for p, w in self.params.items() if not w.trainable}
        out["moving"] = {p: self.digest(p, w.value, GRADIENT_SAMPLES) for p, w in moving.items()}
        if moving:
            out["inference_logits_after"] = rows(self.logits(training=False))
        return out

    def train(self, optimizer):
        self.reset()
        opt = OPTIMIZERS[optimizer][0](**optimizer_options(self.name, optimizer))
        variables = [w for w in self.params.values() if w.trainable]
        out = {"losses": []}
        for step in range(1, STEPS + 1):
            loss, grads = self.gradients()
            out["losses"].append(loss)
            opt.apply(list(grads.values()), variables)
            if step in (1, STEPS):
                out[f"step{step}"] = self.state()
        return out


projectors = {}


def projector(name, n):
    if name not in projectors:
        projectors[name] = uniform(name, n)
    return projectors[name].astype(np.float64)


def shortest(x):
    """The shortest decimal that gives x back in x's own precision."""
    return float(str(x))


def rows(y):
    return [[shortest(v) for v in row] for row in np.asarray(y)]


def golden(name):
    out = {
        "model": name,
        "versions": {
            "python": platform.python_version(),
            "tensorflow": tf.__version__,
            "keras": keras.__version__,
            "numpy": np.__version__,
        },
        "seed": SEED,
        "formula": FORMULA,
    }
    if name in LOSS_WEIGHTS:
        out["loss_weights"] = LOSS_WEIGHTS[name]
    for floatx in ("float32", "float64"):
        run = Run(name, floatx)
        if floatx == "float32":
            out["input"] = list(run.x.shape)
            out["input_head"] = [shortest(v) for v in inputs(name, run.x.shape).reshape(-1)[:3]]
            out["input_hash"] = [f"{int(h):016x}" for h in hashes(name + "/input", 3)]
            out["labels"] = run.labels.tolist()
            out["params"] = [
                {
                    "name": p,
                    "shape": list(w.shape),
                    "trainable": bool(w.trainable),
                    "head": [shortest(v) for v in run.start[p].reshape(-1)[:3]],
                }
                for p, w in run.params.items()
            ]
        out[floatx] = run.first_step()
        out[floatx]["training"] = {}
        for optimizer in MODELS[name][2]:
            out[floatx]["training"][optimizer] = run.train(optimizer)
            print(name, floatx, optimizer, *out[floatx]["training"][optimizer]["losses"], flush=True)
    out["optimizers"] = {
        o: {"class": OPTIMIZERS[o][0].__name__, **optimizer_options(name, o)} for o in MODELS[name][2]
    }
    return out


def counts():
    """How many weights the papers' networks have, and VGG in keras.applications."""
    return {
        "alexnet": alexnet(227, 1000).count_params(),
        "googlenet": googlenet(224, 1000).count_params(),
        "googlenet without auxiliary outputs": googlenet(224, 1000, False).count_params(),
        "vgg16": keras.applications.VGG16(weights=None).count_params(),
        "vgg19": keras.applications.VGG19(weights=None).count_params(),
    }


def write(path, data):
    text = json.dumps(data, separators=(",", ":")) + "\n"
    with open(path, "wb") as f, gzip.GzipFile("", "wb", 9, f, mtime=0) as z:
        z.write(text.encode())


def summaries(directory):
    keras.config.set_floatx("float32")
    for name, build in {
        "mnist_dense": mnist_dense,
        "lecture_cnn": partial(lecture_cnn, 0.5),
        "resnet34": partial(resnet34, 224),
        "resnet34_64": resnet34,
        "alexnet": partial(alexnet, 227, 1000, 0.5),
        "vgg16": partial(vgg16, 224, 1000, 0.5),
        "vgg19": partial(vgg19, 224, 1000, 0.5),
    }.items():
        lines = []
        fresh(build).summary(print_fn=lambda s, **_: lines.append(s))
        text = "\n".join(line.rstrip() for line in "\n".join(lines).splitlines())
        with open(os.path.join(directory, f"{name}.summary.txt"), "w", encoding="utf-8") as f:
            f.write(text.strip("\n") + "\n")


def main():
    directory = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()
    keras.utils.set_random_seed(SEED)
    summaries(directory)
    with open(os.path.join(directory, "counts.json"), "w", encoding="utf-8") as f:
        json.dump(counts(), f, indent=1)
        f.write("\n")
    for name in sys.argv[2:] or MODELS:
        write(os.path.join(directory, f"{name}.json.gz"), golden(name))


main()
