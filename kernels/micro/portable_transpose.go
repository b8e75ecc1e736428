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

// portableTransposeAt is Bundle.TransposeAt in plain Go.
func portableTransposeAt(a *TransposeArgs) {
	for j, to := range a.To[:a.Cols] {
		out := a.Dst[a.DOff+to:][:AtRows]
		for i, from := range a.From[:AtRows] {
			out[i] = a.Src[a.SOff+from+j]
		}
	}
}

// portableTransposeWide is Bundle.TransposeWide in plain Go.
func portableTransposeWide(a *TransposeArgs) {
	for j, to := range a.To[:a.Cols] {
		at := a.SOff + j
		for i := range a.Dst[a.DOff+to:][:a.Rows] {
			a.Dst[a.DOff+to+i] = a.Src[at]
			at += a.LDS
		}
	}
}
