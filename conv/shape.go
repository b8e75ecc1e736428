package conv

import (
	"fmt"

	"github.com/simdconv/simdconv/kernels/geometry"
)

// A Shape is the geometry of a convolution:
//
//	x  N x H x W x C            (NHWC)
//	w  R x S x C/Groups x K     (HWIO)
//	y  N x OH x OW x K
//
// with R, S, H, W, stride, dilation and padding in the Window. With groups,
// output channels [g*K/Groups, (g+1)*K/Groups) see only input channels
// [g*C/Groups, (g+1)*C/Groups); Groups = C is a depthwise convolution.
type Shape struct {
	N, C, K int
	geometry.Window
	Groups int // 0 means 1
}

// Check returns s with defaults filled in, or an error that names the first
// value that is wrong. N may be 0: an empty batch.
func (s Shape) Check() (Shape, error) {
	w, err := s.Window.Check()
	if err != nil {
		return Shape{}, fmt.Errorf("conv: %w", err)
	}
	s.Window = w
	if s.Groups == 0 {
		s.Groups = 1
	}
	switch {
	case s.N < 0:
		return Shape{}, fmt.Errorf("conv: N is %d, want 0 or more", s.N)
	case s.C < 1:
		return Shape{}, fmt.Errorf("conv: C is %d, want at least 1", s.C)
	case s.K < 1:
		return Shape{}, fmt.Errorf("conv: K is %d, want at least 1", s.K)
	case s.Groups < 1:
		return Shape{}, fmt.Errorf("conv: Groups is %d, want at least 1", s.Groups)
	case s.C%s.Groups != 0:
		return Shape{}, fmt.Errorf("conv: C is %d, want a multiple of Groups, %d", s.C, s.Groups)
	case s.K%s.Groups != 0:
		return Shape{}, fmt.Errorf("conv: K is %d, want a multiple of Groups, %d", s.K, s.Groups)
	}
	oh, ow := s.Out()
	for _, t := range []struct {
		name string
		dims []int
	}{
		{"x", []int{s.N, s.H, s.W, s.C}},
		{"w", []int{s.R, s.S, s.C / s.Groups, s.K}},
		{"y", []int{s.N, oh, ow, s.K}},
	} {
		if _, err := geometry.Volume(t.dims...); err != nil {
			return Shape{}, fmt.Errorf("conv: %s of %v: %w", t.name, t.dims, err)
		}
	}
	return s, nil
}

// XLen returns the number of elements of x. It and its sisters take any shape that
// passes Check, with or without the defaults filled in.
func (s Shape) XLen() int { return s.N * s.H * s.W * s.C }

// WLen returns the number of elements of w.
func (s Shape) WLen() int { return s.R * s.S * (s.C / max(s.Groups, 1)) * s.K }

// YLen returns the number of elements of y.
func (s Shape) YLen() int {
	oh, ow := s.Out()
	return s.N * oh * ow * s.K
}

// FLOP returns the floating-point operations of one pass done directly,
// 2*N*OH*OW*K*(C/Groups)*R*S: taps that fall on padding are counted too.
func (s Shape) FLOP() float64 {
	oh, ow := s.Out()
	return 2 * float64(s.N) * float64(oh) * float64(ow) * float64(s.WLen())
}

// String returns x * w as NxHxWxC * RxSxCxK, with the rest of the geometry.
func (s Shape) String() string {
	return fmt.Sprintf("%dx%dx%dx%d * %dx%dx%dx%d stride %dx%d dilation %dx%d pad %d,%d,%d,%d groups %d",
		s.N, s.H, s.W, s.C, s.R, s.S, s.C/max(s.Groups, 1), s.K, s.StrideH, s.StrideW, s.DilationH, s.DilationW,
		s.Top, s.Bottom, s.Left, s.Right, s.Groups)
}
