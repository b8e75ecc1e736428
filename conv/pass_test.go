package conv_test

import (
	"testing"

	"github.com/simdconv/simdconv/conv"
	"github.com/simdconv/simdconv/kernels"
)

// A call is the arguments of one call of each pass.
type call struct {
	plan                            *conv.Plan
	ws                              *conv.Workspace
	forward, backward               *conv.Packed
	x, w, y, dy, dx, dw, db, memory []float32
	ep                              conv.Epilogue
}

// newCall returns good arguments for a 1x4x4x2 image and 3x3 filters of 3
// channels.
func newCall(t *testing.T) *call {
	s, err := conv.Shape{N: 1, C: 2, K: 3, Window: window(4, 3, 1, 1)}.Check()
	must(t, err)
	l := newLayer(t, s, kernels.Options{}, conv.Direct)
	c := &call{plan: l.Plan, ws: l.ws, forward: l.forward, backward: l.backward, memory: make([]float32, 200)}
	c.x, c.w, c.y = make([]float32, 32), make([]float32, 54), make([]float32, 48)
	c.dx, c.dw, c.dy, c.db = make([]float32, 32), make([]float32, 54), make([]float32, 48), make([]float32, 3)
	must(t, c.plan.Pack(c.forward, c.w))
	must(t, c.plan.Pack(c.backward, c.w))
	return c
}

// TestCallErrors spoils one argument at a time, and checks the message and that
// nothing is written.
func TestCallErrors(t *testing.T) {
	other := newCall(t)
	some, err := other.plan.NewWorkspace(conv.BackwardWeights)
	must(t, err)
	const fwd, data, weights = conv.Forward, conv.BackwardData, conv.BackwardWeights
	for _, c := range []struct {
		name    string
		passes  conv.Pass
		spoil   func(c *call)
		message string
	}{
		{"short y", fwd, func(c *call) { c.y = c.y[1:] }, "conv: fwd: y has 47 elements, want 48"},
		{"long y", fwd, func(c *call) { c.y = c.memory }, "conv: fwd: y has 200 elements, want 48"},
		{"short x", fwd, func(c *call) { c.x = c.x[1:] }, "conv: fwd: x has 31 elements, want 32"},
		{"no x", fwd, func(c *call) { c.x = nil }, "conv: fwd: x has 0 elements, want 32"},
		{"short dx", data, func(c *call) { c.dx = c.dx[1:] }, "conv: bwddata: dx has 31 elements, want 32"},
		{"short dy", data, func(c *call) { c.dy = c.dy[1:] }, "conv: bwddata: dy has 47 elements, want 48"},
		{"short dw", weights, func(c *call) { c.dw = c.dw[1:] }, "conv: bwdweights: dw has 53 elements, want 54"},
		{"short dy", weights, func(c *call) { c.dy = c.dy[1:] }, "conv: bwdweights: dy has 47 elements, want 48"},
		{"short x", weights, func(c *call) { c.x = c.x[1:] }, "conv: bwdweights: x has 31 elements, want 32"},
		{"short db", weights, func(c *call) { c.db = c.db[1:] }, "conv: bwdweights: db has 2 elements, want 3"},
		{"empty db", weights, func(c *call) { c.db = c.db[:0] }, "conv: bwdweights: db has 0 elements, want 3"},

		{"scale", fwd, func(c *call) { c.ep.Scale = c.memory[:4] }, "conv: fwd: scale has 4 elements, want 3"},
		{"bias", fwd, func(c *call) { c.ep.Bias = c.memory[:2] }, "conv: fwd: bias has 2 elements, want 3"},
		{"empty bias", fwd, func(c *call) { c.ep.Bias = c.memory[:0] }, "conv: fwd: bias has 0 elements, want 3"},
		{"residual", fwd, func(c *call) { c.ep.Residual = c.memory[:47] }, "conv: fwd: residual has 47 elements, want 48"},
		{"activation", fwd, func(c *call) { c.ep.Act = 2 }, "conv: fwd: unknown activation 2"},

		{"x in y", fwd, func(c *call) { c.y, c.x = c.memory[:48], c.memory[47:79] }, "conv: fwd: y overlaps x"},
		{"scale in y", fwd, func(c *call) { c.ep.Scale = c.y[45:] }, "conv: fwd: y overlaps scale"},
		{"bias in y", fwd, func(c *call) { c.ep.Bias = c.y[:3] }, "conv: fwd: y overlaps bias"},
		{"residual is y", fwd, func(c *call) { c.ep.Residual = c.y }, "conv: fwd: y overlaps residual"},
		{"dy in dx", data, func(c *call) { c.dx, c.dy = c.memory[47:79], c.memory[:48] }, "conv: bwddata: dx overlaps dy"},
		{"dy in dw", weights, func(c *call) { c.dw, c.dy = c.memory[:54], c.memory[53:101] }, "conv: bwdweights: dw overlaps dy"},
		{"x in dw", weights, func(c *call) { c.dw, c.x = c.memory[:54], c.memory[10:42] }, "conv: bwdweights: dw overlaps x"},
		{"db in dy", weights, func(c *call) { c.db = c.dy[:3] }, "conv: bwdweights: db overlaps dy"},
		{"db in x", weights, func(c *call) { c.db = c.x[29:] }, "conv: bwdweights: db overlaps x"},
		{"db in dw", weights, func(c *call) { c.db = c.dw[51:] }, "conv: bwdweights: db overlaps dw"},

		{"no workspace", fwd, func(c *call) { c.ws = nil }, "conv: fwd: workspace is nil"},
		{"no workspace", data, func(c *call) { c.ws = nil }, "conv: bwddata: workspace is nil"},
		{"no workspace", weights, func(c *call) { c.ws = nil }, "conv: bwdweights: workspace is nil"},
		{"zero workspace", fwd, func(c *call) { c.ws = new(conv.Workspace) }, "conv: fwd: workspace belongs to another plan"},
		{"foreign workspace", fwd, func(c *call) { c.ws = other.ws }, "conv: fwd: workspace belongs to another plan"},
		{"foreign workspace", data, func(c *call) { c.ws = other.ws }, "conv: bwddata: workspace belongs to another plan"},
		{"foreign workspace", weights, func(c *call) { c.ws = other.ws }, "conv: bwdweights: workspace belongs to another plan"},
		{"workspace of another pass", fwd, func(c *call) { *c = *other; c.ws = some }, "conv: fwd: workspace was made for bwdweights"},
		{"workspace of another pass", data, func(c *call) { *c = *other; c.ws = some }, "conv: bwddata: workspace was made for bwdweights"},

		{"no weights", fwd, func(c *call) { c.forward = nil }, "conv: fwd: packed weights are nil"},
		{"no weights", data, func(c *call) { c.backward = nil }, "conv: bwddata: packed weights are nil"},
		{"foreign weights", fwd, func(c *call) { c.forward = other.forward }, "conv: fwd: packed weights belong to another plan"},
		{"weights of the other pass", fwd, func(c *call) { c.forward = c.backward }, "conv: fwd: weights are packed for bwddata"},
		{"weights of the other pass", data, func(c *call) { c.backward = c.forward }, "conv: bwddata: weights are packed for fwd"},
		{"unpacked weights", fwd, func(c *call) { c.forward, _ = c.plan.NewPacked(fwd) }, "conv: fwd: packed weights are empty, call Pack first"},
		{"unpacked weights", data, func(c *call) { c.backward, _ = c.plan.NewPacked(data) }, "conv: bwddata: packed weights are empty, call Pack first"},
	} {
		t.Run(c.passes.String()+"/"+c.name, func(t *testing.T) {
			a := newCall(t)
			c.spoil(a)
			results := [][]float32{a.y, a.dx, a.dw, a.db}
			for _, s := range results {
				for i := range s {
					s[i] = 5
				}
			}
			var err error
			switch c.passes {
			case fwd:
				err = a.plan.Forward(a.ws, a.y, a.x, a.forward, a.ep)
			case data:
				err = a.plan.BackwardData(a.ws, a.dx, a.dy, a.backward)
			case weights:
				err = a.plan.BackwardWeights(a.ws, a.dw, a.db, a.dy, a.x)
			}
			if err == nil || err.Error() != c.message {
				t.Errorf("error %v, want %q", err, c.message)
			}
			for _, s := range results {
				for i, v := range s {
					if v != 5 {
						t.Fatalf("element %d of a result of %d is written in spite of the error", i, len(s))
					}
				}
			}
			// A refusal must not leave the workspace in use.
			good := newCall(t)
			if a.plan != nil && a.ws != nil && a.ws != some && a.ws != other.ws && c.name != "zero workspace" {
				must(t, a.plan.BackwardWeights(a.ws, good.dw, nil, good.dy, good.x))
			}
		})
	}
}

