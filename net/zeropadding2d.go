package net

import (
	"fmt"

	"github.com/simdconv/simdconv/kernels/geometry"
)

// ZeroPadding2D surrounds a map [H, W, C] with zeros. Padding is one number for
// all sides, two for rows and columns, or four: top, bottom, left, right. None
// means 1.
type ZeroPadding2D struct {
	Name    string
	Padding []int
}

// Build adds the zeros.
func (l ZeroPadding2D) Build(b *Builder, in ...Value) (Value, error) {
	name, x, err := begin(b, "zero_padding2d", l.Name, in)
	if err != nil {
		return Value{}, err
	}
	h, w, c, err := wantMap(name, x)
	if err != nil {
		return Value{}, err
	}
	p, err := l.sides(name)
	if err != nil {
		return Value{}, err
	}
	// Checked before the sums, which could overflow.
	for _, v := range []int{p.Top, p.Bottom, p.Left, p.Right} {
		if _, err := geometry.Volume(v, 4); err != nil {
			return Value{}, layerError(name, fmt.Errorf("Padding %v: %w", l.Padding, err))
		}
	}
	op := padOp{p, h, w, c}
	return b.Add(Node{Name: name, Op: op, Out: Shape{p.Top + h + p.Bottom, p.Left + w + p.Right, c}}, in[0])
}

func (l ZeroPadding2D) sides(name string) (p geometry.Padding, err error) {
	switch v := l.Padding; len(v) {
	case 0:
		return geometry.Padding{Top: 1, Bottom: 1, Left: 1, Right: 1}, nil
	case 1:
		p = geometry.Padding{Top: v[0], Bottom: v[0], Left: v[0], Right: v[0]}
	case 2:
		p = geometry.Padding{Top: v[0], Bottom: v[0], Left: v[1], Right: v[1]}
	case 4:
		p = geometry.Padding{Top: v[0], Bottom: v[1], Left: v[2], Right: v[3]}
	default:
		return p, fmt.Errorf("net: %s: %d numbers of Padding, want 1, 2 or 4", name, len(v))
	}
	for _, v := range l.Padding {
		if err := atLeast(name, "Padding", v, 0); err != nil {
			return p, err
		}
	}
	return p, nil
}

type padOp struct {
	geometry.Padding
	h, w, c int
}

func (op padOp) Plan(Context) (Runner, error) { return op, nil }

func (op padOp) Forward(a *Args) error {
	x, y := a.X[0], a.Y
	clear(y)
	op.rows(len(x), func(from, to, n int) { copy(y[to:to+n], x[from:]) })
	return nil
}

func (op padOp) Backward(a *Args) error {
	dx, dy := a.DX[0], a.DY
	op.rows(len(dx), func(to, from, n int) { copy(dx[to:to+n], dy[from:]) })
	return nil
}

// rows calls f for each row of all images: where it begins without padding and
// with it, and its length. size is that of all images without padding.
func (op padOp) rows(size int, f func(plain, padded, n int)) {
	n := op.w * op.c
	wide := (op.Left + op.w + op.Right) * op.c
	for row := range size / n {
		image, i := row/op.h, row%op.h
		line := image*(op.Top+op.h+op.Bottom) + op.Top + i
		f(row*n, line*wide+op.Left*op.c, n)
	}
}
