package conv_test

import (
	"math"
	"testing"

	"github.com/simdconv/simdconv/conv"
	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/geometry"
)

func TestShapeDefaults(t *testing.T) {
	got, err := conv.Shape{N: 2, C: 3, K: 4, Window: geometry.Window{H: 5, W: 7, R: 3, S: 2}}.Check()
	must(t, err)
	want := conv.Shape{N: 2, C: 3, K: 4, Groups: 1, Window: geometry.Window{
		H: 5, W: 7, R: 3, S: 2, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1,
	}}
	if got != want {
		t.Errorf("Check() = %+v, want %+v", got, want)
	}
	if x, w, y := got.XLen(), got.WLen(), got.YLen(); x != 2*5*7*3 || w != 3*2*3*4 || y != 2*3*6*4 {
		t.Errorf("lengths %d, %d, %d", x, w, y)
	}
	if f := got.FLOP(); f != 2*2*3*6*4*3*3*2 {
		t.Errorf("FLOP() = %v", f)
	}
	if s := got.String(); s != "2x5x7x3 * 3x2x3x4 stride 1x1 dilation 1x1 pad 0,0,0,0 groups 1" {
		t.Errorf("String() = %q", s)
	}
	got.C, got.K, got.Groups = 6, 4, 2
	if w := got.WLen(); w != 3*2*3*4 {
		t.Errorf("WLen() with groups = %d", w)
	}
}

// TestNewPlanErrors changes one thing of a good layer at a time.
func TestNewPlanErrors(t *testing.T) {
	const huge = geometry.MaxElements
	type change func(s *conv.Shape, o *conv.Options)
	for _, c := range []struct {
		name    string
		change  change
		message string
	}{
		{"N", func(s *conv.Shape, o *conv.Options) { s.N = -1 }, "conv: N is -1, want 0 or more"},
		{"C", func(s *conv.Shape, o *conv.Options) { s.C = 0 }, "conv: C is 0, want at least 1"},
		{"negative C", func(s *conv.Shape, o *conv.Options) { s.C = -4 }, "conv: C is -4, want at least 1"},
		{"K", func(s *conv.Shape, o *conv.Options) { s.K = 0 }, "conv: K is 0, want at least 1"},
		{"negative K", func(s *conv.Shape, o *conv.Options) { s.K = -4 }, "conv: K is -4, want at least 1"},
		{"negative groups", func(s *conv.Shape, o *conv.Options) { s.Groups = -2 }, "conv: Groups is -2, want at least 1"},
		{"groups and C", func(s *conv.Shape, o *conv.Options) { s.Groups = 3; s.C, s.K = 4, 6 }, "conv: C is 4, want a multiple of Groups, 3"},
		{"groups and K", func(s *conv.Shape, o *conv.Options) { s.Groups = 3; s.C, s.K = 6, 4 }, "conv: K is 4, want a multiple of Groups, 3"},
		{"groups above C", func(s *conv.Shape, o *conv.Options) { s.Groups = 64 }, "want a multiple of Groups, 64"},
		{"H", func(s *conv.Shape, o *conv.Options) { s.H = 0 }, "conv: geometry: input height H is 0"},
		{"negative W", func(s *conv.Shape, o *conv.Options) { s.W = -3 }, "conv: geometry: input width W is -3"},
		{"R", func(s *conv.Shape, o *conv.Options) { s.R = 0 }, "conv: geometry: window height R is 0"},
		{"negative S", func(s *conv.Shape, o *conv.Options) { s.S = -1 }, "conv: geometry: window width S is -1"},
		{"stride", func(s *conv.Shape, o *conv.Options) { s.StrideH = -1 }, "conv: geometry: vertical stride is -1"},
		{"dilation", func(s *conv.Shape, o *conv.Options) { s.DilationW = -1 }, "conv: geometry: horizontal dilation is -1"},
		{"padding", func(s *conv.Shape, o *conv.Options) { s.Left = -1 }, "conv: geometry: left padding is -1"},
		{"window above image", func(s *conv.Shape, o *conv.Options) { s.R = 12 }, "conv: geometry: vertical window of 12 taps"},
		{"overflow of x", func(s *conv.Shape, o *conv.Options) { s.N, s.C = huge/64, 2 }, "conv: x of "},
		{"overflow of C", func(s *conv.Shape, o *conv.Options) { s.C = math.MaxInt }, "conv: x of "},
		{"overflow of w", func(s *conv.Shape, o *conv.Options) { s.N, s.K = 0, huge }, "conv: w of "},
		{"overflow of y", func(s *conv.Shape, o *conv.Options) { s.N, s.K = 4, huge/64 }, "conv: y of "},
		{"overflow of K", func(s *conv.Shape, o *conv.Options) { s.K = math.MaxInt }, "elements"},
		{"overflow of N", func(s *conv.Shape, o *conv.Options) { s.N = math.MaxInt }, "conv: x of "},
		{"tier", func(s *conv.Shape, o *conv.Options) { o.Tier = 99 }, "conv: kernels: unknown tier Tier(99)"},
		{"threads", func(s *conv.Shape, o *conv.Options) { o.Threads = -1 }, "conv: kernels: Threads is -1"},
		{"workspace limit", func(s *conv.Shape, o *conv.Options) { o.WorkspaceLimit = -1 }, "conv: WorkspaceLimit is -1 bytes, want 0 (none) or more"},
		{"error below one", func(s *conv.Shape, o *conv.Options) { o.MaxError = 0.5 }, "conv: MaxError is 0.5, want 0 (none) or at least 1"},
		{"negative error", func(s *conv.Shape, o *conv.Options) { o.MaxError = -2 }, "conv: MaxError is -2"},
		{"error NaN", func(s *conv.Shape, o *conv.Options) { o.MaxError = math.NaN() }, "conv: MaxError is NaN"},
		{"algorithm", func(s *conv.Shape, o *conv.Options) { o.Forward = 77 }, "conv: fwd: unknown algorithm Algorithm(77)"},
		{"algorithm of data", func(s *conv.Shape, o *conv.Options) { o.BackwardData = 77 }, "conv: bwddata: unknown algorithm Algorithm(77)"},
		{"algorithm of weights", func(s *conv.Shape, o *conv.Options) { o.BackwardWeights = 77 }, "conv: bwdweights: unknown algorithm Algorithm(77)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, o := conv.Shape{N: 1, C: 4, K: 4, Window: window(8, 3, 1, 1)}, conv.Options{}
			c.change(&s, &o)
			p, err := conv.NewPlan(s, o)
			wantError(t, err, c.message)
			if p != nil {
				t.Error("a plan besides the error")
			}
		})
	}
}

