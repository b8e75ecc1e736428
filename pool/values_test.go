package pool_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/geometry"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/pool"
)

func TestMaxOfSpecialValues(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	zero := float32(math.Copysign(0, -1))
	tests := []struct {
		name string
		x    []float32
		y    float32
		arg  uint8
	}{
		{"first of equal", []float32{1, 7, 7, 7}, 7, 1},
		{"all equal", []float32{2, 2, 2, 2}, 2, 0},
		{"NaN first", []float32{nan, 7, inf, 1}, nan, 0},
		{"NaN last", []float32{1, inf, 2, nan}, nan, 3},
		{"first NaN", []float32{1, nan, inf, nan}, nan, 1},
		{"infinite", []float32{1, 2, inf, inf}, inf, 2},
		{"minus infinite", []float32{-inf, -inf, -inf, -inf}, -inf, 0},
		{"above minus infinite", []float32{-inf, -inf, -math.MaxFloat32, -inf}, -math.MaxFloat32, 2},
		{"zeros are equal", []float32{-1, zero, 0, -1}, zero, 1},
		{"denormal", []float32{0, 1e-45, 0, 1e-45}, 1e-45, 1},
	}
	p := newPlan(t, pool.Max, pool.Global(1, 2, 2, 1), kernels.Options{})
	ws := p.NewWorkspace()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			y, arg, dx := []float32{5}, []uint8{99}, []float32{5, 5, 5, 5}
			must(t, p.Forward(ws, y, arg, tt.x))
			kerneltest.Equal(t, "y", y, []float32{tt.y})
			if arg[0] != tt.arg {
				t.Errorf("argmax = %d, want %d", arg[0], tt.arg)
			}
			must(t, p.Forward(ws, y, nil, tt.x))
			kerneltest.Equal(t, "y without argmax", y, []float32{tt.y})
			must(t, p.Backward(ws, dx, []float32{3}, arg))
			want := make([]float32, 4)
			want[tt.arg] = 3
			kerneltest.Equal(t, "dx", dx, want)
		})
	}
}

// TestPaddingIsNotZero has all pixels negative, or not finite, at a border.
func TestPaddingIsNotZero(t *testing.T) {
	s := pool.Shape{N: 1, C: 1, Window: geometry.Window{H: 2, W: 2, R: 3, S: 3}.Same()}
	p := newPlan(t, pool.Max, s, kernels.Options{})
	y := make([]float32, 4)
	must(t, p.Forward(p.NewWorkspace(), y, nil, []float32{-4, -3, -2, -1}))
	kerneltest.Equal(t, "max", y, []float32{-1, -1, -1, -1})

	p = newPlan(t, pool.Average, s, kernels.Options{})
	must(t, p.Forward(p.NewWorkspace(), y, nil, []float32{-4, -3, -2, -1}))
	kerneltest.Equal(t, "average", y, []float32{-2.5, -2.5, -2.5, -2.5})

	s.CountPadding = true
	p = newPlan(t, pool.Average, s, kernels.Options{})
	must(t, p.Forward(p.NewWorkspace(), y, nil, []float32{-4, -3, -2, -9}))
	kerneltest.Equal(t, "average with padding", y, []float32{-2, -2, -2, -2})
}

func TestAveragePropagates(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	s := pool.Shape{N: 1, C: 2, Window: geometry.Window{H: 1, W: 4, R: 1, S: 2, StrideW: 2}}
	p := newPlan(t, pool.Average, s, kernels.Options{})
	ws := p.NewWorkspace()
	y, dx := make([]float32, 4), make([]float32, 8)
	must(t, p.Forward(ws, y, nil, []float32{nan, 1, 2, 3, inf, -inf, 1, inf}))
	kerneltest.Equal(t, "y", y, []float32{nan, 2, inf, nan})
	must(t, p.Backward(ws, dx, []float32{nan, 2, inf, -inf}, nil))
	kerneltest.Equal(t, "dx", dx, []float32{nan, 1, nan, 1, inf, -inf, inf, -inf})
}

// TestArgmaxOutsideWindow gives Backward every byte for the one window of a
// padded map.
func TestArgmaxOutsideWindow(t *testing.T) {
	s := pool.Shape{N: 1, C: 1, Window: geometry.Window{H: 2, W: 2, R: 2, S: 3, Padding: geometry.Padding{Left: 1}}}
	p := newPlan(t, pool.Max, s, kernels.Options{})
	if p.YLen() != 1 {
		t.Fatalf("YLen = %d, want 1", p.YLen())
	}
	ws := p.NewWorkspace()
	pixel := map[int]int{1: 0, 2: 1, 4: 2, 5: 3} // taps 0 and 3 are padding
	for arg := range 256 {
		dx, check := kerneltest.Canary(t, 4)
		must(t, p.Backward(ws, dx, []float32{7}, []uint8{uint8(arg)}))
		want := make([]float32, 4)
		if i, ok := pixel[arg]; ok {
			want[i] = 7
		}
		kerneltest.Equal(t, fmt.Sprintf("dx for argmax %d", arg), dx, want)
		check()
	}
}
