package net

import "github.com/simdconv/simdconv/pool"

// MaxPool2D keeps the largest value of each PoolSize x PoolSize window of a
// map [H, W, C], channel by channel; with equal values the first one takes the
// gradient. Padding takes no part. The output is [H', W', C].
type MaxPool2D struct {
	Name     string
	PoolSize int // 0 means 2
	Strides  int // 0 means PoolSize
	Padding  Padding
}

// Build adds the pooling.
func (l MaxPool2D) Build(b *Builder, in ...Value) (Value, error) {
	return buildPool(b, "max_pooling2d", l.Name, pool.Max, l.PoolSize, l.Strides, l.Padding, in)
}
