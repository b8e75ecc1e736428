package safetensors

import (
	"fmt"
	"math"
	"slices"
)

// An Info is what a header says of one tensor. Its data is the bytes Begin up
// to End, counted from the end of the header.
type Info struct {
	Name       string
	DType      DType
	Shape      []int // empty for a single value
	Begin, End int64
}

// Len returns the number of values.
func (t Info) Len() int {
	n := 1
	for _, d := range t.Shape {
		n *= d
	}
	return n
}

// size returns how many bits the values of a shape take; ok is false where an
// int64 does not hold that.
func size(shape []int, bits int) (n int64, ok bool) {
	n = 1
	for _, d := range append(slices.Clone(shape), bits) {
		if d != 0 && n > math.MaxInt64/int64(d) {
			return 0, false
		}
		n *= int64(d)
	}
	return n, true
}

// check makes sure that tensors, in the order of their data, cover it without
// gaps and overlaps, and are as large as their shapes say.
func check(tensors []Info, limit int64) error {
	end, before := int64(0), ""
	for _, t := range tensors {
		if t.Begin != end {
			where := "the data begins"
			if before != "" {
				where = fmt.Sprintf("%.100q ends", before)
			}
			return tensorError(t.Name, "data_offsets [%d, %d], want them to begin at %d, where %s", t.Begin, t.End, end, where)
		}
		if t.End < t.Begin {
			return tensorError(t.Name, "data_offsets [%d, %d] end before they begin", t.Begin, t.End)
		}
		bits, ok := size(t.Shape, t.DType.Bits())
		if !ok {
			return tensorError(t.Name, "shape %v is too large", t.Shape)
		}
		if bits%8 != 0 {
			return tensorError(t.Name, "shape %v of %s is %d bits, want whole bytes", t.Shape, t.DType, bits)
		}
		if bits/8 != t.End-t.Begin {
			return tensorError(t.Name, "shape %v of %s is %d bytes, but data_offsets [%d, %d] are %d", t.Shape, t.DType, bits/8, t.Begin, t.End, t.End-t.Begin)
		}
		if t.End > limit {
			return tensorError(t.Name, "data_offsets [%d, %d], want at most %d bytes of data (MaxBytes)", t.Begin, t.End, limit)
		}
		end, before = t.End, t.Name
	}
	return nil
}
