package net

import "fmt"

// Concat joins two or more values along their last axis, as Keras's
// Concatenate does: maps [H, W, C1] and [H, W, C2] become [H, W, C1+C2].
type Concat struct {
	Name string
}

// Build adds the joint.
func (l Concat) Build(b *Builder, in ...Value) (Value, error) {
	name, err := b.Name("concatenate", l.Name)
	if err != nil {
		return Value{}, err
	}
	if err := b.several(name, in); err != nil {
		return Value{}, err
	}
	first := in[0].shape
	last := len(first) - 1
	out := append(Shape(nil), first...)
	op := concatOp{first[last]}
	for _, v := range in[1:] {
		if len(v.shape) != len(first) || !v.shape[:last].Equal(first[:last]) {
			return Value{}, fmt.Errorf("net: %s: input shapes %v and %v, want them equal but for the last size", name, first, v.shape)
		}
		op = append(op, v.shape[last])
		out[last] += v.shape[last]
	}
	return b.Add(Node{Name: name, Op: op, Out: out}, in...)
}

// A concatOp is the last size of each input.
type concatOp []int

func (op concatOp) Plan(Context) (Runner, error) {
	r := concatRunner{cols: op}
	for _, c := range op {
		r.all += c
	}
	return r, nil
}

type concatRunner struct {
	cols []int
	all  int
}

func (r concatRunner) Forward(a *Args) error {
	at := 0
	for k, c := range r.cols {
		x, y := a.X[k], a.Y[at:]
		for ; len(x) > c; x, y = x[c:], y[r.all:] {
			copy(y, x[:c])
		}
		copy(y, x)
		at += c
	}
	return nil
}

func (r concatRunner) Backward(a *Args) error {
	at := 0
	for k, c := range r.cols {
		dx, dy := a.DX[k], a.DY[at:]
		for ; len(dx) > 0; dx = dx[c:] {
			copy(dx[:c], dy)
			dy = dy[min(r.all, len(dy)):]
		}
		at += c
	}
	return nil
}
