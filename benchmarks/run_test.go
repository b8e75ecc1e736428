package benchmarks

import (
	"errors"
	"flag"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/simdconv/simdconv/benchmarks/roof"
	"github.com/simdconv/simdconv/benchmarks/shapes"
	"github.com/simdconv/simdconv/benchmarks/suite"
	"github.com/simdconv/simdconv/conv"
	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/geometry"
	"github.com/simdconv/simdconv/net"
	"github.com/simdconv/simdconv/net/models"
)

// small is a layer that every algorithm can do forward.
var small = shapes.Layer{Name: "small", C: 5, K: 9, Times: 1, Window: geometry.Window{H: 7, W: 6, R: 3, S: 3}.Same()}

// quick makes testing.Benchmark run each row once for the rest of the test. It
// skips the test if benchmarks follow: testing prints the name of the processor
// once, and testing.Benchmark would print it to nowhere.
func quick(t *testing.T) {
	t.Helper()
	if flag.Lookup("test.bench").Value.String() != "" {
		t.Skip("benchmarks are to follow")
	}
	f := flag.Lookup("test.benchtime")
	before := f.Value.String()
	if err := f.Value.Set("1x"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Value.Set(before); err != nil {
			t.Error(err)
		}
	})
}

// TestThreads checks that a row does not pass off fewer threads as many.
func TestThreads(t *testing.T) {
	quick(t)
	s := sample{call: func() error { return nil }, flop: 1, threads: runtime.GOMAXPROCS(0) + 1}
	if r := testing.Benchmark(s.measure); r.N != 0 {
		t.Errorf("a row with more threads than GOMAXPROCS ran %d times", r.N)
	}
	s.threads = 1
	if r := testing.Benchmark(s.measure); r.N != 1 {
		t.Errorf("a row with one thread ran %d times, want once", r.N)
	}
}

// TestRun runs each algorithm and pass on a small layer and checks what is
// reported. Direct and im2col must do all of them.
func TestRun(t *testing.T) {
	quick(t)
	asked := wide(t)
	asked.Threads, asked.Tiers = asked.Threads[:1], asked.Tiers[len(asked.Tiers)-1:]
	var o suite.Operands
	for _, base := range []suite.Conv{{N: 1}, {N: 3, PackEach: true}, {N: 2, Cold: true}} {
		for _, base.Pass = range asked.Passes {
			base.Layer = small
			for _, r := range asked.PassRows(base) {
				_, err := callOrRefusal(t, r, &o)
				got := testing.Benchmark(func(b *testing.B) { runConv(b, r, &o) })
				switch {
				case err == nil && got.N != 1:
					t.Errorf("%s failed", r.Name(suite.Impl))
				case err == nil:
					for _, unit := range []string{"GFLOP/s", "%peak"} {
						if !(got.Extra[unit] > 0) {
							t.Errorf("%s: %v %s", r.Name(suite.Impl), got.Extra[unit], unit)
						}
					}
					if _, ok := got.Extra["ws-B"]; !ok {
						t.Errorf("%s: no ws-B", r.Name(suite.Impl))
					}
					if _, ok := got.Extra["ns/op"]; ok != r.Cold {
						t.Errorf("%s: own ns/op is %v", r.Name(suite.Impl), ok)
					}
				case !strings.HasPrefix(r.Algo, "winograd"):
					t.Errorf("%s: %v", r.Name(suite.Impl), err)
				case got.N != 0:
					t.Errorf("%s ran though it is refused: %v", r.Name(suite.Impl), err)
				}
			}
		}
	}
}

// callOrRefusal returns a row's error if it is a refusal.
func callOrRefusal(t *testing.T, r suite.Conv, o *suite.Operands) (func() error, error) {
	t.Helper()
	if err := o.Use(r); err != nil {
		t.Fatal(err)
	}
	call, _, err := r.Call(o, o.Result(r.Pass))
	var refused *suite.Refusal
	if err != nil && !errors.As(err, &refused) {
		t.Fatal(err)
	}
	return call, err
}

