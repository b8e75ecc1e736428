"""Writes what Keras's schedules and callbacks do, for the Go tests to compare with.

    python training.py [DIRECTORY]

The directory is by default that of this file; ../../models/testdata/keras/README.md
says how to install what it needs. Keras computes the rates of schedules in float32.
"""

import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["KERAS_BACKEND"] = "tensorflow"

import keras

schedules = keras.optimizers.schedules

STEPS = [0, 1, 2, 3, 4, 5, 9, 10, 11, 15, 19, 20, 21, 30, 100]
SCHEDULES = [
    (schedules.PiecewiseConstantDecay, dict(boundaries=[2, 10], values=[1.0, 0.5, 0.1])),
    (schedules.ExponentialDecay, dict(initial_learning_rate=0.1, decay_steps=10, decay_rate=0.96)),
    (schedules.ExponentialDecay, dict(initial_learning_rate=0.1, decay_steps=10, decay_rate=0.5, staircase=True)),
    (schedules.CosineDecay, dict(initial_learning_rate=0.1, decay_steps=20)),
    (schedules.CosineDecay, dict(initial_learning_rate=0.1, decay_steps=20, alpha=0.25)),
    (schedules.CosineDecay, dict(initial_learning_rate=0.01, decay_steps=15, warmup_target=0.1, warmup_steps=5)),
    (schedules.CosineDecay, dict(initial_learning_rate=0.0, decay_steps=15, alpha=0.1, warmup_target=0.2, warmup_steps=10)),
]

FALLING = [1.0, 0.9, 0.8, 0.7, 0.6, 0.5]
NOISY = [1.0, 0.8, 0.81, 0.79995, 0.83, 0.7, 0.75, 0.74, 0.73, 0.6, 0.61, 0.62, 0.63, 0.64, 0.65, 0.66]
STOPPING = [
    (dict(monitor="val_loss"), FALLING),
    (dict(monitor="val_loss"), NOISY),
    (dict(monitor="val_loss"), [1.0, 1.0, 0.5]),
    (dict(monitor="val_loss", patience=2), NOISY),
    (dict(monitor="val_loss", patience=3), NOISY),
    (dict(monitor="val_loss", patience=2, min_delta=0.15), NOISY),
    (dict(monitor="val_accuracy", patience=2), NOISY),
    (dict(monitor="val_accuracy", patience=1), [0.1, 0.2, 0.3, 0.25, 0.4]),
]
PLATEAUS = [
    (dict(monitor="val_loss", patience=2), NOISY),
    (dict(monitor="val_loss", patience=2, factor=0.5, cooldown=2), NOISY),
    (dict(monitor="val_loss", patience=1, factor=0.5, min_lr=0.2), NOISY),
    (dict(monitor="val_loss"), [1.0] * 25),
    (dict(monitor="val_accuracy", patience=3, factor=0.25, min_delta=0.05), NOISY),
]


class Model:
    """As much of a model as the callbacks touch: its weights are the epoch."""

    def __init__(self):
        self.optimizer = keras.optimizers.SGD(1.0)
        self.stop_training = False
        self.weights_now = None

    def get_weights(self):
        return self.weights_now

    def set_weights(self, w):
        self.weights_now = w


def mode(settings):
    return "max" if "accuracy" in settings["monitor"] else "min"


def main():
    keras.config.set_floatx("float64")
    out = {"keras": keras.__version__, "steps": STEPS, "schedules": [], "stopping": [], "plateaus": []}
    for cls, settings in SCHEDULES:
        s = cls(**settings)
        out["schedules"].append({"class": cls.__name__, **settings, "rates": [float(s(float(i))) for i in STEPS]})
    for settings, values in STOPPING:
        c, m = keras.callbacks.EarlyStopping(restore_best_weights=True, mode=mode(settings), **settings), Model()
        c.set_model(m)
        c.on_train_begin()
        for epoch, v in enumerate(values):
            m.weights_now = epoch + 1
            c.on_epoch_end(epoch, {settings["monitor"]: v})
            if m.stop_training:
                break
        c.on_train_end()
        out["stopping"].append({**settings, "values": values, "epochs": epoch + 1, "restored": m.weights_now})
    for settings, values in PLATEAUS:
        c, m, rates = keras.callbacks.ReduceLROnPlateau(mode=mode(settings), **settings), Model(), []
        c.set_model(m)
        c.on_train_begin()
        for epoch, v in enumerate(values):
            c.on_epoch_end(epoch, {settings["monitor"]: v})
            rates.append(float(keras.ops.convert_to_numpy(m.optimizer.learning_rate)))
        out["plateaus"].append({**settings, "values": values, "rates": rates})
    directory = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(directory, "training.json"), "w", encoding="utf-8") as f:
        json.dump(out, f, indent=1)
        f.write("\n")


main()
