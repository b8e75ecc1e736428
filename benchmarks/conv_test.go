package benchmarks

import (
	"errors"
	"fmt"
	"testing"

	"github.com/simdconv/simdconv/conv"
	"github.com/simdconv/simdconv/kernels"
)

// BenchmarkConv compares algorithms layer by layer. The package documentation
// says what its names and figures mean.
func BenchmarkConv(b *testing.B) {
	rows, err := asked.convRows()
	if err != nil {
		b.Fatal(err)
	}
	var o operands
	for _, r := range rows {
		b.Run(r.name(), func(b *testing.B) { r.run(b, &o) })
	}
}

// run checks one row's result, then times it.
func (r convRow) run(b *testing.B, o *operands) {
	if err := o.use(r); err != nil {
		b.Fatal(err)
	}
	got := o.result(r.pass)
	call, workspace, err := r.call(o, got)
	var refused *refusal
	switch {
	case errors.As(err, &refused):
		b.Skip(err) // seen with -v alone
	case err != nil:
		b.Fatal(err)
	}
	if r.algo != naive { // which is what others are checked against
		if err := call(); err != nil {
			b.Fatal(err)
		}
		if err := o.check(r, got); err != nil {
			b.Fatal(err)
		}
	}
	sample{call, r.flop(), r.tier, r.threads, r.cold}.measure(b)
	b.ReportMetric(float64(workspace), "ws-B")
}

// A refusal is why an algorithm cannot do a row.
type refusal struct{ error }

// call returns what a row times and the size of the workspace, in bytes.
func (r convRow) call(o *operands, out []float32) (call func() error, workspace int, err error) {
	if r.algo == naive {
		c := refConv(r.shape())
		return func() error { loops(r.pass, c, out, o.x, o.w, o.dy); return nil }, 0, nil
	}
	p, err := r.plan()
	if err != nil {
		return nil, 0, err
	}
	ws, err := p.NewWorkspace(r.pass)
	if err != nil {
		return nil, 0, err
	}
	if r.pass == conv.BackwardWeights {
		call = func() error { return p.BackwardWeights(ws, out, nil, o.dy, o.x) }
		return call, p.WorkspaceSize(r.pass), nil
	}
	packed, err := p.NewPacked(r.pass)
	if err != nil {
		return nil, 0, err
	}
	if err := p.Pack(packed, o.w); err != nil {
		return nil, 0, err
	}
	if r.pass == conv.Forward {
		call = func() error { return p.Forward(ws, out, o.x, packed, conv.Epilogue{}) }
	} else {
		call = func() error { return p.BackwardData(ws, out, o.dy, packed) }
	}
	if pass := call; r.packEach {
		call = func() error {
			if err := p.Pack(packed, o.w); err != nil {
				return err
			}
			return pass()
		}
	}
	return call, p.WorkspaceSize(r.pass), nil
}

// plan returns the row's plan, or a refusal if its algorithm cannot do the row.
func (r convRow) plan() (*conv.Plan, error) {
	a, err := conv.ParseAlgorithm(r.algo)
	if err != nil {
		return nil, err
	}
	o := conv.Options{Options: kernels.Options{Tier: r.tier, Threads: r.threads}}
	// Without the algorithm the plan must exist, or it is the row that is wrong.
	if _, err := conv.NewPlan(r.shape(), o); err != nil {
		return nil, err
	}
	switch r.pass {
	case conv.Forward:
		o.Forward = a
	case conv.BackwardData:
		o.BackwardData = a
	case conv.BackwardWeights:
		o.BackwardWeights = a
	default:
		return nil, fmt.Errorf("not a single pass: %v", r.pass)
	}
	p, err := conv.NewPlan(r.shape(), o)
	if err != nil {
		return nil, &refusal{err}
	}
	return p, nil
}
