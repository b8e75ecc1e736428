package micro

const badWinograd = "micro: no such Winograd transform"

// The transforms in plain Go. Products are rounded before they are added, on
// every architecture.

const maxTile = 8

// A line is one row or column of a tile.
type line [maxTile]float32

// Powers of the points of tile 6, a = 5/8 and b = 3/2, and one over the product
// of a point's distances to the others: n0 at 0, na at a and -a, nb at b and -b.
const (
	pointA, pointB = 5. / 8, 3. / 2
	aa, bb         = pointA * pointA, pointB * pointB
	n0             = 1 / (aa * bb)
	na, nb         = 1 / (2 * aa * (aa - bb)), 1 / (2 * bb * (bb - aa))
)

// inputLine multiplies by Bᵀ.
func inputLine(out int, d line) line {
	switch out {
	case 4:
		return line{d[0] - d[2], d[1] + d[2], d[2] - d[1], d[3] - d[1]}
	case 8:
		even1, odd1 := d[6]-float32(17./4*d[4])+d[2], d[5]-float32(17./4*d[3])+d[1]
		even2, odd2 := d[6]-float32(5./4*d[4])+d[2]/4, 2*(d[5]-float32(5./4*d[3])+d[1]/4)
		evenHalf, oddHalf := d[6]-float32(5*d[4])+4*d[2], (d[5]-float32(5*d[3])+4*d[1])/2
		return line{
			d[0] - d[6] + float32(21./4*(d[4]-d[2])),
			even1 + odd1, even1 - odd1,
			even2 + odd2, even2 - odd2,
			evenHalf + oddHalf, evenHalf - oddHalf,
			d[7] - d[1] + float32(21./4*(d[3]-d[5])),
		}
	}
	evenA, oddA := d[4]-float32(bb*d[2]), float32(pointA*(d[3]-float32(bb*d[1])))
	evenB, oddB := d[4]-float32(aa*d[2]), float32(pointB*(d[3]-float32(aa*d[1])))
	return line{
		evenA - float32(aa*(d[2]-float32(bb*d[0]))),
		evenA + oddA, evenA - oddA,
		evenB + oddB, evenB - oddB,
		d[5] - float32(aa*d[3]) - float32(bb*(d[3]-float32(aa*d[1]))),
	}
}

// filterLine multiplies by G.
func filterLine(in, out int, g line) line {
	switch out {
	case 4:
		even, odd := (g[0]+g[2])/2, g[1]/2
		return line{g[0], even + odd, even - odd, g[2]}
	case 8:
		even1, odd1 := float32(-2./9*g[0])+float32(-2./9*g[2]), float32(-2./9*g[1])
		even2, odd2 := float32(1./90*g[0])+float32(2./45*g[2]), float32(1./45*g[1])
		evenHalf, oddHalf := float32(32./45*g[0])+float32(8./45*g[2]), float32(16./45*g[1])
		return line{g[0], even1 + odd1, even1 - odd1, even2 + odd2, even2 - odd2, evenHalf + oddHalf, evenHalf - oddHalf, g[2]}
	}
	evenA, oddA := float32(na*g[0])+float32(na*aa*g[2]), float32(na*pointA*g[1])
	evenB, oddB := float32(nb*g[0])+float32(nb*bb*g[2]), float32(nb*pointB*g[1])
	if in == 4 {
		oddA += float32(na * aa * pointA * g[3])
		oddB += float32(nb * bb * pointB * g[3])
	}
	return line{float32(n0 * g[0]), evenA + oddA, evenA - oddA, evenB + oddB, evenB - oddB, g[in-1]}
}

// outputLine multiplies by Aᵀ.
func outputLine(in, out int, m line) line {
	sumA, diffA := m[1]+m[2], m[1]-m[2]
	if in == 4 {
		return line{m[0] + sumA, m[3] + diffA}
	}
	sumB, diffB := m[3]+m[4], m[3]-m[4]
	if in == 8 {
		sumC, diffC := m[5]+m[6], m[5]-m[6]
		return line{
			m[0] + sumA + sumB + sumC,
			diffA + 2*diffB + diffC/2,
			sumA + 4*sumB + sumC/4,
			diffA + 8*diffB + diffC/8,
			sumA + 16*sumB + sumC/16,
			m[7] + diffA + 32*diffB + diffC/32,
		}
	}
	y := line{
		m[0] + sumA + sumB,
		float32(pointA*diffA) + float32(pointB*diffB),
		float32(aa*sumA) + float32(bb*sumB),
		m[5] + float32(aa*pointA*diffA) + float32(bb*pointB*diffB),
	}
	if out == 3 {
		y[2] += m[5]
	}
	return y
}

// bothWays applies f to the columns of a tile of in x in values, and then to
// the out rows that come of it.
func bothWays(t *[maxTile]line, in, out int, f func(l line) line) {
	var rows [maxTile]line
	for j := range in {
		var column line
		for i := range in {
			column[i] = t[i][j]
		}
		for i, v := range f(column) {
			rows[i][j] = v
		}
	}
	for i := range out {
		t[i] = f(rows[i])
	}
}

func portableInput(in, out int, a *PlanesArgs) {
	if in != out || in != 4 && in != 6 && in != 8 {
		panic(badWinograd)
	}
	portablePlanes(in, out, a, func(l line) line { return inputLine(out, l) })
}

func portableFilter(in, out int, a *PlanesArgs) {
	if !(in == 3 && (out == 4 || out == 6 || out == 8) || in == 4 && out == 6) {
		panic(badWinograd)
	}
	portablePlanes(in, out, a, func(l line) line { return filterLine(in, out, l) })
}

func portablePlanes(in, out int, a *PlanesArgs, f func(l line) line) {
	for n := range a.N {
		var t [maxTile]line
		for i := range in {
			for j := range in {
				t[i][j] = a.X[a.XOff+i*a.XRow+j*a.XCol+n]
			}
		}
		bothWays(&t, in, out, f)
		for i := range out {
			for j := range out {
				a.V[a.VOff+(i*out+j)*a.Plane+n] = t[i][j]
			}
		}
	}
}

func portableOutput(in, out int, a *PixelsArgs) {
	if !(in == 4 && out == 2 || in == 6 && (out == 4 || out == 3) || in == 8 && out == 6) {
		panic(badWinograd)
	}
	for n := range a.N {
		var t [maxTile]line
		for i := range in {
			for j := range in {
				t[i][j] = a.M[a.MOff+(i*in+j)*a.Plane+n]
			}
		}
		bothWays(&t, in, out, func(l line) line { return outputLine(in, out, l) })
		for i := range min(a.Rows, out) {
			for j := range min(a.Cols, out) {
				at := a.YOff + i*a.YRow + j*a.YCol + n
				a.Y[at] = finishPixel(a, t[i][j], a.COff+n, at)
			}
		}
	}
}

// finishPixel applies the epilogue to one sum.
func finishPixel(a *PixelsArgs, v float32, channel, at int) float32 {
	if a.Flags&FlagScale != 0 {
		v = float32(v * a.Scale[channel])
	}
	if a.Flags&FlagBias != 0 {
		v += a.Bias[channel]
	}
	if a.Flags&FlagResidual != 0 {
		v += a.Residual[at]
	}
	if a.Flags&FlagReLU != 0 && v < 0 {
		v = 0
	}
	return v
}