// TestWrong spoils one expected value: the row must fail, not be timed.
func TestWrong(t *testing.T) {
	quick(t)
	for _, pass := range []conv.Pass{conv.Forward, conv.BackwardData, conv.BackwardWeights} {
		r := suite.Conv{Layer: small, Pass: pass, Algo: "direct", Tier: kernels.TierGeneric, N: 2, Threads: 1}
		var o suite.Operands
		if err := o.Use(r); err != nil {
			t.Fatal(err)
		}
		o.Want[len(o.Want)/2] += 0.01
		if got := testing.Benchmark(func(b *testing.B) { runConv(b, r, &o) }); got.N != 0 {
			t.Errorf("%v: a wrong result was timed", pass)
		}
		o.Want = nil // too slow to know
		if got := testing.Benchmark(func(b *testing.B) { runConv(b, r, &o) }); got.N != 1 {
			t.Errorf("%v: a result that is not checked was not timed", pass)
		}
	}
}

func TestGemmRun(t *testing.T) {
	quick(t)
	for _, tier := range wide(t).Tiers {
		r := suite.Gemm{Product: shapes.Product{M: 130, N: 70, K: 33}, Tier: tier, Threads: 1}
		got := testing.Benchmark(func(b *testing.B) { runGemm(b, r) })
		if got.N != 1 || !(got.Extra["GFLOP/s"] > 0) || !(got.Extra["%peak"] > 0) {
			t.Errorf("%s: %d runs, %v", r.Name(suite.Impl), got.N, got.Extra)
		}
	}
	// 1*1 + 2*2 = 5 of a product, then a wrong one.
	r := suite.Gemm{Product: shapes.Product{M: 1, N: 1, K: 2}}
	if err := r.Check([]float32{1, 2}, []float32{1, 2}, []float32{5}); err != nil {
		t.Error(err)
	}
	if err := r.Check([]float32{1, 2}, []float32{1, 2}, []float32{6}); err == nil || !strings.HasPrefix(err.Error(), "wrong result") {
		t.Errorf("error %v, want a wrong result", err)
	}
}

// TestExpect checks which results are compared: layers above the limit are not,
// and the gradient of the weights counts its whole batch.
func TestExpect(t *testing.T) {
	huge := small
	huge.H, huge.W, huge.C, huge.K = 40, 40, 300, 300 // 2.6 GFLOP, never run
	half := huge
	half.H = 6 // 0.39
	var o suite.Operands
	for _, c := range []struct {
		layer shapes.Layer
		pass  conv.Pass
		n     int
	}{{huge, conv.Forward, 1}, {huge, conv.BackwardWeights, 1}, {half, conv.BackwardWeights, 2}} {
		if err := o.Use(suite.Conv{Layer: c.layer, Pass: c.pass, N: c.n}); err != nil {
			t.Fatal(err)
		}
		if o.Want != nil {
			t.Errorf("%v of %+v is compared", c.pass, c.layer)
		}
	}
	// The last of two images, whose sum the gradient of the weights is.
	r := suite.Conv{Layer: small, Pass: conv.Forward, N: 2}
	if err := o.Use(r); err != nil {
		t.Fatal(err)
	}
	if got, want := len(o.Want), len(o.DY)/2; got != want {
		t.Errorf("fwd: %d values expected, want %d", got, want)
	}
}

