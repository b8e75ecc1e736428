package conv_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/simdconv/simdconv/conv"
	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/geometry"
	"github.com/simdconv/simdconv/kernels/kerneltest"
)

var passes = []conv.Pass{conv.Forward, conv.BackwardData, conv.BackwardWeights}

func newPlan(t testing.TB, s conv.Shape, o conv.Options) *conv.Plan {
	t.Helper()
	p, err := conv.NewPlan(s, o)
	must(t, err)
	return p
}

// choices names the algorithms of a plan.
func choices(p *conv.Plan) string {
	return fmt.Sprint(p.Algorithm(conv.Forward), p.Algorithm(conv.BackwardData), p.Algorithm(conv.BackwardWeights))
}

// TestAutoIsAFunctionOfGeometry checks that tier and threads do not change what
// Auto takes.
func TestAutoIsAFunctionOfGeometry(t *testing.T) {
	shapes := append(conv.Corpus(t), conv.RandomShapes(8, 50)...)
	want := make([]string, len(shapes))
	for i, s := range shapes {
		p := newPlan(t, s.Shape, conv.Options{Options: kernels.Options{Tier: kernels.TierGeneric, Threads: 1}})
		want[i] = choices(p)
		for _, pass := range passes {
			if a := p.Algorithm(pass); a == conv.Auto || a == conv.Winograd6 {
				t.Errorf("%s: Auto takes %v for %v", s.Name, a, pass)
			}
		}
	}
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		for _, threads := range []int{1, 2, 7, 64} {
			for i, s := range shapes {
				if got := choices(newPlan(t, s.Shape, conv.Options{Options: kernels.Options{Tier: tier, Threads: threads}})); got != want[i] {
					t.Errorf("%s, %d threads: Auto takes %s, want %s", s.Name, threads, got, want[i])
				}
			}
		}
	})
}

// resnet is a layer that every algorithm can do forward.
var resnet = conv.Shape{N: 1, C: 64, K: 64, Window: window(28, 3, 1, 1)}

func TestForcedAlgorithms(t *testing.T) {
	for _, a := range []conv.Algorithm{conv.Direct, conv.Im2col, conv.Winograd2, conv.Winograd4, conv.Winograd6} {
		p := newPlan(t, resnet, conv.Options{Forward: a})
		if got := p.Algorithm(conv.Forward); got != a {
			t.Errorf("forced %v, got %v", a, got)
		}
	}
	p := newPlan(t, resnet, conv.Options{BackwardData: conv.Im2col, BackwardWeights: conv.Im2col})
	if got := choices(p); got != "winograd4 im2col im2col" {
		t.Errorf("algorithms %s, want winograd4 im2col im2col", got)
	}
}

func TestWinogradRefusals(t *testing.T) {
	for _, c := range []struct {
		name    string
		change  func(*conv.Shape)
		message string
	}{
		{"5x5", func(s *conv.Shape) { s.R, s.S = 5, 5 }, "conv: fwd by winograd2: the filter is 5x5, it needs 3x3"},
		{"3x1", func(s *conv.Shape) { s.S = 1 }, "the filter is 3x1, it needs 3x3"},
		{"stride", func(s *conv.Shape) { s.StrideH, s.StrideW = 2, 2 }, "the stride is 2x2, it needs 1x1"},
		{"stride down", func(s *conv.Shape) { s.StrideH = 2 }, "the stride is 2x1, it needs 1x1"},
		{"stride across", func(s *conv.Shape) { s.StrideW = 3 }, "the stride is 1x3, it needs 1x1"},
		{"dilation", func(s *conv.Shape) { s.DilationW = 2 }, "the dilation is 1x2, it needs 1x1"},
		{"groups", func(s *conv.Shape) { s.Groups = 2 }, "there are 2 groups, it needs 1"},
	} {
		s := resnet
		c.change(&s)
		_, err := conv.NewPlan(s, conv.Options{Forward: conv.Winograd2})
		wantError(t, err, c.message)
		if text := newPlan(t, s, conv.Options{}).Explain(conv.Forward); !strings.Contains(text, "winograd2  refused: ") {
			t.Errorf("%s: Explain does not say that winograd2 is refused:\n%s", c.name, text)
		}
	}
	_, err := conv.NewPlan(resnet, conv.Options{BackwardWeights: conv.Winograd2})
	wantError(t, err, "conv: bwdweights by winograd2: it has no bwdweights pass")
}

// TestBatchInvariant checks that the option takes N out of the choice, and that
// without it some choices do depend on N.
func TestBatchInvariant(t *testing.T) {
	differ := false
	for _, s := range append(conv.Corpus(t), conv.RandomShapes(10, 50)...) {
		one := s.Shape
		one.N = 1
		want := choices(newPlan(t, one, conv.Options{}))
		for _, n := range []int{0, 1, 2, 8, 64} {
			many := s.Shape
			many.N = n
			p := newPlan(t, many, conv.Options{BatchInvariant: true})
			if text := p.Explain(conv.Forward); !strings.Contains(text, ", for one image\n") {
				t.Errorf("%s: Explain does not say of what:\n%s", s.Name, text)
			}
			if got := choices(p); got != want {
				t.Errorf("%s: with %d images the choice is %s, want %s", s.Name, n, got, want)
			}
			differ = differ || choices(newPlan(t, many, conv.Options{})) != want
		}
	}
	if !differ {
		t.Error("no choice depends on the number of images: the test shows nothing")
	}
}

