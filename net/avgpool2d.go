package net

import "github.com/simdconv/simdconv/pool"

// AvgPool2D takes the mean of each PoolSize x PoolSize window of a map
// [H, W, C], channel by channel. Padding is not counted: a window at the edge
// is divided by the number of its pixels, as in Keras. The output is
// [H', W', C].
type AvgPool2D struct {
	Name     string
	PoolSize int // 0 means 2
	Strides  int // 0 means PoolSize
	Padding  Padding
}

// Build adds the pooling.
func (l AvgPool2D) Build(b *Builder, in ...Value) (Value, error) {
	return buildPool(b, "average_pooling2d", l.Name, pool.Average, l.PoolSize, l.Strides, l.Padding, in)
}

// GlobalAvgPool2D takes the mean of each channel of a map [H, W, C]: the output
// is a vector [C].
type GlobalAvgPool2D struct {
	Name string
}

// Build adds the pooling.
func (l GlobalAvgPool2D) Build(b *Builder, in ...Value) (Value, error) {
	name, x, err := begin(b, "global_average_pooling2d", l.Name, in)
	if err != nil {
		return Value{}, err
	}
	h, w, c, err := wantMap(name, x)
	if err != nil {
		return Value{}, err
	}
	return b.Add(Node{Name: name, Op: poolOp{pool.Average, pool.Global(0, h, w, c)}, Out: Shape{c}}, in[0])
}
