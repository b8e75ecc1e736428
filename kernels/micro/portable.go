package micro

// The portable tile is 2x4: eight sums and six operands fit the sixteen
// floating-point registers Go's compiler has on amd64.
const (
	portableMR = 2
	portableNR = 4
)

// sums are the results of a portable tile by row and column.
type sums [portableMR][portableNR]float32

// portableRows is Bundle.Rows in plain Go. Products are rounded before they are
// added, on every architecture.
func portableRows(rows int, a *TileArgs) {
	checkRows(rows)
	c := startSums(rows, a)
	if a.Steps > 0 {
		addSplit(&c, rows, a)
		finishSums(rows, a, &c)
		return
	}
	for _, s := range a.Segs {
		at := a.AOff + s.A
		a0 := a.A[at : at+s.K]
		a1 := a0
		if rows > 1 {
			a1 = a.A[at+a.LDA : at+a.LDA+s.K]
		}
		bt := a.BOff + s.B
		addRows(&c, a0, a1, a.B[bt:bt+s.K*portableNR])
	}
	finishSums(rows, a, &c)
}

// addSplit adds a sum that is split into blocks, each of which starts at zero.
func addSplit(c *sums, rows int, a *TileArgs) {
	for at := 0; at < a.Steps; {
		k := min(a.Segs[0].K, a.Steps-at)
		a0 := a.A[a.AOff+at : a.AOff+at+k]
		a1 := a0
		if rows > 1 {
			a1 = a.A[a.AOff+a.LDA+at : a.AOff+a.LDA+at+k]
		}
		var block sums
		if at == 0 {
			block = *c
		}
		addRows(&block, a0, a1, a.B[a.BOff+at*portableNR:a.BOff+(at+k)*portableNR])
		for i := range block {
			for j := range block[i] {
				if at > 0 {
					block[i][j] += c[i][j]
				}
			}
		}
		*c = block
		at += k
	}
}

// addRows adds a0, a1 (rows of K) times b (K x 4) to c.
func addRows(c *sums, a0, a1, b []float32) {
	c00, c01, c02, c03 := c[0][0], c[0][1], c[0][2], c[0][3]
	c10, c11, c12, c13 := c[1][0], c[1][1], c[1][2], c[1][3]
	a1 = a1[:len(a0)]
	for k, x := range a0 {
		y := a1[k]
		row := (*[portableNR]float32)(b[k*portableNR:])
		c00 += float32(x * row[0])
		c01 += float32(x * row[1])
		c02 += float32(x * row[2])
		c03 += float32(x * row[3])
		c10 += float32(y * row[0])
		c11 += float32(y * row[1])
		c12 += float32(y * row[2])
		c13 += float32(y * row[3])
	}
	c[0] = [portableNR]float32{c00, c01, c02, c03}
	c[1] = [portableNR]float32{c10, c11, c12, c13}
}

// portableOuter is Bundle.Outer in plain Go.
func portableOuter(rows int, a *TileArgs) {
	checkRows(rows)
	c := startSums(rows, a)
	for _, s := range a.Segs {
		at, bt := a.AOff+s.A, a.BOff+s.B
		for range s.K {
			x := a.A[at : at+rows]
			for j, w := range a.B[bt : bt+a.Cols] {
				for i, v := range x {
					c[i][j] += float32(v * w)
				}
			}
			at += a.LDA
			bt += a.LDB
		}
	}
	finishSums(rows, a, &c)
}

func checkRows(rows int) {
	if rows < 1 || rows > portableMR {
		panic(badRows)
	}
}

func startSums(rows int, a *TileArgs) (c sums) {
	if a.Flags&FlagLoad == 0 {
		return c
	}
	for i := range rows {
		at := a.COff + i*a.LDC
		for j, v := range a.C[at : at+a.Cols] {
			c[i][j] = float32(a.Beta * v)
		}
	}
	return c
}

func finishSums(rows int, a *TileArgs, c *sums) {
	for i := range rows {
		at := a.COff + i*a.LDC
		finishRow(a.C[at:at+a.Cols], c[i][:], i, a)
	}
}

// finishRow applies the epilogue to the sums of row i, which y may be itself.
func finishRow(y, sums []float32, i int, a *TileArgs) {
	for j := range y {
		v := sums[j]
		if a.Flags&FlagScale != 0 {
			v = float32(v * a.Scale[a.VOff+j])
		}
		if a.Flags&FlagBias != 0 {
			v += a.Bias[a.VOff+j]
		}
		if a.Flags&FlagResidual != 0 {
			v += a.Residual[a.ROff+i*a.LDR+j]
		}
		if a.Flags&FlagReLU != 0 && v < 0 {
			v = 0
		}
		y[j] = v
	}
}
