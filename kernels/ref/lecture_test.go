package ref_test

import (
	"slices"
	"testing"

	"github.com/simdconv/simdconv/kernels/ref"
)

// The numbers that the lecture's slides print, one test per slide.

// diagonal is the slides' scribble: a line that falls to the right.
var diagonal = []float64{
	10, 0, 0,
	0, 10, 0,
	0, 0, 10,
}

// convolve slides a square filter over a square image of one channel and adds
// a bias. It returns the feature map row by row.
func convolve(image []float64, side int, filter []float64, filterSide, padding, stride int, bias float64) []float64 {
	c := ref.Conv{
		N: 1, H: side, W: side, C: 1, K: 1, R: filterSide, S: filterSide,
		StrideH: stride, StrideW: stride,
		Top: padding, Bottom: padding, Left: padding, Right: padding,
	}
	y := stale(c.YLen())
	ref.ConvForward(c, y, image, filter)
	ref.Epilogue(y, nil, []float64{bias}, nil, false)
	return y
}

// Slide "real-time convolution": the X filter. The slide shows the first value
// of the feature map, 4.
func TestLectureXFilter(t *testing.T) {
	image := []float64{
		1, 1, 1, 0, 0,
		0, 1, 1, 1, 0,
		0, 0, 1, 1, 1,
		0, 0, 1, 1, 0,
		0, 1, 1, 0, 0,
	}
	filter := []float64{
		1, 0, 1,
		0, 1, 0,
		1, 0, 1,
	}
	checkEqual(t, "feature map", convolve(image, 5, filter, 3, 0, 1, 0), []float64{
		4, 3, 4,
		2, 4, 3,
		2, 3, 4,
	})
}

// Slides "example of a convolution": three filters on the diagonal, without a
// bias and with one. The slides name the biases 10 and 20 for the other two
// filters but print their maps as they are without, except for the one on the
// padding slide: 10 40 / 60 10 is the rising diagonal with its bias.
func TestLectureFilters(t *testing.T) {
	for _, c := range []struct {
		name   string
		filter []float64
		bias   float64
		plain  []float64 // as printed
		biased []float64
	}{
		{"falling diagonal", []float64{10, 0, 0, 10}, 20, []float64{200, 0, 0, 200}, []float64{220, 20, 20, 220}},
		{"rising diagonal", []float64{0, 5, 3, 0}, 10, []float64{0, 30, 50, 0}, []float64{10, 40, 60, 10}},
		{"horizontal line", []float64{2, 6, 0, 0}, 20, []float64{20, 0, 60, 20}, []float64{40, 20, 80, 40}},
	} {
		t.Run(c.name, func(t *testing.T) {
			checkEqual(t, "feature map", convolve(diagonal, 3, c.filter, 2, 0, 1, 0), c.plain)
			checkEqual(t, "feature map with bias", convolve(diagonal, 3, c.filter, 2, 0, 1, c.bias), c.biased)
		})
	}
}

// Slide "padding": with a border of zeros the map is larger than the image. The
// slide before has the filter 0 5 / 3 0; the printed map belongs to 0 1 / 1 0,
// which this slide shows, and to the bias 10.
func TestLecturePadding(t *testing.T) {
	checkEqual(t, "feature map", convolve(diagonal, 3, []float64{0, 1, 1, 0}, 2, 1, 1, 10), []float64{
		10, 20, 10, 10,
		20, 10, 20, 10,
		10, 20, 10, 20,
		10, 10, 20, 10,
	})
}

// Slide "striding": the same padded image, every third position.
func TestLectureStride(t *testing.T) {
	checkEqual(t, "feature map", convolve(diagonal, 3, []float64{0, 1, 1, 0}, 2, 1, 3, 0), []float64{
		0, 0,
		0, 0,
	})
}

// Slide "size after a convolution": O = (L + 2P - F)/S + 1.
func TestLectureOutputSize(t *testing.T) {
	for _, c := range []struct{ l, p, f, s, want int }{
		{5, 0, 3, 1, 3},
		{3, 0, 2, 1, 2},
		{3, 1, 2, 1, 4},
		{3, 1, 2, 3, 2},
		{28, 3, 7, 1, 28},
		{28, 0, 2, 2, 14},
	} {
		conv := ref.Conv{H: c.l, W: c.l, R: c.f, S: c.f, StrideH: c.s, StrideW: c.s, Top: c.p, Bottom: c.p, Left: c.p, Right: c.p}
		if oh, ow := conv.Out(); oh != c.want || ow != c.want {
			t.Errorf("L=%d P=%d F=%d S=%d: O = %d, %d, want %d", c.l, c.p, c.f, c.s, oh, ow, c.want)
		}
	}
}

// Slide "pooling": 2 x 2 with stride 3 on the padded image. A border of zeros
// that belongs to the image gives the same here as padding that is left out.
func TestLecturePooling(t *testing.T) {
	padded := []float64{
		0, 0, 0, 0, 0,
		0, 10, 0, 0, 0,
		0, 0, 10, 0, 0,
		0, 0, 0, 10, 0,
		0, 0, 0, 0, 0,
	}
	for _, c := range []struct {
		name  string
		image []float64
		pool  ref.Pool
	}{
		{"zeros in the image", padded, ref.Pool{N: 1, H: 5, W: 5, C: 1, R: 2, S: 2, StrideH: 3, StrideW: 3}},
		{"padding", diagonal, ref.Pool{N: 1, H: 3, W: 3, C: 1, R: 2, S: 2, StrideH: 3, StrideW: 3, Top: 1, Bottom: 1, Left: 1, Right: 1, CountPadding: true}},
	} {
		y := stale(4)
		ref.MaxPoolForward(c.pool, y, nil, c.image)
		checkEqual(t, c.name+": maximum", y, []float64{10, 0, 0, 10})
		// The slide leaves the average as an exercise.
		ref.AvgPoolForward(c.pool, y, c.image)
		checkEqual(t, c.name+": average", y, []float64{2.5, 0, 0, 2.5})
	}
}

