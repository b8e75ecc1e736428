package micro

// portableDepthwise is Bundle.Depthwise in plain Go. Products are rounded before
// they are added.
func portableDepthwise(rows int, a *TileArgs) {
	if rows < 1 || rows > DepthwiseRows {
		panic(badRows)
	}
	for i := range rows {
		c := a.C[a.COff+i*a.LDC:][:a.Cols]
		startRow(c, a)
		for _, s := range a.Segs {
			x := a.A[a.AOff+s.A+i*a.LDA:][:len(c)]
			w := a.B[a.BOff+s.B:][:len(c)]
			for j := range c {
				c[j] += float32(x[j] * w[j])
			}
		}
		finishRow(c, c, i, a)
	}
}

// startRow sets a row to what its sums start from.
func startRow(c []float32, a *TileArgs) {
	if a.Flags&FlagLoad == 0 {
		clear(c)
		return
	}
	for j := range c {
		c[j] *= a.Beta
	}
}

// portableDepthwiseOuter is Bundle.DepthwiseOuter in plain Go.
func portableDepthwiseOuter(a *TileArgs) {
	c := a.C[a.COff:][:a.Cols]
	startRow(c, a)
	for _, s := range a.Segs {
		for k := range s.K {
			x := a.A[a.AOff+s.A+k*a.LDA:][:len(c)]
			y := a.B[a.BOff+s.B+k*a.LDB:][:len(c)]
			for j := range c {
				c[j] += float32(x[j] * y[j])
			}
		}
	}
}
