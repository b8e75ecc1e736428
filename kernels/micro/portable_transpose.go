package micro

// portableTranspose is Bundle.Transpose in plain Go.
func portableTranspose(a *TransposeArgs) {
	for j := range a.Cols {
		out := a.Dst[a.DOff+j*a.LDD:][:a.Width]
		at := a.SOff + j
		for i := range a.Rows {
			out[i] = a.Src[at]
			at += a.LDS
		}
		clear(out[a.Rows:])
	}
}