// TestPlans checks that every layer of the tour can be done by direct and im2col
// in all passes, and that F(2x2,3x3) does the layers it is for.
func TestPlans(t *testing.T) {
	asked := given(t, func(s *suite.Settings) { s.Passes, s.Slow = "fwd,bwddata,bwdweights", true })
	rows, err := asked.ConvRows()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r.Algo == suite.Naive {
			continue
		}
		p, err := r.Plan()
		if err == nil && p.Shape().FLOP() != r.FLOP() {
			t.Errorf("%s: %g FLOP, the plan counts %g", r.Name(suite.Impl), r.FLOP(), p.Shape().FLOP())
		}
		want := !strings.HasPrefix(r.Algo, "winograd") || r.Layer.R == 3 && r.Layer.StrideH == 1 && r.Pass != conv.BackwardWeights
		if want && err != nil {
			t.Errorf("%s: %v", r.Name(suite.Impl), err)
		}
		var refused *suite.Refusal
		if err != nil && !errors.As(err, &refused) {
			t.Errorf("%s: %v is no refusal", r.Name(suite.Impl), err)
		}
	}
	wrong := suite.Conv{Layer: small, Pass: conv.Forward, Algo: "direct", N: -1}
	var refused *suite.Refusal
	if _, err := wrong.Plan(); err == nil || errors.As(err, &refused) {
		t.Errorf("a row with n = -1: %v, want an error that is no refusal", err)
	}
}

// TestLectureModel compares lecture_cnn.txt with the network that is trained.
func TestLectureModel(t *testing.T) {
	layers, err := shapes.Layers("lecture_cnn")
	if err != nil {
		t.Fatal(err)
	}
	size, channels := 28, 1
	for _, l := range models.LectureCNN() {
		switch l := l.(type) {
		case net.MaxPool2D:
			size /= l.PoolSize
		case net.Conv2D:
			if len(layers) == 0 {
				t.Fatal("lecture_cnn.txt ends too early")
			}
			got := layers[0]
			layers = layers[1:]
			want := geometry.Window{H: size, W: size, R: l.KernelSize, S: l.KernelSize}.Same()
			if got.C != channels || got.K != l.Filters || got.Window != want || got.Times != 1 {
				t.Errorf("%+v, want %d to %d channels, once, by %+v", got, channels, l.Filters, want)
			}
			channels = l.Filters
		}
	}
	if len(layers) != 0 {
		t.Errorf("lecture_cnn.txt has layers that the network has not: %v", layers)
	}
}

// TestMemoryRun runs every row of one smaller image, and vectors of a few rows,
// once.
func TestMemoryRun(t *testing.T) {
	quick(t)
	loop, err := roof.NewStream(roof.Traffic{Read: 1 << 16}, 1)
	if err != nil {
		t.Fatal(err)
	}
	stream := func() (*roof.Loop, error) { return loop, nil }
	asked := given(t, nil)
	for _, r := range slices.Concat(asked.PoolRows(), asked.BatchNormRows(), asked.VecRows()) {
		if v, ok := r.Op.(suite.Vec); ok && v.Elements > 1<<15 || strings.Contains(r.Op.Label(), "h=112/") {
			continue
		} else if ok {
			r.Op = suite.Vec{Name: v.Name, Elements: 5 * suite.VecCols}
		}
		got := testing.Benchmark(func(b *testing.B) { runMemoryRow(b, r, stream) })
		if got.N != 1 || !(got.Extra["GB/s"] > 0) || !(got.Extra["%stream"] > 0) {
			t.Errorf("%s: %d runs, %v", r.Name(suite.Impl), got.N, got.Extra)
		}
	}
}

// spoiled is an operation whose expected result is off.
type spoiled struct{ suite.MemoryOp }

func (s spoiled) Want(in, out [][]float32) [][]float64 {
	want := s.MemoryOp.Want(in, out)
	last := want[len(want)-1]
	last[len(last)/2] += 0.1
	return want
}

// TestMemoryWrong checks that every result of a row is looked at.
func TestMemoryWrong(t *testing.T) {
	quick(t)
	asked := given(t, nil)
	for _, r := range slices.Concat(asked.PoolRows()[:2], asked.BatchNormRows()[:6], asked.VecRows()[:5]) {
		r.Op = spoiled{r.Op}
		if got := testing.Benchmark(func(b *testing.B) { runMemoryRow(b, r, r.Stream) }); got.N != 0 {
			t.Errorf("%s: a wrong result was timed", r.Name(suite.Impl))
		}
	}
}
