package pool_test

import (
	"strings"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/geometry"
	"github.com/simdconv/simdconv/pool"
)

func wantError(t *testing.T, err error, message string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), message) {
		t.Errorf("error %v, want one with %q", err, message)
	}
}

func TestNewPlanErrors(t *testing.T) {
	good := pool.Shape{N: 1, C: 2, Window: geometry.Window{H: 4, W: 4, R: 2, S: 2}}
	tests := []struct {
		name    string
		op      pool.Op
		change  func(*pool.Shape, *kernels.Options)
		message string
	}{
		{"operation", 2, func(*pool.Shape, *kernels.Options) {}, "pool: unknown operation Op(2), want max or average"},
		{"negative N", 0, func(s *pool.Shape, _ *kernels.Options) { s.N = -1 }, "pool: N is -1, want 0 or more"},
		{"no channels", 0, func(s *pool.Shape, _ *kernels.Options) { s.C = 0 }, "pool: C is 0, want 1 or more"},
		{"no rows", 0, func(s *pool.Shape, _ *kernels.Options) { s.H = 0 }, "input height H is 0"},
		{"negative stride", 0, func(s *pool.Shape, _ *kernels.Options) { s.StrideW = -1 }, "horizontal stride is -1"},
		{"large window", 0, func(s *pool.Shape, _ *kernels.Options) { s.R = 5 }, "vertical window of 5 taps with dilation 1 is larger than the padded input of 0+4+0"},
		{"top", 0, func(s *pool.Shape, _ *kernels.Options) { s.Top = 2 }, "pool: top padding is 2, want less than the window's span of 2"},
		{"bottom", 0, func(s *pool.Shape, _ *kernels.Options) { s.Bottom = 3 }, "pool: bottom padding is 3, want less than the window's span of 2"},
		{"left", 0, func(s *pool.Shape, _ *kernels.Options) { s.Left = 2 }, "pool: left padding is 2, want less than the window's span of 2"},
		{"right", 0, func(s *pool.Shape, _ *kernels.Options) { s.Right = 2 }, "pool: right padding is 2, want less than the window's span of 2"},
		{"stepping over", 0, func(s *pool.Shape, _ *kernels.Options) { s.H, s.Top, s.Bottom, s.DilationH = 1, 1, 2, 3 },
			"pool: a window of 2 taps with dilation 3 steps over all 1 pixels between padding 1 (top) and 2 (bottom)"},
		{"taps", pool.Max, func(s *pool.Shape, _ *kernels.Options) { s.H, s.R, s.W, s.S = 1, 1, 300, 257 }, "pool: max window 1x257 has 257 taps, want at most 256"},
		{"large x", 0, func(s *pool.Shape, _ *kernels.Options) { s.N = geometry.MaxElements }, "pool: x: geometry:"},
		{"large y", 0, func(s *pool.Shape, _ *kernels.Options) {
			s.N, s.H, s.W, s.R, s.S = geometry.MaxElements/2, 1, 1, 2, 2
			s.Padding = geometry.Padding{Top: 1, Bottom: 1, Left: 1, Right: 1}
		}, "pool: y: geometry:"},
		{"threads", 0, func(_ *pool.Shape, o *kernels.Options) { o.Threads = -1 }, "pool: kernels: Threads is -1"},
		{"tier", 0, func(_ *pool.Shape, o *kernels.Options) { o.Tier = 99 }, "pool: kernels:"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, o := good, kernels.Options{}
			tt.change(&s, &o)
			p, err := pool.NewPlan(tt.op, s, o)
			wantError(t, err, tt.message)
			if p != nil {
				t.Error("a plan besides the error")
			}
		})
	}
	if _, err := pool.NewPlan(pool.Average, pool.Global(1, 17, 17, 1), kernels.Options{}); err != nil {
		t.Errorf("average of 289 taps: %v", err)
	}
}

