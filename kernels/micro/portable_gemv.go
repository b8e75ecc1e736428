package micro

// portableGemv is Bundle.Gemv in plain Go.
func portableGemv(rows, steps int, a *TileArgs) {
	for i := range rows {
		y := a.C[a.COff+i*a.LDC:][:a.Cols]
		if a.Flags&FlagLoad == 0 {
			clear(y)
		} else {
			for j := range y {
				y[j] = float32(a.Beta * y[j])
			}
		}
		for k := range steps {
			x := a.A[a.AOff+i*a.LDA+k]
			for j, w := range a.B[a.BOff+k*a.LDB:][:a.Cols] {
				y[j] += float32(x * w)
			}
		}
	}
}
