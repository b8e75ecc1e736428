package kernels

import "unsafe"

// Align is the alignment of packed buffers in bytes: a cache line, and the
// widest vector.
const Align = 64

// AlignedFloats returns n zeroed floats whose first starts on a multiple of
// [Align]. On Linux, where transparent huge pages are on or left to programs, those
// of 4 MiB and more are mostly in huge pages.
func AlignedFloats(n int) []float32 {
	const per = Align / 4
	s := make([]float32, n+per-1)
	adviseHuge(s)
	at := 0
	if over := int(uintptr(unsafe.Pointer(unsafe.SliceData(s))) % Align); over != 0 {
		at = (Align - over) / 4
	}
	return s[at : at+n : at+n]
}

// Overlap reports whether two slices share an element.
func Overlap(a, b []float32) bool {
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	a0, b0 := uintptr(unsafe.Pointer(&a[0])), uintptr(unsafe.Pointer(&b[0]))
	return a0 < b0+4*uintptr(len(b)) && b0 < a0+4*uintptr(len(a))
}
