package peers

import (
	"errors"
	"testing"

	"github.com/simdconv/simdconv/benchmarks/suite"
	"github.com/simdconv/simdconv/kernels"
)

// A brokenOp is an operation that plain loops do not know and whose call fails.
type brokenOp struct{ suite.MemoryOp }

func (brokenOp) Label() string                             { return "op=broken" }
func (brokenOp) Operands() (in, out [][]float32)           { return [][]float32{{1}}, [][]float32{{0}} }
func (brokenOp) Reset([][]float32)                         {}
func (brokenOp) Want([][]float32, [][]float32) [][]float64 { return nil }

func (brokenOp) Call(kernels.Options, [][]float32, [][]float32) (func() error, error) {
	return func() error { return errors.New("broken") }, nil
}

// TestMemoryUse checks that after a failure the next row fails too, as there is
// nothing to compare its result with.
func TestMemoryUse(t *testing.T) {
	m := &memory{row: suite.Memory{Op: brokenOp{}, Threads: 1}}
	for range 2 {
		if err := m.use(); err == nil {
			t.Error("no error without a result to compare with")
		}
	}
}
