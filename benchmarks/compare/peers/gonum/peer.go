// Package gonum is Gonum's SGEMM as a peer: Go with SSE for its innermost loop.
package gonum

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/blas/gonum"

	"github.com/simdconv/simdconv/benchmarks/compare/peers"
	"github.com/simdconv/simdconv/benchmarks/suite"
	"github.com/simdconv/simdconv/kernels"
)

// Peer is Gonum. The isa of its rows' names is the tier of the roof that they
// are compared with, not its own.
var Peer = peers.Peer{
	Name:    "gonum",
	Install: "nothing, it is a requirement of this module",
	Open: func(kernels.Tier, string) (peers.Library, error) {
		blas32.Use(gonum.Implementation{})
		return library{}, nil
	},
}

type library struct{}

func (library) About() string {
	return fmt.Sprintf("%s, blas32.Gemm and blas32.Axpy, GOMAXPROCS set to the row's threads; rows from %g GFLOP up are left out", version(), mostFLOP/1e9)
}

// version finds the module's version in the path of its source, as test binaries
// do not list their modules.
func version() string {
	pc := reflect.ValueOf(blas32.Gemm).Pointer()
	file, _ := runtime.FuncForPC(pc).FileLine(pc)
	_, after, found := strings.Cut(file, "gonum.org/v1/gonum@")
	if !found {
		return "unknown version"
	}
	v, _, _ := strings.Cut(after, "/")
	return v
}

// mostFLOP bounds the operations of a row: Gonum needs seconds for more.
const mostFLOP = 5e9

func (library) Gemm(r suite.Gemm, a, b, c []float32) (peers.Run, error) {
	if r.FLOP() >= mostFLOP {
		return peers.Run{}, &suite.Refusal{Err: fmt.Errorf("%g GFLOP take Gonum too long", r.FLOP()/1e9)}
	}
	matrix := func(rows, cols int, data []float32) blas32.General {
		return blas32.General{Rows: rows, Cols: cols, Stride: cols, Data: data}
	}
	x, y, z := matrix(r.M, r.K, a), matrix(r.K, r.N, b), matrix(r.M, r.N, c)
	return peers.Run{
		Call: func() error {
			blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, x, y, 0, z)
			return nil
		},
		Result: func() ([]float32, error) { return c, nil },
		Begin: func() func() {
			before := runtime.GOMAXPROCS(r.Threads)
			return func() { runtime.GOMAXPROCS(before) }
		},
		Kernel: "blas32.Gemm",
	}, nil
}

func (library) Memory(r suite.Memory, in, out [][]float32) (peers.Run, error) {
	v, ok := r.Op.(suite.Vec)
	if !ok || v.Name != "axpy" {
		return peers.Run{}, &suite.Refusal{Err: errors.New("a BLAS has no " + r.Op.Label())}
	}
	x, y := blas32.Vector{N: v.Elements, Inc: 1, Data: in[0]}, blas32.Vector{N: v.Elements, Inc: 1, Data: out[0]}
	return peers.Run{
		Call:   func() error { blas32.Axpy(suite.AxpyAlpha, x, y); return nil },
		Kernel: "blas32.Axpy",
	}, nil
}