// Slide "channels of a filter": 308 - 498 + 164 + 1 = -25, the top left corner
// of a padded image with three channels.
func TestLectureThreeChannels(t *testing.T) {
	red := []float64{
		156, 155, 156, 158, 158,
		153, 154, 157, 159, 159,
		149, 151, 155, 158, 159,
		146, 146, 149, 153, 158,
		145, 143, 143, 148, 158,
	}
	green := []float64{
		167, 166, 167, 169, 169,
		164, 165, 168, 170, 170,
		160, 162, 166, 169, 170,
		156, 156, 159, 163, 168,
		155, 153, 153, 158, 168,
	}
	blue := []float64{
		163, 162, 163, 165, 165,
		160, 161, 164, 166, 166,
		156, 158, 162, 165, 166,
		155, 155, 158, 162, 167,
		154, 152, 152, 157, 167,
	}
	kernels := [3][]float64{
		{-1, -1, 1, 0, 1, -1, 0, 1, 1},
		{1, 0, 0, 1, -1, -1, 1, 0, -1},
		{0, 1, 1, 0, 1, 0, 1, -1, 1},
	}
	var x, w []float64 // with the three channels side by side
	for i := range red {
		x = append(x, red[i], green[i], blue[i])
	}
	for i := range kernels[0] {
		w = append(w, kernels[0][i], kernels[1][i], kernels[2][i])
	}
	for i, channel := range [][]float64{red, green, blue} {
		want := []float64{308, -498, 164}[i]
		if got := convolve(channel, 5, kernels[i], 3, 1, 1, 0)[0]; got != want {
			t.Errorf("channel %d gives %v, want %v", i+1, got, want)
		}
	}
	c := ref.Conv{N: 1, H: 5, W: 5, C: 3, K: 1, R: 3, S: 3, Top: 1, Bottom: 1, Left: 1, Right: 1}
	y := stale(c.YLen())
	ref.ConvForward(c, y, x, w)
	ref.Epilogue(y, nil, []float64{1}, nil, false)
	if y[0] != -25 {
		t.Errorf("output %v, want -25", y[0])
	}
}

// Slide "effect of a convolution": the table that blurs, whose weights add up
// to 1068, and the one that finds edges.
func TestLectureBlurAndEdges(t *testing.T) {
	blur := []float64{
		0, 0, 0, 5, 0, 0, 0,
		0, 5, 18, 32, 18, 5, 0,
		0, 18, 64, 100, 64, 18, 0,
		5, 32, 100, 100, 100, 32, 5,
		0, 18, 64, 100, 64, 18, 0,
		0, 5, 18, 32, 18, 5, 0,
		0, 0, 0, 5, 0, 0, 0,
	}
	edge := []float64{
		-1, -1, -1,
		-1, 8, -1,
		-1, -1, -1,
	}
	sum := 0.0
	for _, v := range blur {
		sum += v
	}
	if sum != 1068 {
		t.Fatalf("the weights add up to %v, want 1068", sum)
	}
	normalised := slices.Clone(blur)
	for i := range normalised {
		normalised[i] /= sum
	}

	const side = 12
	constant := slices.Repeat([]float64{7}, side*side)
	checkClose(t, "blurred constant", convolve(constant, side, normalised, 7, 0, 1, 0), slices.Repeat([]float64{7}, 6*6))
	checkEqual(t, "edges of a constant", convolve(constant, side, edge, 3, 0, 1, 0), make([]float64, 10*10))

	// Left half dark, right half bright.
	step := make([]float64, side*side)
	for i := range step {
		if i%side >= side/2 {
			step[i] = 10
		}
	}
	blurred := convolve(step, side, normalised, 7, 0, 1, 0)[:6]
	for i, v := range blurred {
		if v <= 0 || v >= 10 || i > 0 && v <= blurred[i-1] {
			t.Errorf("blurred step = %v, want it to rise from 0 to 10", blurred)
			break
		}
	}
	// Three of the eight neighbours are across the edge.
	edges := convolve(step, side, edge, 3, 0, 1, 0)[:10]
	checkEqual(t, "edges of a step", edges, []float64{0, 0, 0, 0, -30, 30, 0, 0, 0, 0})
}

// Slide "is a CNN an FCN after all?": a convolution is a dense layer whose
// weights are shared and mostly zero.
func TestLectureConvolutionIsDense(t *testing.T) {
	c := ref.Conv{N: 2, H: 4, W: 5, C: 2, K: 3, R: 3, S: 2, StrideH: 2, Top: 1, Bottom: 1, Right: 1}
	in, out := c.XLen()/c.N, c.YLen()/c.N
	x, w := integers(1, c.XLen()), integers(2, c.WLen())

	// Row i of the dense weights is the answer to an image with a single 1.
	image := c
	image.N = 1
	matrix := stale(in * out)
	for i := range in {
		one := make([]float64, in)
		one[i] = 1
		ref.ConvForward(image, matrix[i*out:(i+1)*out], one, w)
	}

	y, want := stale(c.YLen()), stale(c.YLen())
	ref.ConvForward(c, want, x, w)
	ref.DenseForward(c.N, in, out, y, x, matrix, nil)
	checkEqual(t, "y", y, want)
}
