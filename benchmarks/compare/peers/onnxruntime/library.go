//go:build onnxruntime && cgo

package onnxruntime

import (
	"errors"
	"fmt"
	"runtime"
	"strings"

	ort "github.com/yalue/onnxruntime_go"

	"github.com/simdconv/simdconv/benchmarks/compare/peers"
	"github.com/simdconv/simdconv/benchmarks/suite"
	"github.com/simdconv/simdconv/conv"
	"github.com/simdconv/simdconv/kernels"
)

type library struct{ file string }

func open(tier kernels.Tier, file string) (peers.Library, error) {
	if best, err := (kernels.Options{}).Resolve(); err != nil || tier != best.Tier {
		return nil, &peers.TierError{Tier: tier, Has: "the processor's best alone"}
	}
	if ort.IsInitialized() {
		return library{file}, nil
	}
	ort.SetSharedLibraryPath(file)
	err := ort.InitializeEnvironment(ort.WithLogLevelError())
	if err != nil && strings.Contains(err.Error(), "OrtGetApiBase") {
		err = fmt.Errorf("%s is another library than ONNX Runtime: it has no OrtGetApiBase", file)
	}
	return library{file}, err
}

func (l library) About() string {
	return fmt.Sprintf("%s, %s; all graph optimisations; algo=auto is Conv on NCHW with constant weights, with the reorders into its blocked layout and back, as one layer alone has them; MatMul packs in each call",
		ort.GetVersion(), l.file)
}

// Algorithms returns auto for the forward pass, the only one that there is.
func (library) Algorithms(r suite.Conv) []string {
	if r.Pass != conv.Forward {
		return nil
	}
	return []string{conv.Auto.String()}
}

func (library) Conv(r suite.Conv, o *suite.Operands) (peers.Run, error) {
	if r.PackEach {
		return peers.Run{}, &suite.Refusal{Err: errors.New("packs its weights when the model is loaded")}
	}
	s, err := r.Shape().Check()
	if err != nil {
		return peers.Run{}, err
	}
	oh, ow := s.Out()
	w := make([]float32, len(o.W))
	kernels.HWIOToOIHW(w, o.W, s.K, s.C, s.R, s.S)
	run, data, err := newRun(convModel(s, w), r.Threads, []string{"x"}, []ort.Shape{dims(s.N, s.C, s.H, s.W)}, dims(s.N, s.K, oh, ow), "y")
	if err != nil {
		return peers.Run{}, err
	}
	kernels.NHWCToNCHW(data[0], o.X, s.N, s.C, s.H, s.W)
	y := o.Result(r.Pass)
	run.Result = func() ([]float32, error) {
		kernels.NCHWToNHWC(y, data[1], s.N, s.K, oh, ow)
		return y, nil
	}
	run.Kernel = "Conv"
	return run, nil
}

func (library) Gemm(r suite.Gemm, a, b, c []float32) (peers.Run, error) {
	run, data, err := newRun(gemmModel(r.M, r.N, r.K), r.Threads, []string{"a", "b"}, []ort.Shape{dims(r.M, r.K), dims(r.K, r.N)}, dims(r.M, r.N), "c")
	if err != nil {
		return peers.Run{}, err
	}
	copy(data[0], a)
	copy(data[1], b)
	run.Result = func() ([]float32, error) { return data[2], nil }
	run.Kernel = "MatMul"
	return run, nil
}

func dims(v ...int) ort.Shape {
	s := make([]int64, len(v))
	for i, d := range v {
		s[i] = int64(d)
	}
	return ort.NewShape(s...)
}

// newRun loads a model and returns the memory of its inputs and its output, which
// the library keeps pointers to until the run is closed.
func newRun(model []byte, threads int, names []string, in []ort.Shape, out ort.Shape, result string) (run peers.Run, data [][]float32, err error) {
	var pins runtime.Pinner
	var closers []func() error
	run.Close = func() {
		for _, c := range closers {
			c() //nolint:errcheck // the run is over
		}
		pins.Unpin()
	}
	defer func() {
		if err != nil {
			run.Close()
		}
	}()
	var values []ort.Value
	for _, shape := range append(in, out) {
		m := make([]float32, shape.FlattenedSize())
		pins.Pin(&m[0])
		t, err := ort.NewTensor(shape, m)
		if err != nil {
			return run, nil, err
		}
		closers = append(closers, t.Destroy)
		values, data = append(values, t), append(data, m)
	}
	options, err := ort.NewSessionOptions()
	if err != nil {
		return run, nil, err
	}
	closers = append(closers, options.Destroy)
	err = errors.Join(options.SetIntraOpNumThreads(threads), options.SetInterOpNumThreads(1),
		options.SetGraphOptimizationLevel(ort.GraphOptimizationLevelEnableAll))
	if err != nil {
		return run, nil, err
	}
	last := len(values) - 1
	session, err := ort.NewAdvancedSessionWithONNXData(model, names, []string{result}, values[:last], values[last:], options)
	if err != nil {
		return run, nil, err
	}
	closers = append([]func() error{session.Destroy}, closers...)
	run.Call = session.Run
	return run, data, nil
}
