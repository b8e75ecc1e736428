package suite

import (
	"fmt"

	"github.com/simdconv/simdconv/benchmarks/shapes"
	"github.com/simdconv/simdconv/conv"
	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/ref"
)

// Impl is what names call this library.
const Impl = "simdconv"

// Naive is the algorithm of kernels/ref: plain loops, on one thread.
const Naive = "naive"

// NaiveFLOP bounds the floating-point operations that plain loops are waited for.
const NaiveFLOP = 0.5e9

// A Conv is one row of BenchmarkConv.
type Conv struct {
	Net            string
	Layer          shapes.Layer
	Pass           conv.Pass
	Algo           string
	Tier           kernels.Tier
	N, Threads     int
	PackEach, Cold bool // weights are packed in each call; caches are emptied before it
}

// Name returns the row's name below BenchmarkConv for a library.
func (r Conv) Name(impl string) string {
	name := fmt.Sprintf("impl=%s/net=%s/layer=%s/pass=%v/algo=%s/isa=%v/n=%d/threads=%d",
		impl, r.Net, r.Layer.Name, r.Pass, r.Algo, r.Tier, r.N, r.Threads)
	if r.PackEach {
		name += "/pack=each"
	}
	return name + Cache(r.Cold)
}

// Cache returns the end of a row's name.
func Cache(cold bool) string {
	if cold {
		return "/cache=cold"
	}
	return ""
}

// Shape returns the row's convolution.
func (r Conv) Shape() conv.Shape {
	return conv.Shape{N: r.N, C: r.Layer.C, K: r.Layer.K, Window: r.Layer.Window}
}

// FLOP returns the operations of a call, see [shapes.Layer.FLOP].
func (r Conv) FLOP() float64 { return r.Layer.FLOP(r.N) }

// A Refusal is why an algorithm cannot do a row.
type Refusal struct{ Err error }

func (r *Refusal) Error() string { return r.Err.Error() }

func (r *Refusal) Unwrap() error { return r.Err }

// Call returns what a row of this library times and the size of its workspace,
// in bytes. The call writes out. The error is a [Refusal] if it is the algorithm
// that cannot do the row.
func (r Conv) Call(o *Operands, out []float32) (call func() error, workspace int, err error) {
	if r.Algo == Naive {
		c := refConv(r.Shape())
		return func() error { loops(r.Pass, c, out, o.X, o.W, o.DY); return nil }, 0, nil
	}
	p, err := r.Plan()
	if err != nil {
		return nil, 0, err
	}
	ws, err := p.NewWorkspace(r.Pass)
	if err != nil {
		return nil, 0, err
	}
	if r.Pass == conv.BackwardWeights {
		call = func() error { return p.BackwardWeights(ws, out, nil, o.DY, o.X) }
		return call, p.WorkspaceSize(r.Pass), nil
	}
	packed, err := p.NewPacked(r.Pass)
	if err != nil {
		return nil, 0, err
	}
	if err := p.Pack(packed, o.W); err != nil {
		return nil, 0, err
	}
	if r.Pass == conv.Forward {
		call = func() error { return p.Forward(ws, out, o.X, packed, conv.Epilogue{}) }
	} else {
		call = func() error { return p.BackwardData(ws, out, o.DY, packed) }
	}
	if pass := call; r.PackEach {
		call = func() error {
			if err := p.Pack(packed, o.W); err != nil {
				return err
			}
			return pass()
		}
	}
	return call, p.WorkspaceSize(r.Pass), nil
}

// Plan returns the row's plan, or a [Refusal] if its algorithm cannot do the row.
func (r Conv) Plan() (*conv.Plan, error) {
	a, err := conv.ParseAlgorithm(r.Algo)
	if err != nil {
		return nil, err
	}
	o := conv.Options{Options: kernels.Options{Tier: r.Tier, Threads: r.Threads}}
	// Without the algorithm the plan must exist, or it is the row that is wrong.
	if _, err := conv.NewPlan(r.Shape(), o); err != nil {
		return nil, err
	}
	switch r.Pass {
	case conv.Forward:
		o.Forward = a
	case conv.BackwardData:
		o.BackwardData = a
	case conv.BackwardWeights:
		o.BackwardWeights = a
	default:
		return nil, fmt.Errorf("not a single pass: %v", r.Pass)
	}
	p, err := conv.NewPlan(r.Shape(), o)
	if err != nil {
		return nil, &Refusal{err}
	}
	return p, nil
}

// refConv returns a shape for package ref.
func refConv(s conv.Shape) ref.Conv {
	return ref.Conv{
		N: s.N, H: s.H, W: s.W, C: s.C, K: s.K, R: s.R, S: s.S,
		StrideH: s.StrideH, StrideW: s.StrideW, DilationH: s.DilationH, DilationW: s.DilationW,
		Top: s.Top, Bottom: s.Bottom, Left: s.Left, Right: s.Right, Groups: s.Groups,
	}
}

// loops runs a pass by plain loops.
func loops[T ref.Float](pass conv.Pass, c ref.Conv, out, x, w, dy []T) {
	switch pass {
	case conv.Forward:
		ref.ConvForward(c, out, x, w)
	case conv.BackwardData:
		ref.ConvBackwardData(c, out, dy, w)
	case conv.BackwardWeights:
		ref.ConvBackwardWeights(c, out, dy, x)
	}
}
