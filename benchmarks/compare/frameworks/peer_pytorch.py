"""PyTorch: inference, training, and the three passes of a convolution."""

import shutil

import bench
import networks


class Peer:
    impl = "pytorch"
    passes = bench.PASSES
    install = "python3 -m venv ~/venvs/torch && ~/venvs/torch/bin/pip install torch numpy    (or Debian's: apt-get install python3-torch)"
    avx2 = {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2", "MKL_ENABLE_INSTRUCTIONS": "AVX2", "OPENBLAS_CORETYPE": "Haswell"}

    def __init__(self, threads):
        global torch, F
        import torch
        import torch.nn.functional as F

        torch.set_num_threads(threads)
        torch.manual_seed(1)
        version = torch.__version__.split("+")[0]
        if version.startswith("1."):
            self.impl = "pytorch1"
        onednn = [s.strip() for s in torch.__config__.show().splitlines() if "MKL-DNN" in s or "oneDNN" in s]
        self.version = f"PyTorch {version}, {onednn[0].lstrip('- ').split(' (')[0] if onednn else 'without oneDNN'}"
        # torch.compile needs a compiler of C++. Steps of training are no faster by it.
        self.compile = hasattr(torch, "compile") and shutil.which("g++") is not None
        self.settings = (f"channels_last, {threads} threads, oneDNN {'on' if torch.backends.mkldnn.is_available() else 'off'}, "
                         f"inference by the fastest of eager, jit.optimize_for_inference{' and torch.compile' if self.compile else ''}, "
                         "tried before each row, training eager")

    def inference(self, net, weights, n):
        module = make(networks.plain(net), weights).eval()
        ways = [Inference(module, n, net.shape(0)) for _ in range(3 if self.compile else 2)]
        ways[1].freeze()
        if self.compile:
            ways[2].compile()
        return min(ways, key=lambda call: bench.measure(call, 0.3)[1])

    def training(self, net, weights, n, rate):
        module = make(net, weights).train()
        return Training(module, rate)

    def conv(self, layer, passed, n):
        return Conv(layer, passed)


def tensor(a):
    import numpy as np

    return torch.from_numpy(np.array(a))  # a copy, as files are read-only


def nhwc(a):
    """An NHWC array as a tensor of NCHW sizes, the same order in memory."""
    return tensor(a).permute(0, 3, 1, 2)


def oihw(a):
    return tensor(a).permute(3, 2, 0, 1).contiguous(memory_format=torch.channels_last)


def make(net, weights):
    """The network as a module."""
    layers = {}
    for node in net.nodes:
        c = net.shape(node.inputs[0])[-1] if node.inputs else 0
        part = {}
        if node.op == "conv":
            top, bottom, left, right = node.pad
            even = top == bottom and left == right
            m = torch.nn.Conv2d(c, node.shape[-1], node.kernel, node.stride, (top, left) if even else 0, bias=node.bias)
            m.before = None if even else (left, right, top, bottom)
            part = {"weight": oihw(weights[node.name + "/kernel"])}
        elif node.op == "norm":
            m = torch.nn.BatchNorm2d(c, eps=1e-3, momentum=0.01)
            for key, source in ("weight", "gamma"), ("bias", "beta"), ("running_mean", "moving_mean"), ("running_var", "moving_variance"):
                part[key] = tensor(weights[f"{node.name}/{source}"])
        elif node.op == "dense":
            m = torch.nn.utils.skip_init(torch.nn.Linear, c, node.shape[0])
            part = {"weight": tensor(weights[node.name + "/kernel"]).t().contiguous()}
        elif node.op == "dropout":
            m = torch.nn.Dropout(node.rate)
        elif node.op == "pool":
            # Without padding before, windows that stick out are what "same" is.
            if node.pad[0] or node.pad[2]:
                raise ValueError(f"{node.name}: padding {node.pad} before, want none")
            m = torch.nn.MaxPool2d(node.kernel, node.stride, ceil_mode=any(node.pad))
        else:
            continue
        if node.op in ("conv", "dense") and node.bias:
            part["bias"] = tensor(weights[node.name + "/bias"])
        m.load_state_dict(part, strict=False)
        layers[node.name] = m

    class Module(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = torch.nn.ModuleDict(layers)

        def forward(self, x):
            values = [x]
            for node in net.nodes[1:]:
                x = values[node.inputs[0]]
                if node.op == "add":
                    x = x + values[node.inputs[1]]
                elif node.op == "mean":
                    x = x.mean((2, 3))
                elif node.op == "flatten":
                    x = x.permute(0, 2, 3, 1).flatten(1)  # costs nothing in channels_last
                elif node.op != "relu":
                    m = self.layers[node.name]
                    if getattr(m, "before", None):
                        x = F.pad(x, m.before)
                    x = m(x)
                values.append(F.relu_(x) if node.relu else x)
            return values[-1]

    return Module().to(memory_format=torch.channels_last)


class Inference:
    def __init__(self, module, n, shape):
        self.module = module
        self.x = torch.rand(n, *shape).permute(0, 3, 1, 2)

    def freeze(self):
        with torch.no_grad():
            traced = torch.jit.trace(self.module, self.x)
        self.module = torch.jit.optimize_for_inference(torch.jit.freeze(traced))

    def compile(self):
        import torch._inductor.config

        torch._inductor.config.freezing = True
        torch._dynamo.reset()  # or sizes that have been seen before become variables
        self.module = torch.compile(self.module, dynamic=False)
        self()

    def feed(self, x):
        self.x = nhwc(x)

    def __call__(self):
        with torch.inference_mode():
            self.y = self.module(self.x)

    def output(self):
        return self.y.permute(0, 2, 3, 1).numpy() if self.y.dim() == 4 else self.y.numpy()


class Training:
    def __init__(self, module, rate):
        self.module = module
        self.optimizer = torch.optim.SGD(module.parameters(), lr=rate, momentum=0.9)
        self.criterion = torch.nn.CrossEntropyLoss()

    def feed(self, x, labels):
        self.x, self.labels = nhwc(x), tensor(labels)

    def __call__(self):
        self.optimizer.zero_grad(set_to_none=True)
        self.last = self.criterion(self.module(self.x), self.labels)
        self.last.backward()
        self.optimizer.step()

    def loss(self):
        return self.last.item()

    def gradient(self, name):
        return self.module.layers[name.split("/")[0]].weight.grad.permute(2, 3, 1, 0).numpy()


class Conv:
    def __init__(self, layer, passed):
        self.layer, self.passed = layer, passed
        top, bottom, left, right = layer.pad
        self.even = top == bottom and left == right
        self.padding = [top, left] if self.even else [0, 0]

    def feed(self, x, w, dy):
        self.x, self.w, self.dy = nhwc(x), oihw(w), nhwc(dy)
        if self.passed != "fwd" and not self.even:
            self.x = self.padded().contiguous(memory_format=torch.channels_last)

    def padded(self):
        top, bottom, left, right = self.layer.pad
        return F.pad(self.x, (left, right, top, bottom))

    def __call__(self):
        """Uneven padding is a copy of x in fwd; backward it is done before the clock starts."""
        with torch.inference_mode():
            stride = [self.layer.stride] * 2
            if self.passed == "fwd":
                self.y = F.conv2d(self.x if self.even else self.padded(), self.w, None, stride, self.padding)
            else:
                mask = [self.passed == "bwddata", self.passed == "bwdweights", False]
                self.y = torch.ops.aten.convolution_backward(
                    self.dy, self.x, self.w, None, stride, self.padding, [1, 1], False, [0, 0], 1, mask)[mask.index(True)]

    def output(self):
        if self.passed == "bwdweights":
            return self.y.permute(2, 3, 1, 0).numpy()
        y = self.y.permute(0, 2, 3, 1)
        if self.passed == "bwddata" and not self.even:
            top, _, left, _ = self.layer.pad
            y = y[:, top:top + self.layer.h, left:left + self.layer.w]
        return y.numpy()


if __name__ == "__main__":
    bench.run(Peer)
