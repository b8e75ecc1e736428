package conv_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/simdconv/simdconv/conv"
	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/geometry"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/ref"
)

var winograds = []conv.Algorithm{conv.Winograd2, conv.Winograd4, conv.Winograd6}

// winogradShapes draws n shapes that Winograd can do: maps, channels and
// paddings around its tiles and vectors.
func winogradShapes(t testing.TB, seed uint64, n int) (shapes []conv.Shape) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	for len(shapes) < n {
		s, err := conv.Shape{N: r.IntN(4), C: 1 + r.IntN(70), K: 1 + r.IntN(70), Window: geometry.Window{
			H: 1 + r.IntN(17), W: 1 + r.IntN(19), R: 3, S: 3,
			Padding: geometry.Padding{Top: r.IntN(3), Bottom: r.IntN(3), Left: r.IntN(3), Right: r.IntN(3)},
		}}.Check()
		if err != nil || s.FLOP() > 4e6 {
			continue
		}
		shapes = append(shapes, s)
	}
	return shapes
}

// absoluteBound is the largest rms error of Winograd over up to 512 channels,
// relative to the rms of the result. Maps of a pixel or two have small results,
// as most taps fall on padding, beside the error of a whole tile: looseBound.
const (
	absoluteBound = 1e-6
	looseBound    = 2e-6
)

// absolute is absoluteBound, but for winograd6, whose points have more error.
func absolute(a conv.Algorithm) float64 {
	if a == conv.Winograd6 {
		return 4 * absoluteBound
	}
	return absoluteBound
}

// loose is looseBound, in the same way.
func loose(a conv.Algorithm) float64 { return looseBound / absoluteBound * absolute(a) }

// TestWinogradClose compares the tile sizes with float64 on every tier.
func TestWinogradClose(t *testing.T) {
	n := 60
	if testing.Short() {
		n = 15
	}
	for _, s := range winogradShapes(t, 1, n) {
		checkWinogradClose(t, s)
	}
}

func checkWinogradClose(t *testing.T, s conv.Shape) {
	t.Helper()
	in := newInputs(s, stale, kerneltest.FillUniform)
	want := expected[float64](in)
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		for _, a := range winograds {
			l := newLayer(t, s, kernels.Options{Tier: tier, Threads: 2}, a)
			conv.ReplaceBuffers(stale, l.ws, l.forward, l.backward)
			got := l.run(t, in, stale, conv.Epilogue{})
			bound := loose(a)
			kerneltest.Close(t, fmt.Sprintf("%v by %v: y", s, a), got.y, want.y, bound)
			kerneltest.Close(t, fmt.Sprintf("%v by %v: dx", s, a), got.dx, want.dx, bound)
			if got.dw != nil {
				kerneltest.Close(t, fmt.Sprintf("%v by %v: dw", s, a), got.dw, want.dw, looseBound)
			}
		}
	})
}

// TestWinogradPadding has paddings of more than a tile on maps of one row.
func TestWinogradPadding(t *testing.T) {
	for _, pad := range []geometry.Padding{{Top: 7, Bottom: 2, Left: 3, Right: 9}, {Top: 2, Bottom: 9, Left: 11, Right: 0}, {Top: 5, Bottom: 5, Left: 5, Right: 5}} {
		s, err := conv.Shape{N: 2, C: 5, K: 18, Window: geometry.Window{H: 1, W: 3, R: 3, S: 3, Padding: pad}}.Check()
		must(t, err)
		checkWinogradClose(t, s)
	}
}

// TestWinogradLarge has more channels than one transform takes, or one call sums, and
// more tiles and output channels than one block.
func TestWinogradLarge(t *testing.T) {
	for _, s := range []conv.Shape{
		{N: 1, C: 6000, K: 3, Window: window(3, 3, 1, 1)},
		{N: 1, C: 7, K: 300, Window: window(9, 3, 1, 1)},
		{N: 3, C: 4, K: 5, Window: window(45, 3, 1, 1)},
	} {
		s, err := s.Check()
		must(t, err)
		checkWinogradClose(t, s)
	}
}

