//go:build !darwin && !linux

package kerneltest

import (
	"testing"
	"unsafe"
)

// guardsFault says whether Guarded protects its buffers on this system.
const guardsFault = false

// guarded returns size zeroed bytes from the Go heap, aligned for float32.
func guarded(_ testing.TB, size int, _ bool) unsafe.Pointer {
	return unsafe.Pointer(unsafe.SliceData(make([]float32, size/4+1)))
}
