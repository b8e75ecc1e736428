//go:build onednn && cgo

package onednn

/*
#cgo LDFLAGS: -ldnnl -ldl
#include "version.h"
#include <oneapi/dnnl/dnnl_debug.h>
#include "dnn.h"
*/
import "C"

import (
	"fmt"
	"unsafe"

	"github.com/simdconv/simdconv/benchmarks/compare/peers"
	"github.com/simdconv/simdconv/benchmarks/suite"
	"github.com/simdconv/simdconv/conv"
	"github.com/simdconv/simdconv/kernels"
)

type library struct{}

func open(tier kernels.Tier, _ string) (peers.Library, error) {
	switch tier {
	case kernels.TierAVX512:
	case kernels.TierAVX2:
		if err := check("dnnl_set_max_cpu_isa", C.dnn_limit_isa(1)); err != nil {
			return nil, err
		}
	default:
		return nil, &peers.TierError{Tier: tier, Has: "avx2 and avx512"}
	}
	return library{}, check("dnnl_engine_create", C.dnn_open())
}

// check returns an error that names the function and the status.
func check(what string, status C.int) error {
	if status == C.dnnl_success {
		return nil
	}
	return fmt.Errorf("%s: %s", what, C.GoString(C.dnnl_status2str(C.dnnl_status_t(status))))
}

func (library) About() string {
	v := C.dnnl_version()
	return fmt.Sprintf("%d.%d.%d, %s, kernels up to %s; products by the faster of sgemm and matmul on row-major matrices; algo=direct is NHWC with weights in its own layout, algo=auto the fastest of direct and Winograd in its own layouts, on both sides, reorders not counted; Pool and BatchNorm: the faster of NHWC and nChw16c (nChw8c for avx2), a residual and ReLU by primitives of their own where the normalisation refuses them",
		v.major, v.minor, v.patch, C.GoString(C.dnn_runtime()), C.GoString(C.dnn_isa()))
}

// Algorithms returns direct, on plain NHWC, and auto, the best that there is.
func (library) Algorithms(suite.Conv) []string {
	return []string{conv.Direct.String(), conv.Auto.String()}
}

func (library) Conv(r suite.Conv, o *suite.Operands) (peers.Run, error) {
	if err := setThreads(r.Threads); err != nil {
		return peers.Run{}, err
	}
	if r.Algo == conv.Direct.String() {
		return newRun(r, o, false, false)
	}
	var runs []peers.Run
	var refused error
	for _, c := range []struct{ winograd, any bool }{{false, false}, {false, true}, {true, true}} {
		run, err := newRun(r, o, c.winograd, c.any)
		if err != nil {
			refused = err
			continue
		}
		runs = append(runs, run)
	}
	if runs == nil {
		return peers.Run{}, refused
	}
	return peers.Duel{Threads: r.Threads, Cold: r.Cold}.Fastest(runs)
}

// setThreads returns a refusal if this build of oneDNN cannot be told.
func setThreads(n int) error {
	if C.dnn_threads(C.int(n)) != C.dnnl_success {
		return &suite.Refusal{Err: fmt.Errorf("a oneDNN with %s takes all processors: for threads=%d run under taskset with as many", C.GoString(C.dnn_runtime()), n)}
	}
	return nil
}

func flag(on bool) C.int {
	if on {
		return 1
	}
	return 0
}

// newRun prepares one primitive.
func newRun(r suite.Conv, o *suite.Operands, winograd, any bool) (peers.Run, error) {
	s, err := r.Shape().Check()
	if err != nil {
		return peers.Run{}, err
	}
	spec := C.conv_spec{
		winograd: flag(winograd), any: flag(any),
		n: C.long(s.N), h: C.long(s.H), w: C.long(s.W), c: C.long(s.C), k: C.long(s.K), r: C.long(s.R), s: C.long(s.S),
		stride_h: C.long(s.StrideH), stride_w: C.long(s.StrideW), dilation_h: C.long(s.DilationH), dilation_w: C.long(s.DilationW),
		top: C.long(s.Top), left: C.long(s.Left), bottom: C.long(s.Bottom), right: C.long(s.Right),
	}
	switch r.Pass {
	case conv.BackwardData:
		spec.pass = 1
	case conv.BackwardWeights:
		spec.pass = 2
	}
	var c *C.conv
	if err := check("convolution", C.conv_new(&c, &spec)); err != nil {
		return peers.Run{}, &suite.Refusal{Err: err}
	}
	x, w, y := floats(C.conv_x(c), s.XLen()), floats(C.conv_w(c), s.WLen()), floats(C.conv_y(c), s.YLen())
	out := map[conv.Pass][]float32{conv.Forward: y, conv.BackwardData: x, conv.BackwardWeights: w}[r.Pass]
	copy(x, o.X)
	copy(w, o.W)
	copy(y, o.DY)
	clear(out)
	if err := check("reorder", C.conv_load(c)); err != nil {
		C.conv_free(c)
		return peers.Run{}, err
	}
	threads := C.int(r.Threads)
	call := func() error { return check("dnnl_primitive_execute", C.conv_run(c)) }
	if pass := call; r.PackEach {
		call = func() error {
			if err := check("reorder of weights", C.conv_pack(c)); err != nil {
				return err
			}
			return pass()
		}
	}
	return peers.Run{
		Call: call,
		Result: func() ([]float32, error) {
			return out, check("reorder of the result", C.conv_store(c))
		},
		Begin:  func() func() { C.dnn_threads(threads); return func() {} },
		Close:  func() { C.conv_free(c) },
		Kernel: C.GoString(C.conv_kernel(c)),
	}, nil
}

// floats is memory that oneDNN's side has allocated.
func floats(p *C.float, n int) []float32 {
	return unsafe.Slice((*float32)(unsafe.Pointer(p)), n)
}