// TestWinogradFar has transformed weights beyond the caches, whose tiles ask for
// what comes next: the images of a batch, one tile each, must have the bits that
// they have alone, and those be right.
func TestWinogradFar(t *testing.T) {
	batch := conv.Shape{N: 120, C: 330, K: 360, Window: window(4, 3, 1, 1)}
	if testing.Short() {
		batch.N = 15
	}
	batch, err := batch.Check()
	must(t, err)
	single := batch
	single.N = 1
	in := newInputs(batch, guards(t, true), kerneltest.FillUniform)
	r, want := reference(single), make([]float64, single.YLen())
	ref.ConvForward(r, want, convert[float64](in.x[:single.XLen()]), convert[float64](in.w))
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		l := newLayer(t, batch, kernels.Options{Tier: tier, Threads: 2}, conv.Winograd4)
		conv.ReplaceBuffers(guards(t, true), l.ws, l.forward)
		got := l.runForward(t, in, stale, conv.Epilogue{})
		kerneltest.Close(t, "y of the first image", got[:single.YLen()], want, absoluteBound)
		one := newLayer(t, single, kernels.Options{Tier: tier}, conv.Winograd4)
		must(t, one.Pack(one.forward, in.w))
		for n := 0; n < batch.N; n += 14 {
			x, y := n*single.XLen(), n*single.YLen()
			alone := stale(single.YLen())
			must(t, one.Forward(one.ws, alone, in.x[x:x+single.XLen()], one.forward, conv.Epilogue{}))
			kerneltest.Equal(t, fmt.Sprintf("y of image %d", n), got[y:y+single.YLen()], alone)
		}
	})
}

// TestWinogradEpilogue applies every combination of parts to Winograd's own
// sums, which are then the same bits.
func TestWinogradEpilogue(t *testing.T) {
	s, err := conv.Shape{N: 2, C: 9, K: 37, Window: window(7, 3, 1, 1)}.Check()
	must(t, err)
	in, full := newInputs(s, stale, kerneltest.FillUniform), uniformEpilogue(s)
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		for _, a := range winograds {
			l := newLayer(t, s, kernels.Options{Tier: tier}, a)
			sum := l.runForward(t, in, stale, conv.Epilogue{})
			for parts := range 16 {
				var ep conv.Epilogue
				want := slices.Clone(sum)
				for i := range want {
					if parts&1 != 0 {
						ep.Scale = full.Scale
						want[i] = float32(want[i] * full.Scale[i%s.K])
					}
					if parts&2 != 0 {
						ep.Bias = full.Bias
						want[i] += full.Bias[i%s.K]
					}
					if parts&4 != 0 {
						ep.Residual = full.Residual
						want[i] += full.Residual[i]
					}
					if parts&8 != 0 {
						ep.Act = kernels.ActReLU
						want[i] = max(want[i], 0)
					}
				}
				kerneltest.Equal(t, fmt.Sprintf("%v, parts %04b", a, parts), l.runForward(t, in, stale, ep), want)
			}
		}
	})
}

// TestWinogradNaN checks that a NaN stays within the tiles that read it, in its
// image.
func TestWinogradNaN(t *testing.T) {
	s, err := conv.Shape{N: 2, C: 20, K: 35, Window: window(16, 3, 1, 1)}.Check()
	must(t, err)
	for _, a := range winograds {
		out := map[conv.Algorithm]int{conv.Winograd2: 2, conv.Winograd4: 4, conv.Winograd6: 6}[a]
		in := newInputs(s, stale, kerneltest.FillUniform)
		const h, w = 5, 10 // of image 1
		in.x[((s.H+h)*s.W+w)*s.C+3] = nan
		kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
			y := newLayer(t, s, kernels.Options{Tier: tier}, a).runForward(t, in, stale, conv.Epilogue{})
			for i, v := range y {
				pixel := i / s.K
				image, oh, ow := pixel/(16*16), pixel/16%16, pixel%16
				// The tile reads rows and columns from one before it to one behind.
				top, left := oh/out*out-1, ow/out*out-1
				reads := image == 1 && top <= h && h < top+out+2 && left <= w && w < left+out+2
				if !reads && v != v {
					t.Fatalf("%v: y[%d] at (%d, %d) of image %d is NaN", a, i, oh, ow, image)
				}
				if near := image == 1 && math.Abs(float64(oh-h)) <= 1 && math.Abs(float64(ow-w)) <= 1; near && v == v {
					t.Fatalf("%v: y[%d] at (%d, %d) is %v, want NaN", a, i, oh, ow, v)
				}
			}
		})
	}
}

