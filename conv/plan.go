package conv

import (
	"fmt"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/geometry"
	"github.com/simdconv/simdconv/kernels/micro"
)

// Options choose how a plan computes. The zero value lets the plan choose
// everything.
type Options struct {
	kernels.Options

	// Forward, BackwardData and BackwardWeights force an algorithm. NewPlan
	// fails if it cannot do the pass.
	Forward, BackwardData, BackwardWeights Algorithm

	// BatchInvariant makes Auto choose as it would for a single image, so that an
	// image gives the same bits in a batch of any size. Otherwise the choice is
	// the best for N. A WorkspaceLimit holds for the largest batch then, but for
	// that of BackwardWeights, which has no result of one image, for N.
	BatchInvariant bool

	// AllowClassChange lets [Tune] take algorithms whose rounding differs from
	// that of the one that Auto takes. It changes nothing else.
	AllowClassChange bool

	// Once says that weights are packed for one pass each, as in training. Where
	// they would go through memory and back, Pack then only keeps w, which must
	// stay as it is until the pass is done, and the pass packs it by parts that
	// stay in the caches of a larger workspace: not with a WorkspaceLimit. It changes
	// no bit.
	Once bool

	// WorkspaceLimit refuses algorithms whose workspace for one thread, in bytes,
	// is larger. 0 means no limit.
	WorkspaceLimit int

	// MaxError refuses algorithms whose rms error can exceed this multiple of
	// the error of plain sequential float32 summation. 0 means no bound; a bound
	// below 1 is an error, as no algorithm promises it.
	MaxError float64
}

func (o *Options) forced(pass Pass) Algorithm {
	return [...]Algorithm{o.Forward, o.BackwardData, o.BackwardWeights}[pass.index()]
}

// A Plan is a convolution with everything decided that does not depend on the
// data. It is immutable and safe for concurrent use.
type Plan struct {
	shape  Shape
	opts   Options
	engine *kernels.Engine
	bundle *micro.Bundle

	oh, ow     int
	cg, kg     int // channels of one group
	rows, cols geometry.Axis
	sweeps     [2]sweep // of direct, Forward and BackwardData
	outers     []outer  // of direct, BackwardWeights: plain, and folded if it folds

	chosen [len(passes)]choice
}

// A choice is the outcome of the ranking for one pass.
type choice struct {
	algorithm Algorithm
	method    method
	threads   int
	ranking   []candidate
}

// A candidate is one algorithm as the plan saw it.
type candidate struct {
	algorithm Algorithm
	refusal   string // why it cannot run or may not; empty for the others
	estimate  estimate
	workspace int // bytes, of one thread
}

// NewPlan checks the shape and the options and chooses an algorithm for each
// pass. It returns an error that names the value that is wrong, or why the
// algorithm that was asked for cannot do the pass.
func NewPlan(s Shape, o Options) (*Plan, error) {
	s, err := s.Check()
	if err != nil {
		return nil, err
	}
	engine, err := kernels.New(o.Options)
	if err != nil {
		return nil, fmt.Errorf("conv: %w", err)
	}
	o.Options = engine.Options()
	if o.WorkspaceLimit < 0 {
		return nil, fmt.Errorf("conv: WorkspaceLimit is %d bytes, want 0 (none) or more", o.WorkspaceLimit)
	}
	if o.MaxError != 0 && !(o.MaxError >= 1) {
		return nil, fmt.Errorf("conv: MaxError is %v, want 0 (none) or at least 1", o.MaxError)
	}
	p := &Plan{shape: s, opts: o, engine: engine, bundle: micro.For(o.Tier)}
	p.oh, p.ow = s.Out()
	p.cg, p.kg = s.C/s.Groups, s.K/s.Groups
	p.rows, p.cols = s.Rows(), s.Cols()
	p.sweeps = [2]sweep{p.newSweep(Forward), p.newSweep(BackwardData)}
	p.outers = append(p.outers, p.newOuter(false))
	if s.folds() {
		p.outers = append(p.outers, p.newOuter(true))
	}
	for i, pass := range passes {
		if p.chosen[i], err = p.choose(pass); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// choose ranks the algorithms for a pass.
func (p *Plan) choose(pass Pass) (choice, error) {
	forced := p.opts.forced(pass)
	if forced != Auto && methodOf(forced) == nil {
		return choice{}, fmt.Errorf("conv: %v: unknown algorithm %v", pass, forced)
	}
	c := choice{threads: kernels.ThreadsFor(p.shape.FLOP(), p.opts.Threads)}
	best, judged, sized := -1, p, p
	if p.opts.BatchInvariant {
		judged = p.withImages(1)
		if pass != BackwardWeights { // which keeps more for more images
			sized = p.withImages(manyImages)
		}
	}
	for _, m := range methods {
		cand := candidate{algorithm: m.algorithm, refusal: m.method.refuse(p, pass)}
		if cand.refusal == "" && m.algorithm == Winograd6 && forced != Winograd6 {
			cand.refusal = "its error is large, it runs on request only"
		}
		if cand.refusal == "" {
			cand.estimate = m.method.estimate(judged, pass)
			cand.workspace = workspaceBytes(m.method.needs(sized, pass), 1)
			cand.refusal = p.limits(cand)
		}
		if m.algorithm == forced && cand.refusal != "" {
			return choice{}, fmt.Errorf("conv: %v by %v: %s", pass, forced, cand.refusal)
		}
		c.ranking = append(c.ranking, cand)
		if cand.refusal != "" || forced != Auto && m.algorithm != forced {
			continue
		}
		if best < 0 || cand.estimate.cost() < c.ranking[best].estimate.cost() {
			best = len(c.ranking) - 1
			c.algorithm, c.method = m.algorithm, m.method
		}
	}
	if best < 0 {
		return choice{}, fmt.Errorf("conv: %v: every algorithm is refused:\n%s", pass, explain(c, 0))
	}
	return c, nil
}

// manyImages fill every block that a workspace is made for.
const manyImages = 128

// withImages returns a copy of p with another number of images.
func (p *Plan) withImages(n int) *Plan {
	q := *p
	q.shape.N = n
	return &q
}

// limits applies the caller's bounds to a candidate.
func (p *Plan) limits(c candidate) string {
	if l := p.opts.WorkspaceLimit; l > 0 && c.workspace > l {
		return fmt.Sprintf("workspace of %d bytes a thread exceeds WorkspaceLimit, %d", c.workspace, l)
	}
	if e := p.opts.MaxError; e > 0 && c.estimate.errorBound > e {
		return fmt.Sprintf("error bound %v exceeds MaxError, %v", c.estimate.errorBound, e)
	}
	return ""
}

// Shape returns the checked shape.
func (p *Plan) Shape() Shape { return p.shape }

// Options returns the options with the tier, threads and pool filled in.
func (p *Plan) Options() Options { return p.opts }

// Algorithm returns the algorithm chosen for a single pass.
func (p *Plan) Algorithm(pass Pass) Algorithm { return p.chosen[pass.index()].algorithm }
