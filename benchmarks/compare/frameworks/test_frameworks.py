"""Tests of what the frameworks' programs share, with the standard library alone."""

import contextlib
import io
import os
import re
import struct
import tempfile
import unittest
import unittest.mock

import bench
import networks
import onnx_file
import shapes


class Shapes(unittest.TestCase):
    def test_read(self):
        got = shapes.read("f.txt", ["# c\n", "\n", "a_1\t3 8 6  5 3 1 2 1,0,2,1 4 # x\r\n", "b 1 5 5 1 5 5 1 valid 1"])
        self.assertEqual(got[0], shapes.Layer("a_1", 3, 8, 6, 5, 3, 1, 2, (1, 0, 2, 1), 4))
        self.assertEqual(got[0].out(), (4, 5))
        self.assertEqual(got[0].flop(7), 2 * 7 * 4 * 5 * 5 * 3 * 3)
        self.assertEqual(got[1].out(), (1, 1))

    def test_errors(self):
        for text, want in {
            "": "f.txt: no rows",
            "b 1 8 8 1 3 3 1 same": "f.txt:1: 9 columns, want 10",
            "b x 8 8 1 3 3 1 same 1": 'f.txt:1: c is "x", want an integer from 1',
            "b 1 0 8 1 3 3 1 same 1": 'f.txt:1: h is "0", want',
            "b 1 8 8 1 3 3 1 full 1": 'f.txt:1: pad is "full", want same, valid or',
            "b 1 8 8 1 3 3 1 1,1 1": 'f.txt:1: pad is "1,1", want',
            "B 1 8 8 1 3 3 1 same 1": 'f.txt:1: name is "B", want',
            "b 1 8 8 1 3 3 99999999999999999999 same 1": 'f.txt:1: stride is "99999999999999999999", want an integer from 1 to 16777216',
            "b 1000000 1000000 1000000 1 3 3 1 same 1": "f.txt:1: (1000000, 1000000, 1000000) has more than 1099511627776 elements",
            "b 1 2 8 1 3 3 1 valid 1": "f.txt:1: window 3x3 is larger than the padded input 2x8",
            "b 1 8 8 1 3 3 1 same 1\nb 1 8 8 1 3 3 1 same 1": 'f.txt:2: name is "b", want a name that line 1 does not have',
        }.items():
            with self.assertRaises(ValueError, msg=text) as e:
                shapes.read("f.txt", text.split("\n"))
            self.assertTrue(str(e.exception).startswith(want), f"{e.exception}, want {want}")
        with self.assertRaisesRegex(ValueError, 'unknown network "gemm", want one of .*lecture_cnn, '):
            shapes.load("gemm")

    def test_same(self):
        self.assertEqual([shapes.same(*a) for a in [(224, 7, 2), (56, 3, 2), (56, 1, 2), (14, 3, 1), (112, 3, 2)]],
                         [(2, 3), (0, 1), (0, 0), (1, 1), (0, 1)])


class Networks(unittest.TestCase):
    def test_layers(self):
        """The convolutions of each network are those of its file, as often."""
        for name, build in networks.NETWORKS.items():
            net = build()
            built = {}
            for node in net.nodes:
                if node.op == "conv":
                    h, w, c = net.shape(node.inputs[0])
                    key = (c, h, w, node.shape[-1], node.kernel, node.stride, node.pad, node.shape[:2])
                    built[key] = built.get(key, 0) + 1
            want = {(l.c, l.h, l.w, l.k, l.r, l.stride, l.pad, l.out()): l.times for l in shapes.load(name)}
            self.assertEqual(built, want, name)

    def test_rewrite(self):
        net = networks.lecture_cnn()
        plain = networks.plain(net)
        self.assertEqual(len(net.nodes) - len(plain.nodes), 2)
        self.assertEqual(plain.nodes[plain.last].name, "dense_2")
        self.assertEqual(plain.nodes[plain.nodes[plain.last].inputs[0]].name, "dense_1")
        self.assertEqual(networks.rows(plain, plain.nodes[-3]), (3, 3, 256))

    def test_fold(self):
        net = networks.Network("n", 4, 4, 1)
        net.add(net.norm(net.conv(0, "c", 1, 1, bias=False, relu=False), "b", True), 0, "a")
        weights = {"c/kernel": 2.0, "b/gamma": 3.0, "b/beta": 5.0, "b/moving_mean": 7.0, "b/moving_variance": 4 - 1e-3}
        folded, w = networks.fold(net, weights)
        self.assertEqual([n.op for n in folded.nodes], ["input", "conv", "add"])
        self.assertEqual(folded.nodes[2].inputs, (1, 0))
        self.assertTrue(folded.nodes[1].relu and folded.nodes[1].bias)
        self.assertEqual((w["c/kernel"], w["c/bias"]), (3.0, 5 - 7 * 1.5))
        self.assertEqual(weights["c/kernel"], 2.0)

    def test_header(self):
        body = b'{"__metadata__":{"a":"b"},"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'
        header, start = networks.read_header(io.BytesIO(struct.pack("<Q", len(body)) + body + bytes(8)))
        self.assertEqual((list(header), start), (["x"], 8 + len(body)))
        for data in b"", struct.pack("<Q", 1 << 40):
            with self.assertRaises(ValueError):
                networks.read_header(io.BytesIO(data))


