package kernels

import (
	"math"
	"math/bits"

	"github.com/simdconv/simdconv/kernels/micro"
)

const (
	badLayout     = "kernels: negative dimension of a layout"
	badLayoutSize = "kernels: operands do not have the layout's size"
)

// NCHWToNHWC copies n images of c channels, h rows and w columns from planes
// of one channel to pixels of all channels:
//
//	dst[n][h][w][c] = src[n][c][h][w]
//
// Like all converters it runs on the caller, on the best tier that SIMDCONV_ISA allows,
// and allocates nothing; any number of goroutines may convert at once. It panics if a
// dimension is negative, if a length is not n*c*h*w, or if the slices overlap.
func NCHWToNHWC(dst, src []float32, n, c, h, w int) {
	if checkLayout(dst, src, [4]int{n, c, h, w}); len(src) == 0 {
		return
	}
	image := c * h * w
	if c == colors {
		for i := range n {
			joinColors(dst[i*image:][:image], src[i*image:][:image])
		}
		return
	}
	wide := 0
	switch small, far := h*w < crowdedLDD, n*image >= farFloats; {
	case small && (c >= crowdedLDD || far), !small && !far && halfLines():
		wide = wideRows
	}
	transposeImages(dst, src, n, c, h*w, wide)
}

// halfLines reports whether strips of Transpose, as AVX2's, write half a line at a time.
// TransposeWide writes whole ones.
func halfLines() bool { return layoutBundle.Lanes() < line }

// transposeImages transposes n matrices of rows x cols, one after the other, wide rows
// at a time unless that is 0: 14 x 14 pixels of 256 channels take 0.8 of the time so, 7 x 7
// of 512 half of it, and with AVX2 28 x 28 of 128 half, back 0.87; others lose. Places
// are listed for what they gain: results past the caches, see streamAt, and 49 columns,
// 0.85 of the time with AVX-512, whose last square would have one column of its own.
// Others take up to 1.3 times as long so, and 49 columns with AVX2 1.5 times.
func transposeImages(dst, src []float32, n, rows, cols, wide int) {
	image := rows * cols
	to := places{1, rows, 0}
	stream := streamAt(len(dst), dst, to, rows)
	listed := stream != 0
	if cols < atCols {
		listed = cols%micro.AtRows != 0 && layoutBundle.Lanes() == micro.AtRows
	}
	few := rows < micro.AtRows || cols < quad
	for i := range n {
		dst, src := dst[i*image:], src[i*image:]
		switch {
		case wide > 0 && stream == 0 && !few:
			transposeWide(layoutBundle, dst, to, src, cols, rows, cols, wide)
		case listed && !few:
			transposeAt(layoutBundle, dst, to, src, places{1, cols, 0}, rows, cols, atCols, stream)
		default:
			transpose(layoutBundle, dst, rows, src, cols, rows, cols)
		}
	}
	layoutBundle.Fence(stream)
}

// NHWCToNCHW is the inverse of [NCHWToNHWC]:
//
//	dst[n][c][h][w] = src[n][h][w][c]
func NHWCToNCHW(dst, src []float32, n, c, h, w int) {
	if checkLayout(dst, src, [4]int{n, c, h, w}); len(src) == 0 {
		return
	}
	image := c * h * w
	if c == colors {
		for i := range n {
			splitColors(dst[i*image:][:image], src[i*image:][:image])
		}
		return
	}
	wide := 0
	if h*w%line == 0 && n*image < farFloats && halfLines() {
		wide = line
	}
	transposeImages(dst, src, n, h*w, c, wide)
}

const (
	colors     = 3       // of a pixel
	colorBlock = 1 << 13 // pixels of a call, 96 KiB
)

