"""ncnn: inference, and forward convolutions, one image after the other."""

import os
import tempfile

import bench
import networks


class Peer:
    impl = "ncnn"
    passes = ["infer", "fwd"]
    install = "python3 -m venv ~/venvs/ncnn && ~/venvs/ncnn/bin/pip install ncnn numpy"
    avx2 = None  # it asks the processor

    def __init__(self, threads):
        global ncnn, np
        import ncnn
        import numpy as np

        self.threads = threads
        self.version = f"ncnn {ncnn.__version__}"
        self.settings = (f"{threads} threads, Winograd, sgemm and packed layouts on, fp16 and bf16 off, light mode, "
                         "normalisations folded, images of a batch one by one")

    def inference(self, net, weights, n):
        return Inference(*networks.fold(net, weights), self.threads)

    def conv(self, layer, passed, n):
        return bench.Single(lambda w: Inference(networks.single(layer), {"conv2d/kernel": w}, self.threads))


def write(net, weights, folder):
    """Writes the network as a param and a bin file and returns their paths.

    The formats: https://github.com/Tencent/ncnn/wiki/param-and-model-file-structure.
    A blob that several layers read is split first.
    """
    readers = [sum(i in node.inputs for node in net.nodes) for i in range(len(net.nodes))]
    lines, blobs = [], 0
    free = {}  # node -> names of its blob, one for each reader
    with open(os.path.join(folder, "net.bin"), "wb") as f:
        for i, node in enumerate(net.nodes):
            inputs = [free[x].pop() for x in node.inputs]
            keys, kind = {}, {"input": "Input", "conv": "Convolution", "pool": "Pooling", "mean": "Pooling", "flatten": "Flatten",
                              "dense": "InnerProduct", "add": "BinaryOp"}[node.op]
            if node.op in ("conv", "dense"):
                w = weights[node.name + "/kernel"]
                if node.op == "conv":
                    top, bottom, left, right = node.pad
                    keys = {0: node.shape[-1], 1: node.kernel, 3: node.stride, 4: left, 15: right, 14: top, 16: bottom, 5: int(node.bias), 6: w.size}
                    w = w.transpose(3, 2, 0, 1)
                else:
                    keys = {0: node.shape[0], 1: int(node.bias), 2: w.size}
                    w = networks.channels_first(w, networks.rows(net, node)).T
                if node.relu:
                    keys[9] = 1
                f.write(bytes(4))  # a flag: float32
                f.write(np.ascontiguousarray(w, "<f4").tobytes())
                if node.bias:
                    f.write(np.ascontiguousarray(weights[node.name + "/bias"], "<f4").tobytes())
            elif node.op == "pool":
                top, bottom, left, right = node.pad
                keys = {0: 0, 1: node.kernel, 2: node.stride, 3: left, 14: right, 13: top, 15: bottom, 5: 1}
            elif node.op == "mean":
                keys = {0: 1, 4: 1}
            elif node.op == "add":
                keys = {0: 0}
            out = f"b{i}"
            row = f"{kind} {node.name} {len(inputs)} 1 {' '.join(inputs + [out])}"
            lines.append(row + "".join(f" {k}={v}" for k, v in keys.items()))
            blobs += 1
            if node.relu and node.op == "add":
                lines.append(f"ReLU {node.name}_relu 1 1 {out} {out}r")
                out, blobs = out + "r", blobs + 1
            if readers[i] > 1:
                names = [f"{out}_{j}" for j in range(readers[i])]
                lines.append(f"Split {node.name}_split 1 {len(names)} {out} {' '.join(names)}")
                free[i], blobs = names, blobs + len(names)
            else:
                free[i] = [out]
            if i == net.last:
                last = out
    with open(os.path.join(folder, "net.param"), "w", encoding="utf-8") as f:
        f.write("\n".join(["7767517", f"{len(lines)} {blobs}"] + lines) + "\n")
    return f.name, os.path.join(folder, "net.bin"), last


class Inference:
    def __init__(self, net, weights, threads):
        self.net = ncnn.Net()
        o = self.net.opt
        o.num_threads = threads
        o.lightmode = True
        o.use_winograd_convolution = o.use_sgemm_convolution = o.use_packing_layout = True
        o.use_fp16_packed = o.use_fp16_storage = o.use_fp16_arithmetic = o.use_bf16_storage = False
        o.use_vulkan_compute = False
        with tempfile.TemporaryDirectory() as folder:
            param, model, self.last = write(net, weights, folder)
            if self.net.load_param(param) or self.net.load_model(model):
                raise ValueError("ncnn refuses the network")

    def feed(self, x):
        self.images = [np.ascontiguousarray(image.transpose(2, 0, 1)) for image in x]
        self.x = [ncnn.Mat(image) for image in self.images]  # views of the arrays, which have to stay

    def __call__(self):
        self.y = []
        for image in self.x:
            e = self.net.create_extractor()
            e.input("b0", image)
            code, y = e.extract(self.last)
            if code:
                raise ValueError(f"ncnn: code {code}")
            self.y.append(y)

    def output(self):
        y = np.stack([np.array(y) for y in self.y])
        return y.transpose(0, 2, 3, 1) if y.ndim == 4 else y


if __name__ == "__main__":
    bench.run(Peer)
