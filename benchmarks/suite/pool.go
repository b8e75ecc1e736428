package suite

import (
	"fmt"

	"github.com/simdconv/simdconv/benchmarks/roof"
	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/geometry"
	"github.com/simdconv/simdconv/kernels/ref"
	"github.com/simdconv/simdconv/pool"
)

// A Pool is a pooling or its gradient. Forward reads x and writes y; backward
// reads dy and x, and writes dx.
type Pool struct {
	Op       pool.Op
	Window   string // its name
	Backward bool
	pool.Shape
}

// poolChannels is the channels of the maps: those of a network's first layers.
const poolChannels = 64

// pools are the windows that networks have.
func pools(n int) (ops []MemoryOp) {
	for _, h := range []int{112, 56} {
		square := func(f, stride int) geometry.Window {
			return geometry.Window{H: h, W: h, R: f, S: f, StrideH: stride, StrideW: stride}
		}
		for _, p := range []Pool{
			{Op: pool.Max, Window: "2x2_s2", Shape: pool.Shape{Window: square(2, 2).Valid()}},
			{Op: pool.Max, Window: "3x3_s2", Shape: pool.Shape{Window: square(3, 2).Same()}},
			{Op: pool.Average, Window: "2x2_s2", Shape: pool.Shape{Window: square(2, 2).Valid()}},
			{Op: pool.Average, Window: "3x3_s2", Shape: pool.Shape{Window: square(3, 2).Same()}},
			{Op: pool.Average, Window: "global", Shape: pool.Shape{Window: square(h, 1).Valid()}},
		} {
			p.N, p.C = n, poolChannels
			for _, p.Backward = range []bool{false, true} {
				ops = append(ops, p)
			}
		}
	}
	return ops
}

func (p Pool) Label() string {
	pass := "fwd"
	if p.Backward {
		pass = "bwd"
	}
	return fmt.Sprintf("op=%v/window=%s/h=%d/c=%d/pass=%s", p.Op, p.Window, p.H, p.C, pass)
}

func (p Pool) Bytes() int { return p.Traffic().Bytes() }

// Traffic has a byte for each maximum: where it came from.
func (p Pool) Traffic() roof.Traffic {
	x, y, arg := 4*p.XLen(), 4*p.YLen(), 0
	if p.Op == pool.Max {
		arg = p.YLen()
	}
	if p.Backward {
		return roof.Traffic{Read: y + arg, Write: x}
	}
	return roof.Traffic{Read: x, Write: y + arg}
}

func (p Pool) Operands() (in, out [][]float32) {
	x, y := filled(p.XLen(), 1), filled(p.YLen(), 2)
	if p.Backward {
		return [][]float32{y, x}, [][]float32{make([]float32, p.XLen())}
	}
	clear(y)
	return [][]float32{x}, [][]float32{y}
}

func (p Pool) Reset(out [][]float32) { clear(out[0]) }

func (p Pool) Call(o kernels.Options, in, out [][]float32) (func() error, error) {
	plan, err := pool.NewPlan(p.Op, p.Shape, o)
	if err != nil {
		return nil, err
	}
	ws := plan.NewWorkspace()
	var arg []uint8
	if p.Op == pool.Max {
		arg = make([]uint8, plan.YLen())
	}
	if !p.Backward {
		return func() error { return plan.Forward(ws, out[0], arg, in[0]) }, nil
	}
	if err := plan.Forward(ws, make([]float32, plan.YLen()), arg, in[1]); err != nil {
		return nil, err
	}
	return func() error { return plan.Backward(ws, out[0], in[0], arg) }, nil
}

// Want returns the last image.
func (p Pool) Want(in, _ [][]float32) [][]float64 {
	r := ref.Pool{N: 1, H: p.H, W: p.W, C: p.C, R: p.R, S: p.S, StrideH: p.StrideH, StrideW: p.StrideW,
		Top: p.Top, Bottom: p.Bottom, Left: p.Left, Right: p.Right, CountPadding: p.CountPadding}
	x, y, arg := make([]float64, r.XLen()), make([]float64, r.YLen()), make([]uint8, r.YLen())
	forward := func(x []float64) {
		if p.Op == pool.Max {
			ref.MaxPoolForward(r, y, arg, x)
		} else {
			ref.AvgPoolForward(r, y, x)
		}
	}
	if !p.Backward {
		forward(tail(in[0], r.XLen()))
		return [][]float64{y}
	}
	dy := tail(in[0], r.YLen())
	if p.Op == pool.Max {
		forward(tail(in[1], r.XLen()))
		ref.MaxPoolBackward(r, x, dy, arg)
	} else {
		ref.AvgPoolBackward(r, x, dy)
	}
	return [][]float64{x}
}

func (p Pool) Terms() int { return p.R * p.S }