class Bench(unittest.TestCase):
    def test_line(self):
        keys = {"impl": "x", "net": "resnet34", "pass": "infer", "isa": "avx2", "n": 1, "threads": 2}
        got = bench.line(bench.name("Net", keys), 12, 3456.7, [(1.5, "GFLOP/s"), (78.125, "%peak")])
        self.assertRegex(got, r"^BenchmarkNet/impl=x/net=resnet34/pass=infer/isa=avx2/n=1/threads=2(-[0-9]+)?\t +12\t3457 ns/op\t1.5 GFLOP/s\t78.12 %peak$")

    def test_flags(self):
        a = bench.flags("", ["--nets", "vgg16", "--passes", "fwd,train", "--batches", "1,8"])
        self.assertEqual((a.nets, a.passes, a.batches), (["vgg16"], ["fwd", "train"], [1, 8]))
        for argv, want in {
            "--nets resnet": 'unknown network "resnet"',
            "--passes bwd": 'unknown pass "bwd", want one of infer, ',
            "--batches 1,x": "--batches=1,x: want", "--batches 0": "--batches=0: want", "--threads 0": "--threads=0: want 1 to",
        }.items():
            with self.assertRaisesRegex(ValueError, re.escape(want)):
                bench.flags("", argv.split())

    def test_measure(self):
        calls = []
        n, ns = bench.measure(lambda: calls.append(1), 0)
        self.assertEqual((n, len(calls)), (3, 5))
        self.assertGreater(ns, 0)

    def test_missing(self):
        """A missing framework, and a missing export, say how to get them."""
        class Missing:
            impl, passes, install, avx2 = "none", ["infer"], "pip install none", None

            def __init__(self, threads):
                import no_such_framework  # noqa: F401

        class Empty(Missing):
            version = settings = "none"

            def __init__(self, threads):
                pass

        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
            argv = ["--nets", "lecture_cnn", "--passes", "infer", "--data", folder]
            with self.assertRaisesRegex(SystemExit, "no_such_framework.*install it by\n\tpip install none"):
                bench.run(Missing, argv)
            try:
                import numpy  # noqa: F401
            except ImportError:
                return
            with self.assertRaisesRegex(SystemExit, "not there; in the root of the repository run\n\tgo test ./benchmarks -run='.TestExport.' -export="):
                bench.run(Empty, argv)

    def test_held(self):
        """SIMDCONV_ISA=avx2 holds a framework to AVX2 before it is imported, says so, or leaves it out."""
        seen = []

        class Held:
            impl, passes, install, avx2 = "x", ["train"], "", {"BENCH_TEST_ISA": "AVX2"}

            def __init__(self, threads):
                seen.append(os.environ.get("BENCH_TEST_ISA"))
                self.version, self.settings = "1", "s"

        class Free(Held):
            impl, avx2 = "free", None

        argv = ["--nets", "lecture_cnn", "--passes", "infer"]
        out = io.StringIO()
        with unittest.mock.patch.dict(os.environ, {"SIMDCONV_ISA": "avx2"}), contextlib.redirect_stdout(out):
            self.assertNotEqual(bench.cpu()[1], "avx512")
            bench.run(Free, argv)
            bench.run(Held, argv)
        self.assertEqual(seen, ["AVX2"])
        self.assertIn("# free cannot be held to AVX2: left out", out.getvalue())
        self.assertIn("impl-settings: s, held to AVX2 by BENCH_TEST_ISA=AVX2", out.getvalue())
        with unittest.mock.patch.dict(os.environ, {"SIMDCONV_ISA": "generic"}):
            with self.assertRaisesRegex(SystemExit, "SIMDCONV_ISA=generic: want avx2"):
                bench.run(Held, argv)

    def test_wrong(self):
        try:
            import numpy as np
        except ImportError:
            self.skipTest("no numpy")
        bench.check("x", np.array([1.0, 2]), np.array([1.0, 2]), 1e-6)
        for got in [1, 2.1], [1, float("nan")], [1, 2, 3]:
            with self.assertRaisesRegex(ValueError, "wrong result: x"):
                bench.check("x", np.array(got), np.array([1.0, 2]), 1e-6)

        bench.finite("loss", 2.0)
        for loss in float("nan"), float("inf"):
            with self.assertRaisesRegex(ValueError, "wrong result: loss is (nan|inf), want a finite one"):
                bench.finite("loss", loss)

    def test_train(self):
        """The step is checked on a whole batch, and the losses of the one that is timed."""
        try:
            import numpy as np
        except ImportError:
            self.skipTest("no numpy")
        batches = []

        class Call:
            def __init__(self, n, last):
                self.n, self.last, self.calls = n, last, 0

            def feed(self, x, labels):
                batches.append((len(x), len(labels)))

            def __call__(self):
                self.calls += 1

            def loss(self):
                return self.last if self.calls > 2 else 2.0

            def gradient(self, name):
                return np.ones(3)

        class Peer:
            impl, version, settings, last = "x", "1", "s", 1.0

            def training(self, net, weights, n, rate):
                return Call(n, self.last)

        a = bench.flags("", ["--nets", "lecture_cnn", "--passes", "train", "--seconds", "0"])
        rows = bench.Rows(Peer(), a)
        rows.files = {"lecture_cnn": {
            "check/x": np.ones((2, 28, 28, 1), np.float32), "check/labels": np.array([3.0, 7]),
            "check/loss": np.array([2.0, 2]), "check/gradient": np.ones(3)}}
        with contextlib.redirect_stdout(io.StringIO()):
            rows.train("lecture_cnn", 8)
            self.assertEqual(batches, [(2, 2), (8, 8), (8, 8)])
            rows.train("lecture_cnn", 1)
            self.assertEqual(batches[3:], [(2, 2), (1, 1)])
            Peer.last = float("nan")
            with self.assertRaisesRegex(ValueError, "wrong result: loss of lecture_cnn after the row is nan"):
                rows.train("lecture_cnn", 2)

    def test_sample(self):
        """The three passes are each other's adjoints: <dy, fwd(x, w)> = <x, bwddata(dy, w)> = <w, bwdweights(x, dy)>."""
        try:
            import numpy as np
        except ImportError:
            self.skipTest("no numpy")
        layer = shapes.Layer("a", 2, 5, 4, 3, 3, 2, 2, (1, 1, 0, 1), 1)
        x, w, dy = bench.noise(np, 1, 2, 5, 4, 2), bench.noise(np, 2, 3, 2, 2, 3), bench.noise(np, 3, 2, *layer.out(), 3)
        products = []
        for passed, other in (("fwd", dy), ("bwddata", x), ("bwdweights", w)):
            index, values = shapes.sample(layer, passed, x, w, dy, 4000)
            whole = np.full(other.shape, np.nan)
            whole[index] = values
            products.append(np.sum(whole * other))
        self.assertAlmostEqual(products[0], products[1])
        self.assertAlmostEqual(products[0], products[2])


class Onnx(unittest.TestCase):
    def test_fields(self):
        self.assertEqual(onnx_file.varint(300), b"\xac\x02")
        self.assertEqual(onnx_file.field(2, "ab"), b"\x12\x02ab")
        self.assertEqual(onnx_file.field(20, 7), b"\xa0\x01\x07")


class Syntax(unittest.TestCase):
    def test_compile(self):
        folder = os.path.dirname(os.path.abspath(__file__))
        for name in sorted(os.listdir(folder)):
            if name.endswith(".py"):
                with open(os.path.join(folder, name), encoding="utf-8") as f:
                    compile(f.read(), name, "exec")


if __name__ == "__main__":
    unittest.main()
