"""How much memory PyTorch takes to train a network.

    python memory.py [--net resnet34] [--batch 8] [--threads 2] [--steps 3]

prints, in Go's benchmark format, the most that was resident during the steps less
what the process held after its imports: parameters, gradients, what the optimizer
remembers, activations and the kernels' own room. Ours is
`go test -run=NONE -bench=TrainingMemory ./net/models`. Linux only.
"""

import argparse
import ctypes
import gc

import networks
import peer_pytorch


def status(key):
    with open("/proc/self/status") as f:
        return next(int(line.split()[1]) << 10 for line in f if line.startswith(key))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--net", default="resnet34", choices=["lecture_cnn", "resnet34", "vgg16"])
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=3)
    args = parser.parse_args()
    peer = peer_pytorch.Peer(args.threads)
    import numpy as np
    import torch

    torch.ones(1).sum()  # what comes with the first operation
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    held = status("VmRSS:")
    with open("/proc/self/clear_refs", "w") as f:
        f.write("5")  # the peak begins anew
    net = getattr(networks, args.net)()
    training = peer_pytorch.Training(peer_pytorch.make(net, random(net, np)), 1e-3)
    training.feed(np.random.rand(args.batch, *net.shape(0)).astype("float32"), np.arange(args.batch) % 10)
    for _ in range(args.steps):
        training()
    peak = status("VmHWM:") - held
    print(f"BenchmarkTrainingMemory/impl={peer.impl}/net={args.net}/n={args.batch}/threads={args.threads} {args.steps} "
          f"{peak / 2**20:.1f} peak-MiB {held / 2**20:.1f} held-MiB")


def random(net, np):
    """Weights that are drawn when they are asked for, as one array more would be in the peak."""

    class Weights(dict):
        def __missing__(self, name):
            layer, part = name.rsplit("/", 1)
            node = next(n for n in net.nodes if n.name == layer)
            before = net.shape(node.inputs[0])
            if part == "kernel":
                shape = (node.kernel, node.kernel, before[-1], node.shape[-1]) if node.op == "conv" else (before[-1], node.shape[0])
                return (np.random.rand(*shape).astype("float32") - 0.5) * 2 * (6 / np.prod(shape[:-1])) ** 0.5
            return np.full(node.shape[-1], part in ("gamma", "moving_variance"), "float32")

    return Weights()


main()
