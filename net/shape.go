package net

import (
	"slices"
	"strconv"
	"strings"

	"github.com/simdconv/simdconv/kernels/geometry"
)

// A Shape is the size of one sample, without the batch: [H, W, C] for a map,
// [features] for a vector.
type Shape []int

// String writes the sizes as 28x28x1.
func (s Shape) String() string {
	var b strings.Builder
	for i, d := range s {
		if i > 0 {
			b.WriteByte('x')
		}
		b.WriteString(strconv.Itoa(d))
	}
	return b.String()
}

// Len returns the number of values of one sample.
func (s Shape) Len() int {
	n := 1
	for _, d := range s {
		n *= d
	}
	return n
}

// Equal reports whether s and t are the same sizes in the same order.
func (s Shape) Equal(t Shape) bool { return slices.Equal(s, t) }

// check reports a size below one, or a product that does not fit.
func (s Shape) check() error {
	if len(s) == 0 {
		return errEmptyShape
	}
	for _, d := range s {
		if d < 1 {
			return sizeError(s)
		}
	}
	_, err := geometry.Volume(s...)
	return err
}