func TestPlanAccessors(t *testing.T) {
	p := newPlan(t, conv.Shape{N: 1, C: 4, K: 4, Window: geometry.Window{H: 8, W: 8, R: 3, S: 3}}, conv.Options{})
	if s := p.Shape(); s.Groups != 1 || s.StrideH != 1 || s.DilationW != 1 {
		t.Errorf("Shape() = %+v, want defaults filled in", s)
	}
	if o := p.Options(); o.Tier == kernels.TierAuto || o.Threads < 1 || o.Pool == nil {
		t.Errorf("Options() = %+v, want defaults filled in", o)
	}
}

func TestNames(t *testing.T) {
	for a, want := range map[conv.Algorithm]string{conv.Auto: "auto", conv.Im2col: "im2col", conv.Direct: "direct", conv.Winograd2: "winograd2", conv.Winograd4: "winograd4", conv.Winograd6: "winograd6"} {
		if got := a.String(); got != want {
			t.Errorf("String() = %q, want %q", got, want)
		}
		if got, err := conv.ParseAlgorithm(want); err != nil || got != a {
			t.Errorf("ParseAlgorithm(%q) = %v, %v", want, got, err)
		}
	}
	if got := conv.Algorithm(9).String(); got != "Algorithm(9)" {
		t.Errorf("String() = %q", got)
	}
	_, err := conv.ParseAlgorithm("fft")
	wantError(t, err, `conv: unknown algorithm "fft", want auto, im2col, direct, winograd2, winograd4 or winograd6`)

	for p, want := range map[conv.Pass]string{
		conv.Forward: "fwd", conv.BackwardData: "bwddata", conv.BackwardWeights: "bwdweights",
		conv.Forward | conv.BackwardWeights: "fwd|bwdweights", allPasses: "fwd|bwddata|bwdweights", 0: "Pass(0)", 8: "Pass(8)", 9: "Pass(9)",
	} {
		if got := p.String(); got != want {
			t.Errorf("String() = %q, want %q", got, want)
		}
	}
	for _, p := range passes {
		if got, err := conv.ParsePass(p.String()); err != nil || got != p {
			t.Errorf("ParsePass(%q) = %v, %v", p, got, err)
		}
	}
	_, err = conv.ParsePass("fwd|bwddata")
	wantError(t, err, `conv: unknown pass "fwd|bwddata", want fwd, bwddata or bwdweights`)
}

// TestLengths asks a shape as a user writes it, before Check fills in defaults.
func TestLengths(t *testing.T) {
	s := conv.Shape{N: 2, C: 6, K: 5, Window: geometry.Window{H: 9, W: 7, R: 3, S: 2}}
	checked, err := s.Check()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []conv.Shape{s, checked} {
		if s.XLen() != 2*9*7*6 || s.WLen() != 3*2*6*5 || s.YLen() != 2*7*6*5 {
			t.Errorf("%v: lengths %d, %d, %d", s, s.XLen(), s.WLen(), s.YLen())
		}
	}
}
