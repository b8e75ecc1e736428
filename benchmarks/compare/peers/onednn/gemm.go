//go:build onednn && cgo

package onednn

// #include "dnn.h"
import "C"

import (
	"runtime"
	"unsafe"

	"github.com/simdconv/simdconv/benchmarks/compare/peers"
	"github.com/simdconv/simdconv/benchmarks/suite"
)

// Gemm prepares the faster of oneDNN's two ways.
func (library) Gemm(r suite.Gemm, a, b, c []float32) (peers.Run, error) {
	if err := setThreads(r.Threads); err != nil {
		return peers.Run{}, err
	}
	runs := []peers.Run{{
		Call: func() error {
			return check("dnnl_sgemm", C.dnn_sgemm(C.long(r.M), C.long(r.N), C.long(r.K), pointer(a), pointer(b), pointer(c)))
		},
		Kernel: "dnnl_sgemm",
	}}
	if run, err := newMatmul(r, a, b, c); err == nil {
		runs = append(runs, run)
	}
	threads := C.int(r.Threads)
	for i := range runs {
		runs[i].Result = func() ([]float32, error) { return c, nil }
		runs[i].Begin = func() func() { C.dnn_threads(threads); return func() {} }
	}
	return peers.Duel{Threads: r.Threads, Cold: r.Cold}.Fastest(runs)
}

// newMatmul prepares a primitive, which keeps pointers to the matrices.
func newMatmul(r suite.Gemm, a, b, c []float32) (peers.Run, error) {
	var pins runtime.Pinner
	for _, s := range [][]float32{a, b, c} {
		pins.Pin(unsafe.SliceData(s))
	}
	var p *C.matmul
	if err := check("matmul", C.matmul_new(&p, C.long(r.M), C.long(r.N), C.long(r.K), pointer(a), pointer(b), pointer(c))); err != nil {
		pins.Unpin()
		return peers.Run{}, err
	}
	return peers.Run{
		Call:   func() error { return check("dnnl_primitive_execute", C.matmul_run(p)) },
		Close:  func() { C.matmul_free(p); pins.Unpin() },
		Kernel: C.GoString(C.matmul_kernel(p)),
	}, nil
}

// pointer returns where a matrix starts.
func pointer(s []float32) *C.float { return (*C.float)(unsafe.Pointer(unsafe.SliceData(s))) }
