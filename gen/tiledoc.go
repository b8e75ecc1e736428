package main

import "fmt"

func (t *tile) form() string {
	switch {
	case t.outer:
		return "Outer"
	case t.fused:
		return "Fused"
	case t.panel:
		return "Panel"
	}
	return "Rows"
}

func (t *tile) name() string {
	return fmt.Sprintf("Sgemm%s%dx%d%s", t.form(), t.rows, t.nr(), t.isa.name)
}

func (t *tile) doc() []string {
	sum := "A[AOff+s.A+i*LDA+k] * B[BOff+s.B+k*NR+j]"
	if t.outer {
		sum = "A[AOff+s.A+k*LDA+i] * B[BOff+s.B+k*LDB+j]"
	}
	if t.fused {
		sum = "A[AOff+i*LDA+k] * B[BOff+k*LDB+j]"
	}
	doc := []string{
		fmt.Sprintf("%s computes, for %d rows i and Cols columns j of a tile,", t.name(), t.rows),
		"",
		"\tC[i,j] = act(Scale[j] * (Beta*C[i,j] + sum " + sum + ") + Bias[j] + Residual[i,j])",
		"",
		"summing over the segments s in order and, in each, over k = 0 to s.K-1, as one chain",
		"of fused multiply-adds. It works like micro's portable tile. See the package",
		"documentation for the contract.",
	}
	if t.fused {
		doc = append(doc[:4], fusedDoc...)
	}
	if t.panel {
		doc = append(doc[:4], panelDoc...)
	}
	return doc
}

func (t *tile) registerMap() {
	last := t.rows*tileVectors - 1
	t.Commentf("%v..%v accumulators, %v %v B, %v %v broadcasts of A", t.regs[0].Asm(), t.regs[last].Asm(),
		t.b(0).Asm(), t.b(1).Asm(), t.bcast(0).Asm(), t.bcast(1).Asm())
	if t.fused {
		t.Comment("R8 R9 A rows 0 7, R10 R11 R12 lda 3lda 5lda, BX B, DI AX ldb 3ldb, SI P, R13 B ahead, DX masks, CX steps")
	} else if t.panel {
		t.Comment("R8 R9 A rows 0 7, R10 R11 R12 lda 3lda 5lda, BX B, SI a row of C, DI what is asked for, R13 DX later B and its ldb, CX steps")
	} else if t.outer {
		t.Comment("R8 A, R10 R11 lda 3lda, BX B, R12 R9 ldb 3ldb, AX ahead, CX steps, SI DX segments, DI R13 bases of A B")
	} else {
		t.Comment("R8 R9 A rows 0 7, R10 R11 R12 lda 3lda 5lda, BX B, CX steps, SI DX segments, DI R13 rows of C, AX steps from which on they are asked for")
	}
}
