package ref

// Pool is the shape of a pooling: an R x S window that moves over each of the C
// channels of N images on its own. Strides and dilations of 0 mean 1. The
// output has the shape N x OH x OW x C.
//
// Padded taps take no part: the maximum is over pixels of the image, and so is
// the average unless CountPadding is set, which counts padded taps, too, but for
// those in the last BeyondBottom rows and BeyondRight columns of the padding.
type Pool struct {
	N, H, W, C, R, S         int
	StrideH, StrideW         int
	DilationH, DilationW     int
	Top, Bottom, Left, Right int
	CountPadding             bool
	BeyondBottom             int
	BeyondRight              int
}

// conv returns p as a depthwise convolution.
func (p Pool) conv() Conv {
	return Conv{N: p.N, H: p.H, W: p.W, C: p.C, K: p.C, R: p.R, S: p.S,
		StrideH: p.StrideH, StrideW: p.StrideW, DilationH: p.DilationH, DilationW: p.DilationW,
		Top: p.Top, Bottom: p.Bottom, Left: p.Left, Right: p.Right, Groups: p.C}.defaults()
}

// Out returns the height and width of the output.
func (p Pool) Out() (oh, ow int) { return p.conv().Out() }

// XLen returns the number of elements of x, N x H x W x C.
func (p Pool) XLen() int { return p.conv().XLen() }

// YLen returns the number of elements of y, N x OH x OW x C.
func (p Pool) YLen() int { return p.conv().YLen() }

// outputs calls f for every output element with its position and that of its
// channel's first pixel, of which pixel (h, w) is (h*W+w)*C further on, and
// with the place of the window's first tap.
func (p Pool) outputs(f func(iy, ix, top, left int)) {
	c := p.conv()
	oh, ow := c.Out()
	for n := 0; n < c.N; n++ {
		for i := 0; i < oh; i++ {
			for j := 0; j < ow; j++ {
				for k := 0; k < c.C; k++ {
					f(((n*oh+i)*ow+j)*c.C+k, n*c.H*c.W*c.C+k, i*c.StrideH-c.Top, j*c.StrideW-c.Left)
				}
			}
		}
	}
}
