package ref

// AvgPoolForward computes
//
//	y[n][p][q][c] = sum over r, s of x[n][h][w][c] / count
//
// with h and w as in [ConvForward]. The count is that of the taps inside the
// image, or also of those in the padding if p.CountPadding is set. A window that lies wholly in the
// padding gives 0.
func AvgPoolForward[T Float](p Pool, y, x []T) {
	checkLen("x", x, p.XLen())
	checkLen("y", y, p.YLen())
	p.outputs(func(iy, ix, top, left int) {
		var sum T
		count := p.average(ix, top, left, func(i int) { sum += x[i] })
		y[iy] = sum / T(count)
	})
}

// AvgPoolBackward computes the gradient of the input: each dy is divided by its
// window's count and handed to every pixel in the window.
func AvgPoolBackward[T Float](p Pool, dx, dy []T) {
	checkLen("dx", dx, p.XLen())
	checkLen("dy", dy, p.YLen())
	clear(dx)
	p.outputs(func(iy, ix, top, left int) {
		count := p.average(ix, top, left, func(int) {})
		p.average(ix, top, left, func(i int) { dx[i] += dy[iy] / T(count) })
	})
}

// average calls f with the position of every pixel in a window, and returns
// what their sum is to be divided by.
func (p Pool) average(ix, top, left int, f func(i int)) (count int) {
	c := p.conv()
	counted := 0
	for r := 0; r < c.R; r++ {
		for s := 0; s < c.S; s++ {
			h, w := top+r*c.DilationH, left+s*c.DilationW
			if h < c.H+c.Bottom-p.BeyondBottom && w < c.W+c.Right-p.BeyondRight {
				counted++
			}
			if h < 0 || h >= c.H || w < 0 || w >= c.W {
				continue // in the padding
			}
			f(ix + (h*c.W+w)*c.C)
			count++
		}
	}
	if p.CountPadding {
		return counted
	}
	return max(count, 1)
}
