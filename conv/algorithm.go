package conv

import (
	"fmt"
	"strings"
)

// An Algorithm is a way to compute a convolution.
type Algorithm uint8

const (
	Auto      Algorithm = iota // the plan chooses
	Im2col                     // patches copied into a matrix, then GEMM: the textbook baseline
	Direct                     // register tiles straight over the image, nothing copied
	Winograd2                  // Winograd F(2x2,3x3): 2.25 times fewer multiplications
	Winograd4                  // Winograd F(4x4,3x3): 4 times fewer
	Winograd6                  // Winograd F(6x6,3x3): 5.06 times fewer, with several times the error; on request only
)

// String returns the name in results and flags, such as winograd4.
func (a Algorithm) String() string {
	switch a {
	case Auto:
		return "auto"
	case Im2col:
		return "im2col"
	case Direct:
		return "direct"
	case Winograd2:
		return "winograd2"
	case Winograd4:
		return "winograd4"
	case Winograd6:
		return "winograd6"
	}
	return fmt.Sprintf("Algorithm(%d)", uint8(a))
}

// ParseAlgorithm is the inverse of String.
func ParseAlgorithm(s string) (Algorithm, error) {
	for a := Auto; a <= Winograd6; a++ {
		if s == a.String() {
			return a, nil
		}
	}
	return Auto, fmt.Errorf("conv: unknown algorithm %q, want auto, im2col, direct, winograd2, winograd4 or winograd6", s)
}

// A Pass is one of the three computations of a convolution, or a set of them.
type Pass uint8

const (
	Forward         Pass = 1 << iota // y = x * w
	BackwardData                     // dx from dy and w
	BackwardWeights                  // dw and db from dy and x
)

var passes = [...]Pass{Forward, BackwardData, BackwardWeights}

// String returns the names of the passes in p, such as fwd|bwddata.
func (p Pass) String() string {
	var names []string
	for i, name := range []string{"fwd", "bwddata", "bwdweights"} {
		if p&passes[i] != 0 {
			names = append(names, name)
		}
	}
	if names == nil || p >= 1<<len(passes) {
		return fmt.Sprintf("Pass(%d)", uint8(p))
	}
	return strings.Join(names, "|")
}

// index is the position of a single pass in passes.
func (p Pass) index() int {
	for i, q := range passes {
		if p == q {
			return i
		}
	}
	panic("conv: not a single pass: " + p.String())
}

// ParsePass returns the pass named fwd, bwddata or bwdweights.
func ParsePass(s string) (Pass, error) {
	for _, p := range passes {
		if s == p.String() {
			return p, nil
		}
	}
	return 0, fmt.Errorf("conv: unknown pass %q, want fwd, bwddata or bwdweights", s)
}

// A method is one algorithm behind the plan. Its functions are pure in the
// plan; run works on the operands that the workspace holds.
type method interface {
	// refuse says why the method cannot do the pass, or nothing.
	refuse(p *Plan, pass Pass) string
	// estimate predicts what the pass costs.
	estimate(p *Plan, pass Pass) estimate
	// needs says how much memory a workspace must bring.
	needs(p *Plan, pass Pass) needs
	// packedLen is the length of the packed weights; 0 if the pass takes none.
	packedLen(p *Plan, pass Pass) int
	// packParts is the number of parts that pack can fill at the same time.
	packParts(p *Plan, pass Pass) int
	// pack fills a part of dst, of packedLen, from w.
	pack(p *Plan, pass Pass, dst, w []float32, part int)
	// run does the pass.
	run(ws *Workspace, pass Pass)
}

// methods are tried in this order; of equal estimates the first wins.
var methods = []struct {
	algorithm Algorithm
	method    method
}{
	{Direct, direct{}},
	{Im2col, im2col{}},
	{Winograd2, winograd{2}},
	{Winograd4, winograd{4}},
	{Winograd6, winograd{6}},
}

func methodOf(a Algorithm) method {
	for _, m := range methods {
		if m.algorithm == a {
			return m.method
		}
	}
	return nil
}

// needs is the memory of one workspace, in elements.
type needs struct {
	shared   int // floats for all workers together
	worker   int // floats of each worker
	segments int // most segments of one tile call
}

func (n needs) max(m needs) needs {
	return needs{max(n.shared, m.shared), max(n.worker, m.worker), max(n.segments, m.segments)}
}

// An estimate predicts a pass from its geometry alone: never from caches, tier
// or threads, so that the choice, and with it the bits, is the same everywhere.
type estimate struct {
	flop       float64 // operations done, after what the algorithm saves
	efficiency float64 // share of the FMA peak while computing
	bytes      float64 // moved to and from memory, operands and copies
	errorBound float64 // rms error as a multiple of sequential float32's
}

// sequentialBound is the error bound of algorithms that sum in sequence or
// better: the rms error is that of sequential float32, give or take what the
// order of the taps does to it (at most 1.03 measured, C up to 256).
const sequentialBound = 1.1

// balance is the operations a core can do while one byte comes from memory:
// 268 GFLOP/s against 40 GB/s, measured on Zen 5 with AVX-512.
const balance = 6.7

// Packed weights of up to lastLevel bytes are taken to be in the last level of
// cache from the call before. A byte from there takes nearCost of the time of one
// from memory: 117 GB/s against 40, measured on Zen 5.
const (
	lastLevel = 16 << 20
	nearCost  = 0.35
)

// weightBytes is what reading n packed weights costs, as bytes from memory.
func weightBytes(n int) float64 {
	bytes := 4 * float64(n)
	if bytes <= lastLevel {
		bytes *= nearCost
	}
	return bytes
}

func (e estimate) compute() float64 { return e.flop / e.efficiency }
func (e estimate) memory() float64  { return e.bytes * balance }

// cost is the time as operations at the FMA peak.
func (e estimate) cost() float64 { return max(e.compute(), e.memory()) }

// roof names what binds the estimate.
func (e estimate) roof() string {
	if e.memory() > e.compute() {
		return "memory"
	}
	return "FMA"
}
