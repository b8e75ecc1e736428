package bn_test

import (
	"math"
	"strings"
	"testing"

	"github.com/simdconv/simdconv/bn"
	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/geometry"
)

func wantError(t *testing.T, err error, message string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), message) {
		t.Errorf("error %v, want one with %q", err, message)
	}
}

func TestNewPlanErrors(t *testing.T) {
	tests := []struct {
		name    string
		m, c    int
		o       bn.Options
		message string
	}{
		{"negative m", -1, 3, bn.Options{}, "bn: m is -1 pixels, want 0 or more"},
		{"no channels", 3, 0, bn.Options{}, "bn: c is 0 channels, want 1 or more"},
		{"product", geometry.MaxElements, 2, bn.Options{}, "bn: geometry:"},
		{"channels of nothing", 0, geometry.MaxElements + 1, bn.Options{}, "bn: geometry:"},
		{"negative epsilon", 3, 3, bn.Options{Epsilon: -1}, "bn: Epsilon is -1, want it positive and finite, or 0 for 0.001"},
		{"NaN epsilon", 3, 3, bn.Options{Epsilon: math.NaN()}, "bn: Epsilon is NaN"},
		{"infinite epsilon", 3, 3, bn.Options{Epsilon: math.Inf(1)}, "bn: Epsilon is +Inf"},
		{"negative momentum", 3, 3, bn.Options{Momentum: -0.5}, "bn: Momentum is -0.5, want it in (0, 1], 0 for 0.99, or NoMomentum"},
		{"large momentum", 3, 3, bn.Options{Momentum: 1.5}, "bn: Momentum is 1.5"},
		{"NaN momentum", 3, 3, bn.Options{Momentum: math.NaN()}, "bn: Momentum is NaN"},
		{"threads", 3, 3, bn.Options{Options: kernels.Options{Threads: -1}}, "bn: kernels: Threads is -1"},
		{"tier", 3, 3, bn.Options{Options: kernels.Options{Tier: 99}}, "bn: kernels:"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := bn.NewPlan(tt.m, tt.c, tt.o)
			wantError(t, err, tt.message)
			if p != nil {
				t.Error("a plan besides the error")
			}
		})
	}
}

func TestPlanAccessors(t *testing.T) {
	p, err := bn.NewPlan(10, 3, bn.Options{Momentum: bn.NoMomentum})
	must(t, err)
	if m, c := p.Size(); m != 10 || c != 3 {
		t.Errorf("Size = %d, %d, want 10, 3", m, c)
	}
	if o := p.Options(); o.Epsilon != 1e-3 || o.Momentum != 0 || o.Threads < 1 || o.Pool == nil {
		t.Errorf("Options = %+v", o)
	}
}

// TestCallErrors spoils one operand at a time, and checks the message and that
// nothing is written.
func TestCallErrors(t *testing.T) {
	const m, c = 4, 3
	const train, infer, backward = 1, 2, 4
	tests := []struct {
		name    string
		calls   int
		spoil   func(l *layer)
		message string
	}{
		{"nil workspace", train | infer | backward, func(l *layer) { l.ws = nil }, "bn: workspace is nil"},
		{"other workspace", train | infer | backward, func(l *layer) { l.ws = newLayer(t, m, c, bn.Options{}, heap).ws },
			"bn: workspace belongs to another plan"},
		{"y", train | infer, func(l *layer) { l.y = l.y[1:] }, "bn: y has length 11, want 12"},
		{"x", train | infer | backward, func(l *layer) { l.x = nil }, "bn: x has length 0, want 12"},
		{"gamma", train | infer | backward, func(l *layer) { l.q.Gamma = l.q.Gamma[1:] }, "bn: gamma has length 2, want 3"},
		{"beta", train | infer, func(l *layer) { l.q.Beta = heap(4) }, "bn: beta has length 4, want 3"},
		{"moving mean", train | infer, func(l *layer) { l.q.MovingMean = nil }, "bn: moving mean has length 0, want 3"},
		{"moving variance", train | infer, func(l *layer) { l.q.MovingVariance = heap(2) }, "bn: moving variance has length 2, want 3"},
		{"saved mean", train | backward, func(l *layer) { l.s.Mean = nil }, "bn: saved mean has length 0, want 3"},
		{"saved deviation", train | backward, func(l *layer) { l.s.InvStd = nil }, "bn: saved inverse deviation has length 0, want 3"},
		{"dx", backward, func(l *layer) { l.dx = heap(13) }, "bn: dx has length 13, want 12"},
		{"dy", backward, func(l *layer) { l.dy = heap(11) }, "bn: dy has length 11, want 12"},
		{"dgamma", backward, func(l *layer) { l.dgamma = nil }, "bn: dgamma has length 0, want 3"},
		{"dbeta", backward, func(l *layer) { l.dbeta = nil }, "bn: dbeta has length 0, want 3"},
		{"y over x", train | infer, func(l *layer) { l.x, l.y = shifted(m * c) }, "bn: y and x overlap in part"},
		{"dx over dy", backward, func(l *layer) { l.dx, l.dy = shifted(m * c) }, "bn: dx and dy overlap in part"},
		{"dx over x", backward, func(l *layer) { l.dx, l.x = shifted(m * c) }, "bn: dx and x overlap in part"},
		{"beta in y", train | infer, func(l *layer) { l.q.Beta = l.y[:c] }, "bn: y and beta overlap"},
		{"mean saved twice", train, func(l *layer) { l.s.Mean = l.q.MovingMean }, "bn: moving mean and saved mean overlap"},
		{"dgamma is gamma", backward, func(l *layer) { l.dgamma = l.q.Gamma }, "bn: dgamma and gamma overlap"},
		{"dgamma is dbeta", backward, func(l *layer) { l.dgamma, l.dbeta = shifted(c) }, "bn: dgamma and dbeta overlap"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newLayer(t, m, c, bn.Options{}, heap)
			tt.spoil(l)
			outputs := [][]float32{l.y, l.dx, l.dgamma, l.dbeta, l.s.Mean, l.s.InvStd, l.q.MovingMean, l.q.MovingVariance}
			for _, s := range outputs {
				fill(s, 5)
			}
			if tt.calls&train != 0 {
				wantError(t, l.Train(l.ws, l.y, l.x, l.q, l.s), tt.message)
			}
			if tt.calls&infer != 0 {
				wantError(t, l.Infer(l.ws, l.y, l.x, l.q), tt.message)
			}
			if tt.calls&backward != 0 {
				wantError(t, l.Backward(l.ws, l.dx, l.dgamma, l.dbeta, l.dy, l.x, l.q.Gamma, l.s), tt.message)
			}
			for _, s := range outputs {
				for i, v := range s {
					if v != 5 {
						t.Fatalf("element %d of an output of %d written in spite of the error", i, len(s))
					}
				}
			}
		})
	}
}

// shifted returns two slices of n that overlap but for one element.
func shifted(n int) (a, b []float32) {
	both := make([]float32, n+1)
	return both[:n:n], both[1:]
}

// TestSharedInputs has operands that are only read be the same.
func TestSharedInputs(t *testing.T) {
	l := newLayer(t, 4, 3, bn.Options{}, heap)
	l.q.Beta = l.q.Gamma
	l.dy = l.x
	l.train(t)
	l.backward(t)
	must(t, l.Infer(l.ws, l.y, l.x, l.q))
}
