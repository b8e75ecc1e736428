"""What every framework's program shares: flags, names, the clock, the roof, checks.

A framework's file defines a Peer and calls run(Peer). Output is Go's benchmark
format under the names of ../../doc.go, with impl=NAME.

    class Peer:
        impl     its name
        passes   which of infer, train, fwd, bwddata, bwdweights it has
        install  one line
        def __init__(self, threads):      raises ImportError without the framework
        avx2     variables that hold it to AVX2, None if nothing does
        version, settings                 strings, for the header
        def inference(self, net, weights, n):    -> call, with feed(x), call() and output()
        def training(self, net, weights, n, rate):  -> call; feed(x, labels), call() is one step of SGD with
                                                 momentum 0.9, loss() of the last call, gradient(name)
        def conv(self, layer, passed, n):        -> call; feed(x, w, dy), call(), output()

Arrays go in and come out in this library's layout: NHWC, HWIO.
"""

import argparse
import glob
import math
import os
import re
import subprocess
import sys
import time

import networks
import shapes

PASSES = ["infer", "train", "fwd", "bwddata", "bwdweights"]

# Most errors, rms relative to the rms of the result, a few times of what the
# frameworks have (BENCH_ERRORS=1 prints them). One step of training, its gradient
# and the loss after it, are another matter in deep networks: a ReLU that falls
# the other way by a rounding changes all before it. ResNet-34's gradient in
# float32 is 1.3% from the one in float64, here and in PyTorch alike.
LOGITS, LOSS, LAYER = 5e-5, 1e-5, 1e-5
GRADIENT = {"lecture_cnn": 2e-5, "resnet34": 4e-2, "vgg16": 2e-2}
LATER = {"lecture_cnn": 1e-5, "resnet34": 1e-2, "vgg16": 1e-2}

EXPORT = "go test ./benchmarks -run='^TestExport$' -export={folder} -nets={net}"


def flags(description, argv):
    p = argparse.ArgumentParser(description=description)
    p.add_argument("--nets", default="lecture_cnn,resnet34", help="networks of benchmarks/shapes")
    p.add_argument("--passes", default="infer,train", help=",".join(PASSES))
    p.add_argument("--layers", default="", help="only layers whose name matches, for fwd, bwddata, bwdweights")
    p.add_argument("--batches", default="1", help="batch sizes")
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--seconds", type=float, default=1, help="per row")
    p.add_argument("--data", default=".", help="folder of NET.safetensors, written by: " + EXPORT.format(folder="FOLDER", net="NETS"))
    p.add_argument("--roof", default="", help="the program of go test -c ./benchmarks: measures the FMA roof beside each row")
    a = p.parse_args(argv)
    a.nets, a.passes = a.nets.split(","), a.passes.split(",")
    for net in a.nets:
        shapes.load(net)
    for passed in a.passes:
        if passed not in PASSES:
            raise ValueError(f'--passes: unknown pass "{passed}", want one of {", ".join(PASSES)}')
        for net in a.nets:
            if passed in ("infer", "train") and net not in networks.NETWORKS:
                raise ValueError(f"--passes: no {passed} for {net}, whose layers alone are known; whole networks are {', '.join(networks.NETWORKS)}")
    if not re.fullmatch("[1-9][0-9]*(,[1-9][0-9]*)*", a.batches):
        raise ValueError(f'--batches={a.batches}: want positive integers between commas')
    a.batches = [int(n) for n in a.batches.split(",")]
    if not 1 <= a.threads <= processors():
        raise ValueError(f"--threads={a.threads}: want 1 to {processors()}, the processors there are")
    a.layers = re.compile(a.layers)
    return a


def processors():
    return len(os.sched_getaffinity(0))


def held():
    """Whether SIMDCONV_ISA holds this library, and so every framework, to AVX2."""
    isa = os.environ.get("SIMDCONV_ISA", "")
    if isa not in ("", "avx2", "avx512"):
        raise ValueError(f'SIMDCONV_ISA={isa}: want avx2, avx512 or nothing, as frameworks can be held to AVX2 alone')
    return isa == "avx2"


def hold(peer_type):
    """Sets, before a framework is imported, what holds it to AVX2, and returns it as text."""
    for key, value in peer_type.avx2.items():
        os.environ.setdefault(key, value)
    return ", ".join(f"{key}={os.environ[key]}" for key in peer_type.avx2)