// TestCallErrors checks the message of every bad argument, and that nothing is
// written.
func TestCallErrors(t *testing.T) {
	s := pool.Shape{N: 1, C: 2, Window: geometry.Window{H: 4, W: 4, R: 2, S: 2, StrideH: 2, StrideW: 2}}
	plans := map[pool.Op]*pool.Plan{}
	for _, op := range ops {
		plans[op] = newPlan(t, op, s, kernels.Options{})
	}
	other := newPlan(t, pool.Max, s, kernels.Options{}).NewWorkspace()
	const xLen, yLen = 32, 8
	both := make([]float32, xLen+yLen)
	tests := []struct {
		name     string
		op       pool.Op
		ws       *pool.Workspace // of the plan if it is &own
		x, y     []float32
		argmax   []uint8
		forward  string
		backward string
	}{
		{"nil workspace", pool.Max, nil, make([]float32, xLen), make([]float32, yLen), make([]uint8, yLen),
			"pool: workspace is nil", "pool: workspace is nil"},
		{"other workspace", pool.Max, other, make([]float32, xLen), make([]float32, yLen), make([]uint8, yLen),
			"pool: workspace belongs to another plan", "pool: workspace belongs to another plan"},
		{"short x", pool.Max, &own, make([]float32, xLen-1), make([]float32, yLen), make([]uint8, yLen),
			"pool: x has length 31, want 32", "pool: dx has length 31, want 32"},
		{"long y", pool.Average, &own, make([]float32, xLen), make([]float32, yLen+1), nil,
			"pool: y has length 9, want 8", "pool: dy has length 9, want 8"},
		{"short argmax", pool.Max, &own, make([]float32, xLen), make([]float32, yLen), make([]uint8, yLen-1),
			"pool: argmax has length 7, want 8", "pool: argmax has length 7, want 8"},
		{"empty argmax", pool.Max, &own, make([]float32, xLen), make([]float32, yLen), []uint8{},
			"pool: argmax has length 0, want 8", "pool: argmax has length 0, want 8"},
		{"no argmax", pool.Max, &own, make([]float32, xLen), make([]float32, yLen), nil,
			"", "pool: argmax has length 0, want 8"},
		{"argmax of average", pool.Average, &own, make([]float32, xLen), make([]float32, yLen), make([]uint8, yLen),
			"pool: argmax has length 8, want nil for average pooling", "pool: argmax has length 8, want nil for average pooling"},
		{"overlap before", pool.Average, &own, both[yLen-1:][:xLen], both[:yLen], nil,
			"pool: y and x overlap", "pool: dx and dy overlap"},
		{"overlap after", pool.Average, &own, both[:xLen], both[xLen-1:][:yLen], nil,
			"pool: y and x overlap", "pool: dx and dy overlap"},
		{"neighbours", pool.Average, &own, both[:xLen], both[xLen:], nil, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, ws := plans[tt.op], tt.ws
			if ws == &own {
				ws = p.NewWorkspace()
			}
			check := func(written []float32, err error, message string) {
				t.Helper()
				if message == "" {
					if err != nil {
						t.Error(err)
					}
					return
				}
				wantError(t, err, message)
				for i, v := range written {
					if v != 5 {
						t.Fatalf("element %d written in spite of the error", i)
					}
				}
			}
			fill(tt.x, 5)
			fill(tt.y, 5)
			check(tt.y, p.Forward(ws, tt.y, tt.argmax, tt.x), tt.forward)
			fill(tt.x, 5)
			fill(tt.y, 5)
			check(tt.x, p.Backward(ws, tt.x, tt.y, tt.argmax), tt.backward)
		})
	}
}

// own stands for a workspace of the plan under test.
var own pool.Workspace

func fill(x []float32, v float32) {
	for i := range x {
		x[i] = v
	}
}

func TestPlanAccessors(t *testing.T) {
	s := pool.Shape{N: 2, C: 3, Window: geometry.Window{H: 7, W: 8, R: 3, S: 3, StrideH: 2, StrideW: 2}.Same()}
	p := newPlan(t, pool.Average, s, kernels.Options{})
	if p.Op() != pool.Average || p.Op().String() != "average" || pool.Max.String() != "max" {
		t.Errorf("Op = %v", p.Op())
	}
	if p.XLen() != 2*7*8*3 || p.YLen() != 2*4*4*3 {
		t.Errorf("XLen, YLen = %d, %d, want 336, 96", p.XLen(), p.YLen())
	}
	if got := p.Shape(); got.DilationH != 1 || got.H != 7 {
		t.Errorf("Shape = %+v", got)
	}
	if got, err := s.Check(); err != nil || got != p.Shape() {
		t.Errorf("Check = %+v, %v", got, err)
	}
}

// TestCeilTwice finds nothing left to round up, and what the first call added
// still marked.
func TestCeilTwice(t *testing.T) {
	rounded := 0
	for h := 4; h < 12; h++ {
		for stride := 1; stride <= 3; stride++ {
			for pad := range 2 {
				s := pool.Shape{N: 1, C: 1, Window: geometry.Window{H: h, W: h + 1, R: 3, S: 2, StrideH: stride, StrideW: 2, DilationH: 1 + h%2,
					Padding: geometry.Padding{Top: pad, Bottom: 1, Right: pad}}}
				once := s.Ceil()
				if once.Beyond.Bottom+once.Beyond.Right > 0 {
					rounded++
				}
				if twice := once.Ceil(); twice != once {
					t.Errorf("%+v: Ceil().Ceil() = %+v, want %+v", s, twice, once)
				}
			}
		}
	}
	if rounded == 0 {
		t.Error("no shape was rounded up")
	}
}
