package ref

// Conv is the shape of a convolution: N images of H x W pixels with C channels,
// K output channels, and a window of R x S taps. Strides, dilations and Groups
// of 0 mean 1.
//
// With groups the channels are split into Groups equal parts, and the k-th part
// of the output sees only the k-th part of the input; weights then have the
// shape R x S x C/Groups x K. Groups = C = K is a depthwise convolution.
type Conv struct {
	N, H, W, C, K, R, S      int
	StrideH, StrideW         int
	DilationH, DilationW     int
	Top, Bottom, Left, Right int
	Groups                   int
}

func (c Conv) defaults() Conv {
	for _, p := range []*int{&c.StrideH, &c.StrideW, &c.DilationH, &c.DilationW, &c.Groups} {
		if *p == 0 {
			*p = 1
		}
	}
	return c
}

// outSize returns O = (L + before + after - F')/stride + 1 with
// F' = (F-1)*dilation + 1, or 0 if the window does not fit.
func outSize(l, f, stride, dilation, before, after int) int {
	room := l + before + after - ((f-1)*dilation + 1)
	if room < 0 {
		return 0
	}
	return room/stride + 1
}

// Out returns the height and width of the output.
func (c Conv) Out() (oh, ow int) {
	c = c.defaults()
	return outSize(c.H, c.R, c.StrideH, c.DilationH, c.Top, c.Bottom),
		outSize(c.W, c.S, c.StrideW, c.DilationW, c.Left, c.Right)
}

// XLen returns the number of elements of x, N x H x W x C.
func (c Conv) XLen() int { return c.N * c.H * c.W * c.C }

// WLen returns the number of elements of w, R x S x C/Groups x K.
func (c Conv) WLen() int { return c.R * c.S * (c.C / c.defaults().Groups) * c.K }

// YLen returns the number of elements of y, N x OH x OW x K.
func (c Conv) YLen() int {
	oh, ow := c.Out()
	return c.N * oh * ow * c.K
}

func checkConv[T Float](c Conv, y, x, w []T) {
	if c.C%c.Groups != 0 || c.K%c.Groups != 0 {
		panic("ref: groups do not divide the channels")
	}
	checkLen("x", x, c.XLen())
	checkLen("w", w, c.WLen())
	checkLen("y", y, c.YLen())
}

// taps calls f once for every output pixel and every tap of its window that is
// not in the padding, with the positions of the three channel vectors that
// meet there: y[n][p][q], x[n][h][w] and w[r][s]. For each output pixel they
// come in the order r, s.
func (c Conv) taps(f func(iy, ix, iw int)) {
	oh, ow := c.Out()
	for n := 0; n < c.N; n++ {
		for p := 0; p < oh; p++ {
			for q := 0; q < ow; q++ {
				for r := 0; r < c.R; r++ {
					for s := 0; s < c.S; s++ {
						h := p*c.StrideH + r*c.DilationH - c.Top
						w := q*c.StrideW + s*c.DilationW - c.Left
						if h < 0 || h >= c.H || w < 0 || w >= c.W {
							continue // in the padding
						}
						f(((n*oh+p)*ow+q)*c.K, ((n*c.H+h)*c.W+w)*c.C, (r*c.S+s)*(c.C/c.Groups)*c.K)
					}
				}
			}
		}
	}
}

// ConvForward computes
//
//	y[n][p][q][k] = sum over r, s, c of x[n][h][w][c] * w[r][s][c][k]
//	h = p*StrideH + r*DilationH - Top,  w = q*StrideW + s*DilationW - Left
//
// where taps with h or w outside the image are left out. The sum is taken in
// the order r, s, c. It is only the sum: bias, residual and activation are
// [Epilogue]'s.
func ConvForward[T Float](c Conv, y, x, w []T) {
	c = c.defaults()
	checkConv(c, y, x, w)
	clear(y)
	groupC, groupK := c.C/c.Groups, c.K/c.Groups
	c.taps(func(iy, ix, iw int) {
		for ch := 0; ch < c.C; ch++ {
			g := ch / groupC
			for k := g * groupK; k < (g+1)*groupK; k++ {
				y[iy+k] += x[ix+ch] * w[iw+ch%groupC*c.K+k]
			}
		}
	})
}

// ConvBackwardData computes the gradient of the input. Each product x*w that
// went into y sends dy*w back to x:
//
//	dx[n][h][w][c] = sum of dy[n][p][q][k] * w[r][s][c][k]
//
// over all p, q, r, s, k for which tap (r, s) of output (p, q) is pixel (h, w).
func ConvBackwardData[T Float](c Conv, dx, dy, w []T) {
	c = c.defaults()
	checkConv(c, dy, dx, w)
	clear(dx)
	groupC, groupK := c.C/c.Groups, c.K/c.Groups
	c.taps(func(iy, ix, iw int) {
		for ch := 0; ch < c.C; ch++ {
			g := ch / groupC
			for k := g * groupK; k < (g+1)*groupK; k++ {
				dx[ix+ch] += dy[iy+k] * w[iw+ch%groupC*c.K+k]
			}
		}
	})
}

// ConvBackwardWeights computes the gradient of the weights. A weight is shared
// by all positions in all images, and sums over them:
//
//	dw[r][s][c][k] = sum over n, p, q of dy[n][p][q][k] * x[n][h][w][c]
//
// with h and w as in [ConvForward].
func ConvBackwardWeights[T Float](c Conv, dw, dy, x []T) {
	c = c.defaults()
	checkConv(c, dy, x, dw)
	clear(dw)
	groupC, groupK := c.C/c.Groups, c.K/c.Groups
	c.taps(func(iy, ix, iw int) {
		for ch := 0; ch < c.C; ch++ {
			g := ch / groupC
			for k := g * groupK; k < (g+1)*groupK; k++ {
				dw[iw+ch%groupC*c.K+k] += dy[iy+k] * x[ix+ch]
			}
		}
	})
}

// BiasBackward computes the gradient of a bias that is added to every row of
// len(db) channels: db[k] = sum over the rows of dy[row][k].
func BiasBackward[T Float](db, dy []T) {
	checkRows("dy", dy, len(db))
	clear(db)
	for i, d := range dy {
		db[i%len(db)] += d
	}
}
