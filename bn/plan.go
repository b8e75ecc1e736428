package bn

import (
	"fmt"
	"math"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/geometry"
	"github.com/simdconv/simdconv/kernels/micro"
)

const (
	// DefaultEpsilon and DefaultMomentum are those of Keras.
	DefaultEpsilon  = 1e-3
	DefaultMomentum = 0.99

	// NoMomentum is the Options.Momentum for a momentum of zero: the moving
	// averages become the statistics of the last batch.
	NoMomentum = -1
)

// Options are the options of a plan. The zero value means the defaults.
type Options struct {
	kernels.Options

	// Epsilon is added to the variance. It must be positive and finite; 0
	// means DefaultEpsilon.
	Epsilon float64

	// Momentum is how much of a moving average stays in a training step:
	//
	//	moving = Momentum*moving + (1-Momentum)*batch
	//
	// It must be in (0, 1]; 1 freezes the averages. As 0 means
	// DefaultMomentum, a momentum of zero is written NoMomentum.
	Momentum float64
}

// resolve returns o with defaults filled in.
func (o Options) resolve() (Options, error) {
	var err error
	if o.Options, err = o.Options.Resolve(); err != nil {
		return o, fmt.Errorf("bn: %w", err)
	}
	if o.Epsilon == 0 {
		o.Epsilon = DefaultEpsilon
	}
	if !(o.Epsilon > 0) || math.IsInf(o.Epsilon, 1) {
		return o, fmt.Errorf("bn: Epsilon is %v, want it positive and finite, or 0 for %v", o.Epsilon, DefaultEpsilon)
	}
	switch {
	case o.Momentum == 0:
		o.Momentum = DefaultMomentum
	case o.Momentum == NoMomentum:
		o.Momentum = 0
	case !(o.Momentum > 0 && o.Momentum <= 1):
		return o, fmt.Errorf("bn: Momentum is %v, want it in (0, 1], 0 for %v, or NoMomentum", o.Momentum, DefaultMomentum)
	}
	return o, nil
}

// Params are the numbers of a layer, C each: what is learned and what is
// averaged over training steps. A new layer starts with gamma and moving
// variance 1, beta and moving mean 0.
type Params struct {
	Gamma, Beta                []float32
	MovingMean, MovingVariance []float32
}

// Saved is what [Plan.Train] leaves for [Plan.Backward], C each: the mean of
// the batch and 1/sqrt(variance + epsilon).
type Saved struct {
	Mean, InvStd []float32
}

// A Plan is a batch normalisation of one size, ready to run. It is immutable
// and may be used by any number of goroutines at once, each with its own
// [Workspace] and operands.
type Plan struct {
	m, c   int
	opts   Options
	bundle *micro.Bundle

	perRow int // pixels that the kernels see as one row
	width  int // of a row: perRow*c
	words  int // bytes of a row's bits in a mask
	chunks int // of chunkPixels pixels
	blocks int // of blockChannels columns of a row
	room   int // sums of a kind in a chunk: width rounded up for the kernels
	stride int // between chunks in Workspace.partials
}

// The parts a tensor is divided into. The chunk is part of the definition of
// the results, and so are the pixels of a row; the block is not.
const (
	chunkPixels   = 512
	blockChannels = 256
)

// rowPixels returns how many pixels of c channels make a row: several, a power
// of two, where c fills less than a vector, so that a row has 33 to 64 columns.
func rowPixels(c int) int {
	n := 1
	for c < vectorLanes && 2*n*c <= maxRow {
		n *= 2
	}
	return n
}

const (
	vectorLanes = 16
	maxRow      = 64
)

// NewPlan returns a plan for m pixels (N*H*W) of c channels. m may be 0. It
// returns an error if m is negative or c below 1, if m*c is above
// [geometry.MaxElements], or if an option is out of its range or in error by
// [kernels.Options.Resolve].
func NewPlan(m, c int, o Options) (*Plan, error) {
	if m < 0 {
		return nil, fmt.Errorf("bn: m is %d pixels, want 0 or more", m)
	}
	if c < 1 {
		return nil, fmt.Errorf("bn: c is %d channels, want 1 or more", c)
	}
	if _, err := geometry.Volume(m, c); err != nil {
		return nil, fmt.Errorf("bn: %w", err)
	}
	if _, err := geometry.Volume(c); err != nil {
		return nil, fmt.Errorf("bn: %w", err)
	}
	o, err := o.resolve()
	if err != nil {
		return nil, err
	}
	p := &Plan{m: m, c: c, opts: o, bundle: micro.For(o.Tier), perRow: rowPixels(c), chunks: divideUp(m, chunkPixels)}
	p.width = p.perRow * c
	p.words = micro.MaskWords(p.width)
	p.blocks = divideUp(p.width, blockChannels)
	p.room = divideUp(p.width, lineFloats) * lineFloats
	p.stride = 2 * p.room
	return p, nil
}

func divideUp(x, y int) int { return (x + y - 1) / y }

// Size returns the number of pixels and of channels.
func (p *Plan) Size() (m, c int) { return p.m, p.c }

// MaskLen returns the length of a mask of [Fused], about m*c/8.
func (p *Plan) MaskLen() int { return divideUp(p.m, p.perRow) * p.words }

// Options returns the options with defaults filled in, Momentum being the
// number itself.
func (p *Plan) Options() Options { return p.opts }