// TestWinogradAccuracy holds F(4x4,3x3) to the error that it is claimed to have,
// as a multiple of that of plain float32 summation, and to the absolute bound.
func TestWinogradAccuracy(t *testing.T) {
	for _, c := range []struct {
		channels int
		bound    float64
	}{{64, 2.4}, {128, 1.7}, {256, 1.2}} {
		s, err := conv.Shape{N: 1, C: c.channels, K: 24, Window: window(12, 3, 1, 1)}.Check()
		must(t, err)
		checkWinogradAccuracy(t, s, conv.Forward, c.bound)
		s.C, s.K = s.K, s.C
		checkWinogradAccuracy(t, s, conv.BackwardData, c.bound)
	}
}

// TestWinogradErrorBounds holds the tile sizes to the bounds by which plans
// refuse them, on data as layers have it: what ReLU lets through, and weights as
// they are initialised.
func TestWinogradErrorBounds(t *testing.T) {
	for _, channels := range []int{1, 2, 4, 9, 16, 40, 64, 100, 128, 200, 256, 300} {
		s, err := conv.Shape{N: 1, C: channels, K: 24, Window: window(7, 3, 1, 1)}.Check()
		must(t, err)
		in := newInputs(s, stale, kerneltest.FillUniform)
		r := rand.New(rand.NewPCG(9, uint64(channels)))
		for i := range in.x {
			in.x[i] = float32(max(0, r.NormFloat64()))
		}
		for i := range in.w {
			in.w[i] = float32(r.NormFloat64())
		}
		exact, sequential := expected[float64](in), expected[float32](in)
		plain, _ := kerneltest.RMSError(sequential.y, exact.y)
		kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
			for _, a := range winograds {
				l := newLayer(t, s, kernels.Options{Tier: tier}, a)
				bound := conv.ErrorBound(l.Plan, conv.Forward)
				got := l.runForward(t, in, stale, conv.Epilogue{})
				kerneltest.Close(t, fmt.Sprintf("%d channels by %v", channels, a), got, exact.y, min(absolute(a), bound*plain))
				rms, _ := kerneltest.RMSError(got, exact.y)
				t.Logf("%d channels by %v: %.2f x sequential, bound %v", channels, a, rms/plain, bound)
			}
		})
	}
}

// TestWinogradGradientErrorBounds does the same for the gradient of the weights,
// a sum over tiles.
func TestWinogradGradientErrorBounds(t *testing.T) {
	for _, side := range []int{1, 3, 4, 7, 14, 16, 28, 62} {
		s, err := conv.Shape{N: 2, C: 6, K: 17, Window: window(side, 3, 1, 1)}.Check()
		must(t, err)
		in := newInputs(s, stale, kerneltest.FillUniform)
		r := rand.New(rand.NewPCG(10, uint64(side)))
		for i := range in.x {
			in.x[i] = float32(max(0, r.NormFloat64()))
		}
		for i := range in.dy {
			in.dy[i] = float32(r.NormFloat64())
		}
		exact, sequential := expected[float64](in), expected[float32](in)
		plain, _ := kerneltest.RMSError(sequential.dw, exact.dw)
		kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
			l := newLayer(t, s, kernels.Options{Tier: tier}, conv.Winograd4)
			bound := conv.ErrorBound(l.Plan, conv.BackwardWeights)
			got := l.run(t, in, stale, conv.Epilogue{})
			kerneltest.Close(t, fmt.Sprintf("%dx%d", side, side), got.dw, exact.dw, min(looseBound, bound*plain))
			rms, _ := kerneltest.RMSError(got.dw, exact.dw)
			t.Logf("%dx%d: %.2f x sequential, bound %v, rms %.2g", side, side, rms/plain, bound, rms)
		})
	}
}

func checkWinogradAccuracy(t *testing.T, s conv.Shape, pass conv.Pass, bound float64) {
	t.Helper()
	in := newInputs(s, stale, kerneltest.FillUniform)
	exact, sequential := expected[float64](in), expected[float32](in)
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		got := newLayer(t, s, kernels.Options{Tier: tier}, conv.Winograd4).run(t, in, stale, conv.Epilogue{})
		result, plain, want := got.y, sequential.y, exact.y
		if pass == conv.BackwardData {
			result, plain, want = got.dx, sequential.dx, exact.dx
		}
		rms, _ := kerneltest.RMSError(plain, want)
		kerneltest.Close(t, fmt.Sprintf("%v of %v", pass, s), result, want, min(absoluteBound, bound*rms))
	})
}