// TestBatchInvariantLimit checks that the limit of BackwardWeights, which sums over
// the batch, is that of the batch's own workspace.
func TestBatchInvariantLimit(t *testing.T) {
	const limit = 2 << 20
	o := conv.Options{BackwardWeights: conv.Winograd4, BatchInvariant: true, WorkspaceLimit: limit}
	o.Threads = 1
	s := conv.Shape{C: 32, K: 32, Window: geometry.Window{H: 4, W: 4, R: 3, S: 3}.Same()}
	for _, n := range []int{1, 128} {
		s.N = n
		if got := newPlan(t, s, o).WorkspaceSize(conv.BackwardWeights); got > limit {
			t.Errorf("%d images take a workspace of %d bytes, want at most %d", n, got, limit)
		}
	}
	s.N = 400
	_, err := conv.NewPlan(s, o)
	wantError(t, err, "exceeds WorkspaceLimit, 2097152")
}

func TestMaxError(t *testing.T) {
	_, err := conv.NewPlan(resnet, conv.Options{Forward: conv.Winograd2, MaxError: 1})
	wantError(t, err, "conv: fwd by winograd2: error bound 1.1 exceeds MaxError, 1")
	_, err = conv.NewPlan(resnet, conv.Options{MaxError: 1})
	wantError(t, err, "conv: fwd: every algorithm is refused:")
	newPlan(t, resnet, conv.Options{Forward: conv.Winograd2, MaxError: 1.1})
	p := newPlan(t, resnet, conv.Options{MaxError: 1.1})
	if got := p.Options().MaxError; got != 1.1 {
		t.Errorf("MaxError is %v, want 1.1", got)
	}
	if got := p.Algorithm(conv.Forward); got == conv.Winograd4 {
		t.Errorf("MaxError 1.1 lets Auto take %v", got)
	}
}

func TestWorkspaceLimit(t *testing.T) {
	one := kernels.Options{Threads: 1}
	size := newPlan(t, resnet, conv.Options{Options: one, Forward: conv.Im2col}).WorkspaceSize(conv.Forward)
	newPlan(t, resnet, conv.Options{Options: one, Forward: conv.Im2col, WorkspaceLimit: size})
	newPlan(t, resnet, conv.Options{Options: kernels.Options{Threads: 7}, Forward: conv.Im2col, WorkspaceLimit: size}) // the choice does not depend on threads
	_, err := conv.NewPlan(resnet, conv.Options{Options: one, Forward: conv.Im2col, WorkspaceLimit: size - 1})
	wantError(t, err, fmt.Sprintf("conv: fwd by im2col: workspace of %d bytes a thread exceeds WorkspaceLimit, %d", size, size-1))

	_, err = conv.NewPlan(resnet, conv.Options{Options: one, WorkspaceLimit: 1})
	wantError(t, err, "conv: bwdweights: every algorithm is refused:")
	for _, a := range []string{"direct", "im2col"} {
		wantError(t, err, a)
	}

	limit := newPlan(t, resnet, conv.Options{Options: one}).WorkspaceSize(conv.BackwardWeights)
	p := newPlan(t, resnet, conv.Options{Options: one, WorkspaceLimit: limit})
	for _, pass := range passes {
		if got := p.WorkspaceSize(pass); got > limit {
			t.Errorf("%v takes a workspace of %d bytes, at most %d allowed", pass, got, limit)
		}
	}
}

func TestExplain(t *testing.T) {
	p := newPlan(t, resnet, conv.Options{Options: kernels.Options{Tier: kernels.TierGeneric, Threads: 3}, Forward: conv.Im2col, WorkspaceLimit: 1 << 30})
	for _, pass := range passes {
		text := p.Explain(pass)
		lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		if len(lines) != 6 {
			t.Fatalf("%v: %d lines, want a title and one for each algorithm:\n%s", pass, len(lines), text)
		}
		for _, part := range []string{pass.String() + " ", p.Shape().String(), "generic", "up to 3 threads", "GFLOP/s a thread"} {
			if !strings.Contains(lines[0], part) {
				t.Errorf("title %q does not say %q", lines[0], part)
			}
		}
		for _, a := range []conv.Algorithm{conv.Direct, conv.Im2col, conv.Winograd2, conv.Winograd4, conv.Winograd6} {
			mark := "  "
			if a == p.Algorithm(pass) {
				mark = "* "
			}
			if n := strings.Count(text, "\n"+mark+a.String()); n != 1 {
				t.Errorf("%v: %v is not marked %q once:\n%s", pass, a, mark, text)
			}
		}
		for _, part := range []string{"about ", " ms", "cost", "MFLOP", "bound by", "workspace", "error at most"} {
			if !strings.Contains(text, part) {
				t.Errorf("%v: no %q in\n%s", pass, part, text)
			}
		}
	}
}