def cpu():
    """The processor's name, and its tier as this library calls it."""
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        info = dict(re.findall(r"^([a-z_ ]+?)\s*: (.*)$", f.read(), re.M))
    has = set(info.get("flags", "").split())
    if {"avx512f", "avx512bw", "avx512dq", "avx512vl"} <= has and not held():
        return info["model name"], "avx512"
    return info.get("model name", "unknown"), "avx2" if {"avx2", "fma"} <= has else "generic"


def caches():
    """Sizes of the processor's data caches, as far as the system tells them."""
    found = []
    for folder in sorted(glob.glob("/sys/devices/system/cpu/cpu0/cache/index*")):
        level, kind, size = (open(os.path.join(folder, f), encoding="utf-8").read().strip() for f in ("level", "type", "size"))
        if kind != "Instruction":
            found.append(f"L{level} {size.replace('K', ' KiB')}")
    return ", ".join(found) or "caches unknown"


def name(function, keys):
    """A benchmark's name, with the number of processors that Go appends."""
    procs = f"-{processors()}" if processors() > 1 else ""
    return f"Benchmark{function}/" + "/".join(f"{k}={v}" for k, v in keys.items()) + procs


def line(name, iterations, ns, metrics=()):
    """A line of Go's benchmark format."""
    return "\t".join([name, f"{iterations:8d}", f"{ns:.0f} ns/op"] + [f"{v:.4g} {unit}" for v, unit in metrics])


def roof(program, isa, threads):
    """GFLOP/s of multiply-adds on registers, by BenchmarkRoof."""
    time.sleep(0.3)  # workers of a framework spin for a while
    out = subprocess.run(
        [program, "-test.run=NONE", f"-test.bench=^BenchmarkRoof$/impl=simdconv/op=fma", "-test.benchtime=30ms",
         f"-isas={isa}", f"-threads={threads}"], capture_output=True, text=True, check=True).stdout
    found = re.findall(r"([0-9.]+) GFLOP/s", out)
    if len(found) != 1:
        raise ValueError(f"{program}: no roof in\n{out}")
    return float(found[0])


def measure(call, seconds):
    """Calls for that long, at least three times; returns iterations and ns each."""
    for _ in range(2):
        call()
    n, start = 0, time.perf_counter()
    while True:
        call()
        n += 1
        spent = time.perf_counter() - start
        if spent >= seconds and n >= 3:
            return n, spent / n * 1e9


def check(what, got, want, bound):
    """Raises ValueError unless got is want, but for the bound."""
    import numpy as np

    got, want = np.asarray(got, np.float64), np.asarray(want, np.float64)
    if got.shape != want.shape:
        raise ValueError(f"wrong result: {what} has shape {got.shape}, want {want.shape}")
    error = np.sqrt(np.mean((got - want) ** 2)) / np.sqrt(np.mean(want ** 2))
    if not error <= bound:
        raise ValueError(f"wrong result: {what}: rms error {error:.3g} relative to the rms of the result; want at most {bound:.3g}")
    if os.environ.get("BENCH_ERRORS"):
        print(f"# {what}: rms error {error:.2g} of {bound:.2g}", file=sys.stderr)


def finite(what, loss):
    if not math.isfinite(loss):
        raise ValueError(f"wrong result: {what} is {loss}, want a finite one")


