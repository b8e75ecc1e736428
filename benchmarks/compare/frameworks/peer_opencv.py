"""OpenCV's dnn module: inference, and forward convolutions."""

import bench
import networks
import onnx_file


class Peer:
    impl = "opencv"
    passes = ["infer", "fwd"]
    install = "python3 -m venv ~/venvs/cv && ~/venvs/cv/bin/pip install opencv-python-headless"
    avx2 = {"OPENCV_CPU_DISABLE": "AVX512-SKX"}

    def __init__(self, threads):
        global cv2, np
        import cv2
        import numpy as np

        cv2.setNumThreads(threads)
        self.version = f"OpenCV {cv2.__version__}"
        self.settings = f"{threads} threads, OpenCV's own CPU backend and default engine, NCHW, enableWinograd, normalisations folded"

    def read(self, net, weights, n):
        data = np.frombuffer(onnx_file.encode(net, weights, n), np.uint8)
        model = cv2.dnn.readNetFromONNX(data)
        model.setPreferableBackend(cv2.dnn.DNN_BACKEND_OPENCV)
        model.enableWinograd(True)
        return model

    def inference(self, net, weights, n):
        return Inference(self.read(*networks.fold(net, weights), n))

    def conv(self, layer, passed, n):
        return bench.Single(lambda w: Inference(self.read(networks.single(layer), {"conv2d/kernel": w}, n)))


class Inference:
    def __init__(self, model):
        self.model = model

    def feed(self, x):
        self.x = np.ascontiguousarray(np.asarray(x).transpose(0, 3, 1, 2))

    def __call__(self):
        self.model.setInput(self.x)
        self.y = self.model.forward()

    def output(self):
        return self.y.transpose(0, 2, 3, 1) if self.y.ndim == 4 else self.y


if __name__ == "__main__":
    bench.run(Peer)
