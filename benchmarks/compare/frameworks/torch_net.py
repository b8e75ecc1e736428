"""BenchmarkNet of PyTorch: the lecture's CNN, inference and one training step.

Prints Go's benchmark format, under the names of ../../net_test.go with
impl=torch. The network, the batch and the optimiser (SGD with momentum 0.9)
are the same; PyTorch gets its best setting on CPUs, channels_last, and as many
threads as asked for. Needs torch (Debian: python3-torch).

    python3 torch_net.py [--n 32] [--threads 2] [--seconds 3]
"""

import argparse
import time

import torch
from torch import nn


def lecture_cnn():
    def conv(c, k, size=3):
        return [nn.Conv2d(c, k, size, padding="same"), nn.ReLU()]

    return nn.Sequential(
        *conv(1, 64, 7), nn.MaxPool2d(2),
        *conv(64, 128), *conv(128, 128), nn.MaxPool2d(2),
        *conv(128, 256), *conv(256, 256), nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(2304, 128), nn.ReLU(), nn.Dropout(0.5),
        nn.Linear(128, 64), nn.ReLU(), nn.Dropout(0.5),
        nn.Linear(64, 10),
    ).to(memory_format=torch.channels_last)


def report(name, call, seconds):
    for _ in range(3):
        call()
    steps, start = 0, time.perf_counter()
    while (spent := time.perf_counter() - start) < seconds:
        call()
        steps += 1
    print(f"BenchmarkNet/{name} {steps} {spent / steps * 1e9:.0f} ns/op", flush=True)


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--n", type=int, default=32, help="batch size")
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--seconds", type=float, default=3, help="per row")
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(1)
    model = lecture_cnn()
    x = torch.rand(a.n, 1, 28, 28).to(memory_format=torch.channels_last)
    y = torch.arange(a.n) % 10
    loss = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9)

    def infer():
        with torch.inference_mode():
            model(x)

    def train():
        optimizer.zero_grad(set_to_none=True)
        loss(model(x), y).backward()
        optimizer.step()

    print(f"torch: {torch.__version__}")
    key = f"isa=best/n={a.n}/threads={a.threads}"
    model.eval()
    report(f"impl=torch/net=lecture_cnn/pass=infer/{key}", infer, a.seconds)
    model.train()
    report(f"impl=torch/net=lecture_cnn/pass=train/{key}", train, a.seconds)


if __name__ == "__main__":
    main()
