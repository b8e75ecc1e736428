//go:build onednn && cgo

package onednn

// #include "dnn.h"
import "C"

import (
	"fmt"
	"runtime"

	"github.com/simdconv/simdconv/benchmarks/compare/peers"
	"github.com/simdconv/simdconv/benchmarks/suite"
	"github.com/simdconv/simdconv/bn"
	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/pool"
)

// Memory prepares the fastest of oneDNN's ways: in NHWC and in its own layout,
// and what is fused in one primitive and in several.
func (library) Memory(r suite.Memory, in, out [][]float32) (peers.Run, error) {
	if err := setThreads(r.Threads); err != nil {
		return peers.Run{}, err
	}
	block := 16
	if r.Tier == kernels.TierAVX2 {
		block = 8
	}
	var runs []peers.Run
	var refused error
	try := func(layout string, create func(c **C.chain) C.int) {
		run, err := newChain(r.Threads, in, out, layout, create)
		if err != nil {
			refused = &suite.Refusal{Err: err}
			return
		}
		runs = append(runs, run)
	}
	switch op := r.Op.(type) {
	case suite.Pool:
		for _, blocked := range []int{0, block} {
			try(layoutName(blocked), func(c **C.chain) C.int { return newPool(c, op, blocked, in, out) })
		}
	case suite.BatchNorm:
		ways := []int{0}
		if op.Fused {
			ways = []int{1, 2}
		}
		for _, blocked := range []int{0, block} {
			for _, way := range ways {
				try(layoutName(blocked), func(c **C.chain) C.int { return newBatchNorm(c, op, r.N, blocked, way, in, out) })
			}
		}
	case suite.Vec:
		kind, ok := vecKinds[op.Name]
		if !ok {
			return peers.Run{}, &suite.Refusal{Err: fmt.Errorf("no primitive for %s", op.Name)}
		}
		try("plain", func(c **C.chain) C.int { return newVec(c, op, kind, in, out) })
	}
	if runs == nil {
		return peers.Run{}, refused
	}
	return peers.Duel{Threads: r.Threads, Cold: r.Cold}.Fastest(runs)
}

func layoutName(block int) string {
	if block == 0 {
		return "nhwc"
	}
	return fmt.Sprintf("nChw%dc", block)
}

// newChain prepares a chain, which keeps pointers to the operands.
func newChain(threads int, in, out [][]float32, layout string, create func(c **C.chain) C.int) (peers.Run, error) {
	var pins runtime.Pinner
	for _, operands := range [][][]float32{in, out} {
		for _, s := range operands {
			pins.Pin(&s[0])
		}
	}
	var c *C.chain
	if err := check("primitive", create(&c)); err != nil {
		pins.Unpin()
		return peers.Run{}, err
	}
	run := peers.Run{
		Call:   func() error { return check("dnnl_primitive_execute", C.chain_run(c)) },
		Result: func() ([]float32, error) { return nil, check("reorder of the result", C.chain_store(c)) },
		Begin:  func() func() { C.dnn_threads(C.int(threads)); return func() {} },
		Close:  func() { C.chain_free(c); pins.Unpin() },
		Kernel: layout + " " + C.GoString(C.chain_kernel(c)),
	}
	if err := check("reorder", C.chain_load(c)); err != nil {
		run.Close()
		return peers.Run{}, err
	}
	return run, nil
}

func newPool(c **C.chain, p suite.Pool, blocked int, in, out [][]float32) C.int {
	s := C.pool_spec{
		average: flag(p.Op == pool.Average), backward: flag(p.Backward), blocked: C.int(blocked),
		n: C.long(p.N), h: C.long(p.H), w: C.long(p.W), c: C.long(p.C), r: C.long(p.R), s: C.long(p.S),
		stride_h: C.long(p.StrideH), stride_w: C.long(p.StrideW),
		top: C.long(p.Top), left: C.long(p.Left), bottom: C.long(p.Bottom), right: C.long(p.Right),
	}
	if p.Backward {
		s.dy, s.x, s.dx = pointer(in[0]), pointer(in[1]), pointer(out[0])
	} else {
		s.x, s.y = pointer(in[0]), pointer(out[0])
	}
	return C.pool_new(c, &s)
}

func newBatchNorm(c **C.chain, b suite.BatchNorm, n, blocked, fused int, in, out [][]float32) C.int {
	s := C.batchnorm_spec{
		blocked: C.int(blocked), fused: C.int(fused), epsilon: bn.DefaultEpsilon,
		n: C.long(n), h: C.long(b.H), w: C.long(b.M / n / b.H), c: C.long(b.C),
	}
	if b.Fused {
		s.residual = pointer(in[len(in)-1])
	}
	switch b.Pass {
	case "train":
		s.x, s.gamma, s.beta = pointer(in[0]), pointer(in[1]), pointer(in[2])
		s.y, s.mean = pointer(out[0]), pointer(out[1])
	case "bwd":
		s.pass = 1
		s.dy, s.x, s.gamma, s.beta = pointer(in[0]), pointer(in[1]), pointer(in[2]), pointer(in[3])
		s.dx, s.dgamma, s.dbeta = pointer(out[0]), pointer(out[1]), pointer(out[2])
		if b.Fused {
			s.dresidual = pointer(out[3])
		}
	default:
		s.pass = 2
		s.x, s.gamma, s.beta, s.mean, s.variance = pointer(in[0]), pointer(in[1]), pointer(in[2]), pointer(in[3]), pointer(in[4])
		s.y = pointer(out[0])
	}
	return C.batchnorm_new(c, &s)
}

var vecKinds = map[string]C.int{
	"add": C.VEC_ADD, "add_bias": C.VEC_ADD_BIAS, "relu": C.VEC_RELU, "relu_backward": C.VEC_RELU_BACKWARD,
	"sigmoid": C.VEC_SIGMOID, "tanh": C.VEC_TANH, "softmax": C.VEC_SOFTMAX,
}

func newVec(c **C.chain, v suite.Vec, kind C.int, in, out [][]float32) C.int {
	s := C.vec_spec{op: kind, rows: C.long(v.Elements / suite.VecCols), cols: suite.VecCols, out: pointer(out[0])}
	if v.Name == "add_bias" {
		s.b = pointer(in[0])
	} else {
		s.a = pointer(in[0])
		if len(in) > 1 {
			s.b = pointer(in[1])
		}
	}
	return C.vec_new(c, &s)
}
