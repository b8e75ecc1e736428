package kerneltest

import (
	"math"
	"testing"
	"unsafe"
)

// Guarded returns n zeroed floats that lie flush against a page without read
// or write permission: the page follows them if atEnd is set and precedes them
// otherwise. An access to that page is a fault, which ends the test binary
// with the address and the stack. The rest of the page on the other side is
// checked for stray writes when the test ends, and the memory is then
// unmapped. With n = 0 every access through the slice's pointer is a fault.
//
// The guards exist on Linux and macOS; elsewhere the result is a plain slice.
func Guarded(t testing.TB, n int, atEnd bool) []float32 {
	t.Helper()
	return unsafe.Slice((*float32)(guarded(t, 4*n, atEnd)), n)
}

// GuardedBytes is [Guarded] for bytes.
func GuardedBytes(t testing.TB, n int, atEnd bool) []uint8 {
	t.Helper()
	return unsafe.Slice((*uint8)(guarded(t, n, atEnd)), n)
}

// canaryBits is a quiet NaN that no arithmetic produces.
const canaryBits = 0x7fc0dead

// canaryMargin is the number of floats watched on each side: more than any
// register tile is wide.
const canaryMargin = 256

// Canary returns n floats that lie inside a larger array, and a function that
// fails the test if one of the neighbours on either side has changed. The
// slice itself starts out as NaN too, so that an element which a kernel forgot
// to write does not pass for a zero.
func Canary(t testing.TB, n int) (s []float32, check func()) {
	t.Helper()
	all := make([]float32, n+2*canaryMargin)
	for i := range all {
		all[i] = math.Float32frombits(canaryBits)
	}
	check = func() {
		t.Helper()
		for i, v := range all {
			inside := i >= canaryMargin && i < canaryMargin+n
			if !inside && math.Float32bits(v) != canaryBits {
				t.Errorf("kerneltest: stray write of %v at index %d of a slice of length %d", v, i-canaryMargin, n)
				return
			}
		}
	}
	return all[canaryMargin : canaryMargin+n : canaryMargin+n], check
}
