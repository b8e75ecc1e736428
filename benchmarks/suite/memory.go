package suite

import (
	"fmt"

	"github.com/simdconv/simdconv/benchmarks/roof"
	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
)

// A Memory is one row of BenchmarkPool, BenchmarkBatchNorm or BenchmarkVec: an
// operation that memory bounds.
type Memory struct {
	Op      MemoryOp
	N       int // images; 0 if the row knows none
	Tier    kernels.Tier
	Threads int
	Cold    bool
}

// A MemoryOp is what a [Memory] row computes: a [Pool], a [BatchNorm] or a [Vec].
type MemoryOp interface {
	// Label returns what is between impl and isa in the row's name.
	Label() string
	// Bytes counts each distinct operand once.
	Bytes() int
	// Traffic is what the stream loop has to move to be compared with.
	Traffic() roof.Traffic
	// Operands allocates what is read and what is written, and fills the first.
	Operands() (in, out [][]float32)
	// Reset makes out what it is before the first call.
	Reset(out [][]float32)
	// Call returns what the row of this library times: it reads in and writes out.
	Call(o kernels.Options, in, out [][]float32) (func() error, error)
	// Want returns, by plain loops in float64, what one call leaves in the last
	// elements of each of out, which [MemoryOp.Reset] has filled. It is nil if
	// plain loops would take too long or do not know the operation.
	Want(in, out [][]float32) [][]float64
	// Terms is how many terms a sum has in the longest way to a result.
	Terms() int
}

// Name returns the row's name below its benchmark for a library.
func (r Memory) Name(impl string) string {
	name := fmt.Sprintf("impl=%s/%s/isa=%v", impl, r.Op.Label(), r.Tier)
	if r.N > 0 {
		name += fmt.Sprintf("/n=%d", r.N)
	}
	return fmt.Sprintf("%s/threads=%d%s", name, r.Threads, Cache(r.Cold))
}

// Call returns what the row of this library times.
func (r Memory) Call(in, out [][]float32) (func() error, error) {
	return r.Op.Call(kernels.Options{Tier: r.Tier, Threads: r.Threads}, in, out)
}

// CheckMemory compares the ends of out with what is expected there.
func CheckMemory(op MemoryOp, out [][]float32, want [][]float64) error {
	for i, w := range want {
		if err := CheckResult(out[i][len(out[i])-len(w):], w, op.Terms()); err != nil {
			return fmt.Errorf("result %d of %d: %w", i+1, len(want), err)
		}
	}
	return nil
}

// streamBytes is the footprint of the stream loop for rows beyond the caches:
// as slow as any larger one.
const streamBytes = 192 << 20

// Stream returns the loop with the row's traffic, as far from the processor as
// the row's own.
func (r Memory) Stream() (*roof.Loop, error) {
	t := r.Op.Traffic()
	size := t.Read + t.Write + t.Update
	if r.Cold || size > streamBytes {
		scale := func(bytes int) int { return int(float64(bytes) / float64(size) * streamBytes) }
		t = roof.Traffic{Read: scale(t.Read), Write: scale(t.Write), Update: scale(t.Update)}
	}
	return roof.NewStream(t, r.Threads)
}

// PoolRows returns the rows of BenchmarkPool that the flags ask for.
func (t Tour) PoolRows() []Memory { return t.memoryRows(t.Batches, pools) }

// BatchNormRows returns the rows of BenchmarkBatchNorm that the flags ask for.
func (t Tour) BatchNormRows() []Memory { return t.memoryRows(t.Batches, batchNorms) }

// VecRows returns the rows of BenchmarkVec that the flags ask for.
func (t Tour) VecRows() []Memory { return t.memoryRows([]int{0}, vecs) }

// memoryRows returns the rows of some batches, those of one operation together.
func (t Tour) memoryRows(batches []int, ops func(n int) []MemoryOp) (all []Memory) {
	for _, n := range batches {
		for _, op := range ops(n) {
			for _, tier := range t.Tiers {
				for _, threads := range t.Threads {
					all = append(all, Memory{Op: op, N: n, Tier: tier, Threads: threads, Cold: t.Cold})
				}
			}
		}
	}
	return all
}

// filled returns n random numbers.
func filled(n int, seed uint64) []float32 {
	x := make([]float32, n)
	kerneltest.FillUniform(x, seed)
	return x
}

// tail returns the end of x in float64.
func tail(x []float32, n int) []float64 { return float64s(x[len(x)-n:]) }