func TestPackErrors(t *testing.T) {
	c, other := newCall(t), newCall(t)
	for _, tt := range []struct {
		name    string
		dst     *conv.Packed
		w       []float32
		message string
	}{
		{"no dst", nil, c.w, "conv: Pack: dst is nil"},
		{"foreign dst", other.forward, c.w, "conv: Pack: dst belongs to another plan"},
		{"zero dst", new(conv.Packed), c.w, "conv: Pack: dst belongs to another plan"},
		{"short w", c.forward, c.w[1:], "conv: Pack: w has 53 elements, want 54 (3 x 3 x 2 x 3)"},
		{"no w", c.backward, nil, "conv: Pack: w has 0 elements, want 54 (3 x 3 x 2 x 3)"},
	} {
		wantError(t, c.plan.Pack(tt.dst, tt.w), tt.message)
	}
}

// TestBadPasses asks for passes that there are not, or that have no weights.
func TestBadPasses(t *testing.T) {
	p := newCall(t).plan
	for pass, want := range map[conv.Pass]string{
		conv.BackwardWeights:             "conv: NewPacked(bwdweights), want Forward or BackwardData: other passes read no weights",
		conv.Forward | conv.BackwardData: "conv: NewPacked(fwd|bwddata), want Forward or BackwardData",
		0:                                "conv: NewPacked(Pass(0)), want Forward or BackwardData",
		8:                                "conv: NewPacked(Pass(8)), want Forward or BackwardData",
	} {
		d, err := p.NewPacked(pass)
		wantError(t, err, want)
		if d != nil {
			t.Errorf("NewPacked(%v): weights besides the error", pass)
		}
	}
	for _, set := range []conv.Pass{0, 8, 9, 255} {
		ws, err := p.NewWorkspace(set)
		wantError(t, err, "want a set of Forward, BackwardData and BackwardWeights")
		if ws != nil {
			t.Errorf("NewWorkspace(%v): a workspace besides the error", set)
		}
	}
	for _, pass := range []conv.Pass{0, 3, 8} {
		for name, f := range map[string]func(){
			"Algorithm": func() { p.Algorithm(pass) },
			"Explain":   func() { p.Explain(pass) },
		} {
			if got, want := panicOf(f), "conv: not a single pass: "+pass.String(); got != want {
				t.Errorf("%s(%v): panic %v, want %q", name, pass, got, want)
			}
		}
	}
}

func panicOf(f func()) (value any) {
	defer func() { value = recover() }()
	f()
	return nil
}
