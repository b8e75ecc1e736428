package micro

// portableFused is Bundle.Fused in plain Go: it packs some steps, then multiplies.
func portableFused(rows int, a *TileArgs) {
	checkRows(rows)
	c := startSums(rows, a)
	const most = 32
	var room [most * portableNR]float32
	at, k := a.BOff, a.Segs[0].K
	for k0 := 0; k0 < k; k0 += most {
		steps := min(most, k-k0)
		panel := room[:steps*portableNR]
		if a.P != nil {
			panel = a.P[a.POff+k0*portableNR:][:len(panel)]
		}
		for i := 0; i < len(panel); i += portableNR {
			n := copy(panel[i:i+portableNR], a.B[at:at+a.Cols])
			clear(panel[i+n : i+portableNR])
			at += a.LDB
		}
		a0 := a.A[a.AOff+k0:][:steps]
		a1 := a0
		if rows > 1 {
			a1 = a.A[a.AOff+a.LDA+k0:][:steps]
		}
		addRows(&c, a0, a1, panel)
	}
	finishSums(rows, a, &c)
}

// portablePanel is Bundle.Panel in plain Go.
func portablePanel(rows int, a *TileArgs) {
	checkRows(rows)
	k := a.Segs[0].K
	c := startSums(rows, a)
	if a.Steps > 0 {
		addSplit(&c, rows, a)
		finishSums(rows, a, &c)
		return
	}
	a0 := a.A[a.AOff : a.AOff+k]
	a1 := a0
	if rows > 1 {
		a1 = a.A[a.AOff+a.LDA : a.AOff+a.LDA+k]
	}
	addRows(&c, a0, a1, a.B[a.BOff:a.BOff+k*portableNR])
	finishSums(rows, a, &c)
}
