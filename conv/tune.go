package conv

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/simdconv/simdconv/kernels/micro"
	"github.com/simdconv/simdconv/kernels/random"
)

// Tune returns o with the algorithms forced that are fastest for s on this
// machine, pass by pass. It measures once and keeps what it found in the JSON
// file at path, which it makes if there is none and replaces as a whole
// otherwise: later calls, in this process or another, read it. Entries are for
// one processor, tier, number of threads, version of this library, shape, set
// of limits and Once.
//
// Only algorithms with the bits of the one that NewPlan would choose compete,
// unless o.AllowClassChange is set. What o forces already stays, and
// WorkspaceLimit and MaxError hold. A measurement takes five rounds of 2 ms, or of
// one call that is longer, for each pass by each algorithm, on random operands, with
// packing if o.Once is set.
//
// It returns an error for a bad shape or option, and for a file that cannot be
// read, is not one of its own, or cannot be written. Calls may run at the same
// time, though they disturb each other's clock.
func Tune(path string, s Shape, o Options) (Options, error) {
	p, err := NewPlan(s, o)
	if err != nil {
		return o, err
	}
	t, err := readTuning(path)
	if err != nil {
		return o, err
	}
	measured := false
	for _, pass := range passes {
		if o.forced(pass) != Auto {
			continue
		}
		key := p.tuningKey(pass)
		e, ok := t[key]
		if !ok {
			if e, err = p.tune(pass); err != nil {
				return o, err
			}
			t[key] = e
			measured = true
		}
		if !slices.Contains(p.competitors(pass), e.Algorithm) {
			return o, fmt.Errorf("conv: %s: %v is no choice for %v of %v", path, e.Algorithm, pass, p.shape)
		}
		o.force(pass, e.Algorithm)
	}
	if measured {
		err = t.write(path)
	}
	return o, err
}

func (o *Options) force(pass Pass, a Algorithm) {
	*[...]*Algorithm{&o.Forward, &o.BackwardData, &o.BackwardWeights}[pass.index()] = a
}

// competitors returns the algorithms that may stand in for the one chosen.
func (p *Plan) competitors(pass Pass) (all []Algorithm) {
	c := &p.chosen[pass.index()]
	for _, r := range c.ranking {
		if r.refusal == "" && (p.opts.AllowClassChange || sameBits(pass, r.algorithm, c.algorithm)) {
			all = append(all, r.algorithm)
		}
	}
	return all
}

// sameBits reports whether two algorithms give the same results to the bit.
func sameBits(pass Pass, a, b Algorithm) bool {
	sum := func(a Algorithm) bool { return a == Direct || a == Im2col }
	return a == b || pass != BackwardData && sum(a) && sum(b)
}

// Measurement: rounds of all competitors, in each the least time of a few calls.
const (
	tuneRounds = 5
	tuneTime   = 2 * time.Millisecond // of a competitor in a round, or one call
)

// tune measures the competitors for a pass by turns.
func (p *Plan) tune(pass Pass) (tuned, error) {
	all := p.competitors(pass)
	if len(all) == 1 {
		return tuned{Algorithm: all[0]}, nil
	}
	calls := make([]func() error, len(all))
	best := make([]time.Duration, len(all))
	for i, a := range all {
		var err error
		if calls[i], err = p.trial(pass, a); err != nil {
			return tuned{}, err
		}
		best[i] = math.MaxInt64
	}
	for range tuneRounds {
		for i, call := range calls {
			for start := time.Now(); time.Since(start) < tuneTime; {
				from := time.Now()
				if err := call(); err != nil {
					return tuned{}, err
				}
				best[i] = min(best[i], time.Since(from))
			}
		}
	}
	i := slices.Index(best, slices.Min(best))
	return tuned{Algorithm: all[i], Nanoseconds: best[i].Nanoseconds()}, nil
}

// trial returns a call of the pass by one algorithm on operands of its own.
func (p *Plan) trial(pass Pass, a Algorithm) (call func() error, err error) {
	o := p.opts
	o.Forward, o.BackwardData, o.BackwardWeights = Auto, Auto, Auto
	o.force(pass, a)
	q, err := NewPlan(p.shape, o)
	if err != nil {
		return nil, err
	}
	ws, err := q.NewWorkspace(pass)
	if err != nil {
		return nil, err
	}
	fill := func(n int, stream uint64) []float32 {
		v := make([]float32, n)
		random.Key{Stream: stream}.FillUniform(v, -1, 1)
		return v
	}
	x, y, w := fill(q.shape.XLen(), 1), fill(q.shape.YLen(), 2), fill(q.shape.WLen(), 3)
	if pass == BackwardWeights {
		return func() error { return q.BackwardWeights(ws, w, nil, y, x) }, nil
	}
	packed, err := q.NewPacked(pass)
	if err != nil {
		return nil, err
	}
	if err := q.Pack(packed, w); err != nil {
		return nil, err
	}
	run := func() error { return q.BackwardData(ws, x, y, packed) }
	if pass == Forward {
		run = func() error { return q.Forward(ws, y, x, packed, Epilogue{}) }
	}
	if !o.Once {
		return run, nil
	}
	return func() error { return first(q.Pack(packed, w), run()) }, nil
}

// tuningKey is what an entry is for.
func (p *Plan) tuningKey(pass Pass) tuningKey {
	o := &p.opts
	maxError := o.MaxError
	if math.IsInf(maxError, 1) {
		maxError = 0 // no bound either, and JSON has it
	}
	return tuningKey{
		CPU: micro.CPU(), Tier: o.Tier.String(), Threads: o.Threads, Version: tuningVersion,
		Shape: p.shape.String(), Pass: pass.String(),
		AllowClassChange: o.AllowClassChange, BatchInvariant: o.BatchInvariant, Once: o.Once,
		WorkspaceLimit: o.WorkspaceLimit, MaxError: maxError,
	}
}
