package micro

// portableFused is Bundle.Fused in plain Go: it packs, then multiplies.
func portableFused(rows int, a *TileArgs) {
	checkRows(rows)
	k := a.Segs[0].K
	panel := a.P[a.POff : a.POff+k*portableNR]
	at := a.BOff
	for i := 0; i < len(panel); i += portableNR {
		n := copy(panel[i:i+portableNR], a.B[at:at+a.Cols])
		clear(panel[i+n : i+portableNR])
		at += a.LDB
	}
	c := startSums(rows, a)
	a0 := a.A[a.AOff : a.AOff+k]
	a1 := a0
	if rows > 1 {
		a1 = a.A[a.AOff+a.LDA : a.AOff+a.LDA+k]
	}
	addRows(&c, a0, a1, panel)
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