class Rows:
    """One process's rows."""

    def __init__(self, peer, a):
        self.peer, self.a, self.files = peer, a, {}
        self.cpu, self.isa = cpu()

    def header(self):
        for unit in "GFLOP/s", "%peak":
            print(f"Unit {unit} better=higher")
        print(f"goos: linux\ngoarch: amd64\ncpu: {self.cpu}\nprocessor: {self.cpu}, {caches()}\ntier: {self.isa}")
        print(f"impl-version: {self.peer.version}\nimpl-settings: {self.peer.settings}", flush=True)

    def report(self, function, keys, call, flop):
        keys = {"impl": self.peer.impl, **keys}
        n, threads = keys.pop("n"), self.a.threads
        keys.update(isa=self.isa, n=n, threads=threads)
        before = roof(self.a.roof, self.isa, threads) if self.a.roof else 0
        iterations, ns = measure(call, self.a.seconds)
        metrics = [(flop / ns, "GFLOP/s")]
        if before:
            after = roof(self.a.roof, self.isa, threads)
            metrics.append((100 * flop / ns / ((before + after) / 2), "%peak"))
        print(line(name(function, keys), iterations, ns, metrics), flush=True)

    def export(self, net):
        if net not in self.files:
            try:
                self.files = {net: networks.load(self.a.data, net)}
            except FileNotFoundError as e:
                how = EXPORT.format(folder=os.path.abspath(self.a.data), net=net)
                raise ValueError(f"{e.filename}: not there; in the root of the repository run\n\t{how}") from None
        return self.files[net]

    def infer(self, net, n):
        import numpy as np

        w = self.export(net)
        x, y = w["check/x"], w["check/y"]
        call = self.peer.inference(networks.NETWORKS[net](), w, n)
        call.feed(np.resize(x, (n, *x.shape[1:])))  # the images by turns
        call()
        check(f"logits of {net}", call.output(), np.resize(y, (n, *y.shape[1:])), LOGITS)
        self.report("Net", {"net": net, "pass": "infer", "n": n}, call, network_flop(net, n))

    def train(self, net, n):
        import numpy as np

        w = self.export(net)
        x, labels = w["check/x"], w["check/labels"].astype(np.int64)
        # As often as fill the batch, its images have the loss and gradient that they
        # have once, and the same means and variances in a normalisation; but rounded
        # otherwise, which leaves ResNet-34's loss at eight images 8e-6 off.
        first = next(node.name for node in networks.NETWORKS[net]().nodes if node.op == "conv") + "/kernel"
        for images in sorted({len(x), max(n // len(x), 1) * len(x)}):
            more = images > len(x)
            call = self.peer.training(networks.plain(networks.NETWORKS[net]()), w, images, 1e-3)
            call.feed(np.resize(x, (images, *x.shape[1:])), np.resize(labels, images))
            call()
            what = f"{net} on {images} images"
            check(f"loss of {what}", [call.loss()], w["check/loss"][:1], LOSS * (10 if more else 1))
            check(f"gradient of {what}, {first}", call.gradient(first), w["check/gradient"], GRADIENT[net] * (2 if more else 1))
            call()
            check(f"loss of {what} after a step", [call.loss()], w["check/loss"][1:], LATER[net] * (10 if more else 1))
        graph = networks.NETWORKS[net]()
        call = self.peer.training(graph, w, n, 1e-3)
        call.feed(noise(np, 1, n, *graph.shape(0)), np.arange(n, dtype=np.int64) % 10)
        call()
        finite(f"loss of {net} in the first step", call.loss())
        self.report("Net", {"net": net, "pass": "train", "n": n}, call, 3 * network_flop(net, n))
        finite(f"loss of {net} after the row", call.loss())

    def conv(self, net, layer, passed, n):
        import numpy as np

        x, w = noise(np, 1, n, layer.h, layer.w, layer.c), noise(np, 2, layer.r, layer.s, layer.c, layer.k)
        dy = noise(np, 3, n, *layer.out(), layer.k)
        call = self.peer.conv(layer, passed, n)
        call.feed(x, w, dy)
        call()
        index, want = shapes.sample(layer, passed, x, w, dy)
        check(f"{passed} of {net} {layer.name}", np.asarray(call.output())[index], want, LAYER)
        keys = {"net": net, "layer": layer.name, "pass": passed, "algo": "auto", "n": n}
        self.report("Conv", keys, call, layer.flop(n))


class Single:
    """A convolution as a network of its own, which make(w) builds."""

    def __init__(self, make):
        self.make = make

    def feed(self, x, w, dy):
        self.call = self.make(w)
        self.call.feed(x)

    def __call__(self):
        self.call()

    def output(self):
        return self.call.output()


def noise(np, seed, *shape):
    """Numbers in [-1, 1)."""
    return np.random.default_rng(seed).random(shape, np.float32) * 2 - 1


def network_flop(net, n):
    return sum(layer.times * layer.flop(n) for layer in shapes.load(net))


def run(peer_type, argv=None):
    """The program of one framework."""
    try:
        a = flags(f"Benchmarks of {peer_type.impl}, in Go's format.", argv)
        settings = ""
        if held():
            if peer_type.avx2 is None:
                print(f"# {peer_type.impl} cannot be held to AVX2: left out", flush=True)
                return
            settings = ", held to AVX2 by " + hold(peer_type)
        try:
            peer = peer_type(a.threads)
        except ImportError as e:
            raise ValueError(f"{e}: install it by\n\t{peer_type.install}") from None
        peer.settings += settings
        rows = Rows(peer, a)
        rows.header()
        for net in a.nets:
            for n in a.batches:
                for passed in a.passes:
                    if passed not in peer.passes:
                        print(f"# {peer.impl} has no pass={passed}", flush=True)
                    elif passed in ("infer", "train"):
                        getattr(rows, passed)(net, n)
                    else:
                        for layer in shapes.load(net):
                            if a.layers.search(layer.name):
                                rows.conv(net, layer, passed, n)
    except ValueError as e:
        sys.exit(f"{os.path.basename(sys.argv[0])}: {e}")
