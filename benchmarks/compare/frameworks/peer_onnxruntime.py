"""ONNX Runtime: inference, and forward convolutions."""

import bench
import networks
import onnx_file


class Peer:
    impl = "onnxruntime"
    passes = ["infer", "fwd"]
    install = "python3 -m venv ~/venvs/ort && ~/venvs/ort/bin/pip install onnxruntime numpy"
    avx2 = None  # it asks the processor

    def __init__(self, threads):
        global ort, np
        import numpy as np
        import onnxruntime as ort

        self.threads = threads
        self.version = f"ONNX Runtime {ort.__version__}"
        self.settings = f"{threads} threads, CPU, all graph optimisations, NCHW in and out, blocked within, normalisations folded"

    def read(self, net, weights, n):
        options = ort.SessionOptions()
        options.intra_op_num_threads = self.threads
        options.inter_op_num_threads = 1
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
        return ort.InferenceSession(onnx_file.encode(net, weights, n), options, providers=["CPUExecutionProvider"])

    def inference(self, net, weights, n):
        return Inference(self.read(*networks.fold(net, weights), n))

    def conv(self, layer, passed, n):
        return bench.Single(lambda w: Inference(self.read(networks.single(layer), {"conv2d/kernel": w}, n)))


class Inference:
    def __init__(self, session):
        self.session, self.name = session, session.get_inputs()[0].name

    def feed(self, x):
        self.x = {self.name: np.ascontiguousarray(np.asarray(x).transpose(0, 3, 1, 2))}

    def __call__(self):
        self.y, = self.session.run(None, self.x)

    def output(self):
        return self.y.transpose(0, 2, 3, 1) if self.y.ndim == 4 else self.y


if __name__ == "__main__":
    bench.run(Peer)
