package net

import (
	"github.com/simdconv/simdconv/kernels/geometry"
	"github.com/simdconv/simdconv/pool"
)

// buildPool adds a pooling with a window of size x size; 0 means 2, and a
// stride of 0 the size.
func buildPool(b *Builder, kind, given string, op pool.Op, size, stride int, padding Padding, in []Value) (Value, error) {
	name, x, err := begin(b, kind, given, in)
	if err != nil {
		return Value{}, err
	}
	h, w, c, err := wantMap(name, x)
	if err != nil {
		return Value{}, err
	}
	if err := atLeast(name, "PoolSize", size, 0); err != nil {
		return Value{}, err
	}
	if err := atLeast(name, "Strides", stride, 0); err != nil {
		return Value{}, err
	}
	if size == 0 {
		size = 2
	}
	if stride == 0 {
		stride = size
	}
	win, err := padding.apply(name, geometry.Window{H: h, W: w, R: size, S: size, StrideH: stride, StrideW: stride})
	if err != nil {
		return Value{}, err
	}
	oh, ow := win.Out()
	return b.Add(Node{Name: name, Op: poolOp{op, pool.Shape{C: c, Window: win}}, Out: Shape{oh, ow, c}}, in[0])
}

type poolOp struct {
	op    pool.Op
	shape pool.Shape
}

func (op poolOp) Plan(c Context) (Runner, error) {
	s := op.shape
	s.N = c.Batch
	plan, err := pool.NewPlan(op.op, s, c.Engine.Options())
	if err != nil {
		return nil, err
	}
	r := &poolRunner{plan: plan, ws: plan.NewWorkspace()}
	if c.Train && op.op == pool.Max {
		r.argmax = make([]uint8, plan.YLen())
	}
	return r, nil
}

type poolRunner struct {
	plan   *pool.Plan
	ws     *pool.Workspace
	argmax []uint8 // training of Max only
}

func (r *poolRunner) Forward(a *Args) error {
	return r.plan.Forward(r.ws, a.Y, r.argmax, a.X[0])
}

func (r *poolRunner) Backward(a *Args) error {
	return r.plan.Backward(r.ws, a.DX[0], a.DY, r.argmax)
}
