package net

import (
	"fmt"

	"github.com/simdconv/simdconv/conv"
	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/geometry"
)

// Padding says what surrounds a map before a window slides over it.
type Padding int

const (
	Valid Padding = iota // nothing: the window stays inside
	Same                 // zeros so that output = ceil(input / stride); the odd one goes after
)

// String returns Keras's name.
func (p Padding) String() string {
	switch p {
	case Valid:
		return "valid"
	case Same:
		return "same"
	}
	return fmt.Sprintf("Padding(%d)", int(p))
}

// apply gives w the padding p and checks it against the map.
func (p Padding) apply(name string, w geometry.Window) (geometry.Window, error) {
	switch p {
	case Valid:
		w = w.Valid()
	case Same:
		w = w.Same()
	default:
		return w, fmt.Errorf("net: %s: padding %d is unknown, want Valid or Same", name, int(p))
	}
	w, err := w.Check()
	if err != nil {
		return w, layerError(name, err)
	}
	return w, nil
}

// Conv2D convolves a map [H, W, C] with Filters kernels:
//
//	y[o, p, k] = act(bias[k] + sum over r, s, c of x[o*Strides + r*Dilation - top, ...] * kernel[r, s, c, k])
//
// Parameters: kernel [KernelSize, KernelSize, C/Groups, Filters], Glorot
// uniform; bias [Filters], zeros. The output is [H', W', Filters].
type Conv2D struct {
	Name       string
	Filters    int
	KernelSize int
	Strides    int // 0 means 1
	Padding    Padding
	Dilation   int // 0 means 1
	Groups     int // 0 means 1; divides C and Filters
	Activation Activation
	NoBias     bool // Keras's use_bias=False

	KernelInitializer, BiasInitializer Initializer // nil means GlorotUniform, Zeros
}

// Build adds the convolution, and its activation where it is not fused.
func (l Conv2D) Build(b *Builder, in ...Value) (Value, error) {
	name, x, err := begin(b, "conv2d", l.Name, in)
	if err != nil {
		return Value{}, err
	}
	h, w, c, err := wantMap(name, x)
	if err != nil {
		return Value{}, err
	}
	if err := l.check(name, c); err != nil {
		return Value{}, err
	}
	groups := max(l.Groups, 1)
	win, err := l.Padding.apply(name, geometry.Window{
		H: h, W: w, R: l.KernelSize, S: l.KernelSize,
		StrideH: l.Strides, StrideW: l.Strides, DilationH: l.Dilation, DilationW: l.Dilation,
	})
	if err != nil {
		return Value{}, err
	}
	kernelShape := Shape{l.KernelSize, l.KernelSize, c / groups, l.Filters}
	if err := kernelShape.check(); err != nil {
		return Value{}, layerError(name, fmt.Errorf("kernel: %w", err))
	}
	op := &convOp{
		shape:  conv.Shape{C: c, K: l.Filters, Window: win, Groups: groups},
		kernel: NewParam(name+"/kernel", kernelShape, orInit(l.KernelInitializer, GlorotUniform{})),
		act:    l.Activation.fuse(),
	}
	params := []*Param{op.kernel}
	if !l.NoBias {
		op.bias = NewParam(name+"/bias", Shape{l.Filters}, orInit(l.BiasInitializer, Zeros{}))
		params = append(params, op.bias)
	}
	oh, ow := win.Out()
	y, err := b.Add(Node{
		Name: name, Op: op, Out: Shape{oh, ow, l.Filters}, Params: params,
		BackwardX: true, BackwardY: op.act == kernels.ActReLU,
	}, in[0])
	return l.Activation.rest(b, name, y, err)
}

func (l Conv2D) check(name string, c int) error {
	for _, v := range []struct {
		what        string
		size, least int
	}{
		{"Filters", l.Filters, 1}, {"KernelSize", l.KernelSize, 1},
		{"Strides", l.Strides, 0}, {"Dilation", l.Dilation, 0}, {"Groups", l.Groups, 0},
	} {
		if err := atLeast(name, v.what, v.size, v.least); err != nil {
			return err
		}
	}
	if g := max(l.Groups, 1); c%g != 0 || l.Filters%g != 0 {
		return fmt.Errorf("net: %s: Groups = %d, want a divisor of the input's %d channels and of Filters = %d", name, g, c, l.Filters)
	}
	return l.Activation.check(name)
}

type convOp struct {
	shape        conv.Shape
	kernel, bias *Param // bias nil without one
	act          kernels.Activation
}

func (op *convOp) Plan(c Context) (Runner, error) {
	s := op.shape
	s.N = c.Batch
	once := c.Train && op.kernel.Trainable // each step packs anew
	plan, err := conv.NewPlan(s, conv.Options{Options: c.Engine.Options(), Once: once})
	if err != nil {
		return nil, err
	}
	r := &convRunner{convOp: op, e: c.Engine, plan: plan}
	passes := conv.Forward
	var packed *conv.Room
	if once {
		packed = c.Room
	}
	if r.forward, err = plan.NewPackedIn(packed, conv.Forward); err != nil {
		return nil, err
	}
	if c.Train {
		passes |= conv.BackwardWeights
	}
	if c.Train && c.WantDX {
		passes |= conv.BackwardData
		if r.backward, err = plan.NewPackedIn(packed, conv.BackwardData); err != nil {
			return nil, err
		}
	}
	r.ws, err = plan.NewWorkspaceIn(c.Room, passes)
	return r, err
}

type convRunner struct {
	*convOp
	e    *kernels.Engine
	plan *conv.Plan
	ws   *conv.Workspace

	forward, backward   *conv.Packed
	forwardV, backwardV uint64 // versions of the kernel that they hold
}

// pack packs the kernel unless dst, of version has, holds it already.
func (r *convRunner) pack(dst *conv.Packed, has *uint64) error {
	v := r.kernel.Version()
	if v == *has && dst.Filled() {
		return nil
	}
	if err := r.plan.Pack(dst, r.kernel.Data); err != nil {
		return err
	}
	*has = v
	return nil
}

func (r *convRunner) Forward(a *Args) error {
	if err := r.pack(r.forward, &r.forwardV); err != nil {
		return err
	}
	ep := conv.Epilogue{Act: r.act}
	if r.bias != nil {
		ep.Bias = r.bias.Data
	}
	return r.plan.Forward(r.ws, a.Y, a.X[0], r.forward, ep)
}

func (r *convRunner) Backward(a *Args) error {
	if r.act == kernels.ActReLU {
		r.e.ReLUBackward(a.DY, a.DY, a.Y)
	}
	if err := r.backwardWeights(a); err != nil {
		return err
	}
	if a.DX[0] == nil {
		return nil
	}
	if err := r.pack(r.backward, &r.backwardV); err != nil {
		return err
	}
	return r.plan.BackwardData(r.ws, a.DX[0], a.DY, r.backward)
}

// backwardWeights computes the gradients of what is trainable.
func (r *convRunner) backwardWeights(a *Args) error {
	var db []float32
	if r.bias != nil && r.bias.Trainable {
		db = r.bias.Grad
	}
	if r.kernel.Trainable {
		return r.plan.BackwardWeights(r.ws, r.kernel.Grad, db, a.DY, a.X[0])
	}
	if db != nil {
		r.e.SumRows(db, a.DY)
	}
	return nil
}
