"""TensorFlow and Keras: inference, training, and the three passes of a convolution."""

import os

import bench
import networks


class Peer:
    impl = "tensorflow"
    passes = bench.PASSES
    install = "python3 -m venv ~/venvs/tf && ~/venvs/tf/bin/pip install tensorflow-cpu"
    avx2 = {"ONEDNN_MAX_CPU_ISA": "AVX2"}

    def __init__(self, threads):
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
        os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
        os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
        global tf, keras
        import keras
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
        keras.utils.set_random_seed(1)
        self.version = f"TensorFlow {tf.__version__}, Keras {keras.__version__}"
        self.settings = (f"NHWC, {threads} threads, oneDNN {'on' if os.environ['TF_ENABLE_ONEDNN_OPTS'] == '1' else 'off'}, "
                         "tf.function without XLA, inference with frozen weights")

    def inference(self, net, weights, n):
        return Inference(make(networks.plain(net), weights), n)

    def training(self, net, weights, n, rate):
        return Training(make(net, weights), rate)

    def conv(self, layer, passed, n):
        return Conv(layer, passed)


def make(net, weights):
    """The network as a Keras model."""
    L = keras.layers
    values = [keras.Input(net.shape(0))]
    for node in net.nodes[1:]:
        x = values[node.inputs[0]]
        act = "relu" if node.relu else None
        if node.op == "conv":
            padding = "same"
            h, w, _ = net.shape(node.inputs[0])
            if node.pad != networks.same(h, node.kernel, node.stride) + networks.same(w, node.kernel, node.stride):
                raise ValueError(f"{node.name}: padding {node.pad}, want same")
            x = L.Conv2D(node.shape[-1], node.kernel, node.stride, padding, activation=act, use_bias=node.bias, name=node.name)(x)
        elif node.op == "norm":
            x = L.BatchNormalization(name=node.name)(x)
            x = L.ReLU()(x) if node.relu else x
        elif node.op == "pool":
            x = L.MaxPooling2D(node.kernel, node.stride, "same" if any(node.pad) else "valid")(x)
        elif node.op == "mean":
            x = L.GlobalAveragePooling2D()(x)
        elif node.op == "flatten":
            x = L.Flatten()(x)
        elif node.op == "dense":
            x = L.Dense(node.shape[0], activation=act, name=node.name)(x)
        elif node.op == "dropout":
            x = L.Dropout(node.rate)(x)
        elif node.op == "add":
            x = L.Add()([x, values[node.inputs[1]]])
            x = L.ReLU()(x) if node.relu else x
        values.append(x)
    model = keras.Model(values[0], values[-1])
    for v in model.variables:
        if v.path in weights:
            v.assign(weights[v.path])
        elif "seed_generator" not in v.path:
            raise ValueError(f"no value for {v.path}")
    return model


class Inference:
    def __init__(self, model, n):
        from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

        function = tf.function(lambda x: model(x, training=False))
        function = function.get_concrete_function(tf.TensorSpec([n, *model.input_shape[1:]], tf.float32))
        self.function = convert_variables_to_constants_v2(function)

    def feed(self, x):
        self.x = tf.constant(x)

    def __call__(self):
        self.y = self.function(self.x)[0]

    def output(self):
        return self.y.numpy()


class Training:
    def __init__(self, model, rate):
        self.model = model
        optimizer = keras.optimizers.SGD(rate, momentum=0.9)
        optimizer.build(model.trainable_variables)
        criterion = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        self.kept = {v.path: tf.Variable(tf.zeros(v.shape)) for v in model.trainable_variables[:1]}

        def step(x, labels):
            with tf.GradientTape() as tape:
                loss = criterion(labels, model(x, training=True))
            variables = model.trainable_variables
            gradients = tape.gradient(loss, variables)
            optimizer.apply_gradients(zip(gradients, variables))
            for v, g in zip(variables, gradients):
                if v.path in self.kept:
                    self.kept[v.path].assign(g)
            return loss

        self.step = tf.function(step)

    def feed(self, x, labels):
        self.x, self.labels = tf.constant(x), tf.constant(labels)

    def __call__(self):
        self.last = self.step(self.x, self.labels)
        self.last.numpy()  # waits

    def loss(self):
        return float(self.last)

    def gradient(self, name):
        return self.kept[name].numpy()


class Conv:
    def __init__(self, layer, passed):
        top, bottom, left, right = layer.pad
        pads = [0, 0, top, bottom, left, right, 0, 0]
        attributes = {"strides": [1, layer.stride, layer.stride, 1], "padding": "EXPLICIT", "explicit_paddings": pads}
        if layer.pad == networks.same(layer.h, layer.r, layer.stride) + networks.same(layer.w, layer.s, layer.stride):
            attributes = {"strides": attributes["strides"], "padding": "SAME"}
        ops = tf.raw_ops
        self.function = tf.function({
            "fwd": lambda x, w, dy: ops.Conv2D(input=x, filter=w, **attributes),
            "bwddata": lambda x, w, dy: ops.Conv2DBackpropInput(input_sizes=tf.shape(x), filter=w, out_backprop=dy, **attributes),
            "bwdweights": lambda x, w, dy: ops.Conv2DBackpropFilter(input=x, filter_sizes=tf.shape(w), out_backprop=dy, **attributes),
        }[passed])

    def feed(self, x, w, dy):
        self.x, self.w, self.dy = tf.constant(x), tf.constant(w), tf.constant(dy)

    def __call__(self):
        self.y = self.function(self.x, self.w, self.dy)

    def output(self):
        return self.y.numpy()


if __name__ == "__main__":
    bench.run(Peer)
