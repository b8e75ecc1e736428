package micro

// portableChannels is one call of a kernel over rows of channels in plain Go.
func portableChannels(op ChannelOp, a *ChannelArgs) {
	n, p := a.Cols, a.POff
	row := channelRow{
		mean: part(a.Mean, p, n), scale: part(a.Scale, p, n), shift: part(a.Shift, p, n), slope: part(a.Slope, p, n),
		sum: part(a.Sum, a.SOff, n), prod: part(a.Prod, a.SOff, n),
	}
	for r := range a.Rows {
		at := a.Off + r*a.LD
		row.y, row.z, row.x, row.dy = part(a.Y, at, n), part(a.Z, at, n), part(a.X, at, n), part(a.DY, at, n)
		row.mask = part(a.Mask, a.MOff+r*a.MLD, (n+7)/8)
		row.run(op)
	}
}

// part returns n elements of s from off on, or nil if s is nil.
func part[T any](s []T, off, n int) []T {
	if s == nil {
		return nil
	}
	return s[off : off+n]
}

// A channelRow is one row of the operands.
type channelRow struct {
	y, z, x, dy               []float32
	mean, scale, shift, slope []float32
	sum, prod                 []float64
	mask                      []uint8
}

func (r *channelRow) run(op ChannelOp) {
	switch op {
	case OpAddBias:
		add(r.y, r.y, r.shift)
	case OpNormalize, OpNormalizeReLU, OpNormalizeReLUMask, OpNormalizeAdd, OpNormalizeAddReLU, OpNormalizeAddReLUMask:
		r.normalize(op)
	case OpPropagate, OpPropagateMask, OpPropagateMaskAdd:
		r.propagate(op)
	case OpSumRows:
		add(r.shift, r.shift, r.dy)
	case OpMoments:
		r.moments()
	case OpProducts, OpProductsMask:
		r.products(op == OpProductsMask)
	default:
		panic(badOp)
	}
}

func (r *channelRow) normalize(op ChannelOp) {
	x := r.x
	y, mean, scale, shift := r.y[:len(x)], r.mean[:len(x)], r.scale[:len(x)], r.shift[:len(x)]
	if op < OpNormalizeAdd {
		for c, v := range x {
			y[c] = float32((v-mean[c])*scale[c]) + shift[c]
		}
	} else {
		z := r.z[:len(x)]
		for c, v := range x {
			y[c] = float32((v-mean[c])*scale[c]) + shift[c] + z[c]
		}
	}
	switch op {
	case OpNormalizeReLU, OpNormalizeAddReLU:
		relu(y, y)
	case OpNormalizeReLUMask, OpNormalizeAddReLUMask:
		relu(y, y)
		clear(r.mask)
		for c, v := range y {
			if v > 0 {
				r.mask[c/8] |= 1 << (c % 8)
			}
		}
	}
}

// masked returns dy[c], or 0 if its bit is clear.
func (r *channelRow) masked(c int) float32 {
	if r.mask[c/8]>>(c%8)&1 == 0 {
		return 0
	}
	return r.dy[c]
}

func (r *channelRow) propagate(op ChannelOp) {
	dy := r.dy
	x, y, mean := r.x[:len(dy)], r.y[:len(dy)], r.mean[:len(dy)]
	scale, shift, slope := r.scale[:len(dy)], r.shift[:len(dy)], r.slope[:len(dy)]
	for c, v := range dy {
		if op != OpPropagate {
			v = r.masked(c)
		}
		d := float32((x[c] - mean[c]) * slope[c])
		if op == OpPropagateMaskAdd {
			r.z[c] = v
		}
		y[c] = (v - shift[c] - d) * scale[c]
	}
}

func (r *channelRow) moments() {
	x := r.x
	mean, sum, prod := r.mean[:len(x)], r.sum[:len(x)], r.prod[:len(x)]
	for c, v := range x {
		d := float64(v - mean[c])
		sum[c] += d
		prod[c] += float64(d * d)
	}
}

func (r *channelRow) products(masked bool) {
	x := r.x
	dy, sum, prod := r.dy[:len(x)], r.sum[:len(x)], r.prod[:len(x)]
	for c, v := range x {
		g := dy[c]
		if masked {
			g = r.masked(c)
		}
		sum[c] += float64(g)
		prod[c] += float64(float64(g) * float64(v))
	}
}