// joinColors makes pixels of three planes. Transposed, they would leave most lanes of
// the vectors written unused.
func joinColors(dst, src []float32) {
	n := len(src) / colors
	whole := n / layoutBundle.Lanes() * layoutBundle.Lanes()
	t := micro.TransposeArgs{Dst: dst, Src: src, LDD: colors, LDS: n, Rows: colors, Width: colors}
	for i := 0; i < whole; i += colorBlock {
		t.DOff, t.SOff, t.Cols = colors*i, i, min(colorBlock, whole-i)
		layoutBundle.JoinColors(&t)
	}
	for i := whole; i < n; i++ {
		pixel := dst[colors*i:][:colors]
		pixel[0], pixel[1], pixel[2] = src[i], src[n+i], src[2*n+i]
	}
}

// splitColors is the inverse of joinColors.
func splitColors(dst, src []float32) {
	n := len(src) / colors
	whole := n / layoutBundle.Lanes() * layoutBundle.Lanes()
	t := micro.TransposeArgs{Dst: dst, Src: src, LDD: n, LDS: colors, Cols: colors}
	for i := 0; i < whole; i += colorBlock {
		t.DOff, t.SOff, t.Rows = i, colors*i, min(colorBlock, whole-i)
		t.Width = t.Rows
		layoutBundle.SplitColors(&t)
	}
	for i := whole; i < n; i++ {
		pixel := src[colors*i:][:colors]
		dst[i], dst[n+i], dst[2*n+i] = pixel[0], pixel[1], pixel[2]
	}
}

// OIHWToHWIO copies the weights of a convolution with k output channels, c
// input channels and an r x s kernel:
//
//	dst[r][s][c][k] = src[k][c][r][s]
//
// It panics like [NCHWToNHWC].
func OIHWToHWIO(dst, src []float32, k, c, r, s int) {
	if checkLayout(dst, src, [4]int{k, c, r, s}); len(src) == 0 {
		return
	}
	if r*s == 1 {
		transposeImages(dst, src, 1, k, c, 0)
		return
	}
	if k >= micro.AtRows && c*r*s >= quad {
		to := places{r * s, k, c * k}
		stream := streamAt(len(dst), dst, to, k)
		if stream == 0 {
			transposeWide(layoutBundle, dst, to, src, c*r*s, k, c*r*s, wideRows)
			return
		}
		transposeAt(layoutBundle, dst, to, src, places{1, c * r * s, 0}, k, c*r*s, atCols, stream)
		layoutBundle.Fence(stream)
		return
	}
	for i := range c {
		transpose(layoutBundle, dst[i*k:], c*k, src[i*r*s:], c*r*s, k, r*s)
	}
}

// HWIOToOIHW is the inverse of [OIHWToHWIO]:
//
//	dst[k][c][r][s] = src[r][s][c][k]
func HWIOToOIHW(dst, src []float32, k, c, r, s int) {
	if checkLayout(dst, src, [4]int{k, c, r, s}); len(src) == 0 {
		return
	}
	if r*s == 1 {
		transposeImages(dst, src, 1, c, k, 0)
		return
	}
	if c*r*s >= micro.AtRows && k >= quad {
		to := places{1, c * r * s, 0}
		stream := streamAt(len(dst), dst, to, c*r*s)
		transposeAt(layoutBundle, dst, to, src, places{r * s, k, c * k}, c*r*s, k, atCols, stream)
		layoutBundle.Fence(stream)
		return
	}
	for i := range c {
		transpose(layoutBundle, dst[i*r*s:], c*r*s, src[i*k:], c*k, r*s, k)
	}
}

func checkLayout(dst, src []float32, dims [4]int) {
	size := uint64(1)
	for _, d := range dims {
		if d < 0 {
			panic(badLayout)
		}
		over, low := bits.Mul64(size, uint64(d))
		if size = low; over > 0 {
			size = math.MaxUint64
		}
	}
	switch {
	case uint64(len(dst)) != size || uint64(len(src)) != size:
		panic(badLayoutSize)
	case Overlap(dst, src):
		panic(badShared)
	}
}

// layoutBundle is the tier that converters run on: the best one, or plain Go if
// the environment asks for what is not there.
var layoutBundle = func() *micro.Bundle {
	t, err := micro.Best()
	if err != nil {
		t = micro.Generic
	}
	return micro.For(t)
}()
