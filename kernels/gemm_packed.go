package kernels

// A PackedB is the right operand of products, copied once to the panels in which
// they read it. It is bound to the tier of the engine that packed it, may be used
// by any number of goroutines at once, and takes k times n floats, n rounded up
// to whole panels.
type PackedB struct {
	k, n, nr int
	data     []float32
}

// Size returns the rows and columns of op(B).
func (p *PackedB) Size() (k, n int) { return p.k, p.n }

// PackB copies op(B), k x n, for [Engine.GemmPacked]. It allocates the result;
// B may change afterwards. Arguments are those of [Engine.Gemm].
func (e *Engine) PackB(transB bool, n, k int, b []float32, ldb int) *PackedB {
	br, bc := k, n
	if transB {
		br, bc = bc, br
	}
	switch {
	case n < 0 || k < 0:
		panic(badDims)
	case ldb < max(1, bc):
		panic(badLDB)
	case !holds(b, br, bc, ldb):
		panic(shortB)
	}
	nr := e.bundle.NR
	p := &PackedB{k: k, n: n, nr: nr, data: AlignedFloats(k * ceilDiv(n, nr) * nr)}
	e.fill(p, transB, b, ldb)
	return p
}

// RepackB copies another op(B) of the same size to p, which no product may be
// reading. It allocates nothing. It panics if p is of another tier, or B is short.
func (e *Engine) RepackB(p *PackedB, transB bool, b []float32, ldb int) {
	br, bc := p.k, p.n
	if transB {
		br, bc = bc, br
	}
	switch {
	case p.nr != e.bundle.NR:
		panic(badPacked)
	case ldb < max(1, bc):
		panic(badLDB)
	case !holds(b, br, bc, ldb):
		panic(shortB)
	}
	e.fill(p, transB, b, ldb)
}

func (e *Engine) fill(p *PackedB, transB bool, b []float32, ldb int) {
	if p.k == 0 {
		return
	}
	panels := ceilDiv(p.n, p.nr)
	j := gemmJob{bundle: e.bundle, transB: transB, alpha: 1, b: b, ldb: ldb}
	steps := even(p.k, blockK)
	for k0 := 0; k0 < p.k; k0 += steps {
		kc := min(steps, p.k-k0)
		for i := range panels {
			at := (k0*panels + i*kc) * p.nr
			j.packPanel(p.data[at:at+kc*p.nr], i*p.nr, min(p.nr, p.n-i*p.nr), k0, kc)
		}
	}
}

// GemmPacked computes C = op(A)*op(B) + beta*C with op(B) packed: the bits are
// those of [Engine.Gemm] with alpha = 1, as are the rules. It panics if b was
// packed on another tier.
func (e *Engine) GemmPacked(transA bool, m int, a []float32, lda int, b *PackedB, beta float32, c []float32, ldc int) {
	e.gemmPacked(transA, m, a, lda, b, beta, c, ldc, Epilogue{})
}

// GemmPackedEpilogue computes C = act(scale*op(A)*op(B) + bias + residual) with
// op(B) packed: a dense layer whose weights are packed once. See
// [Engine.GemmEpilogue].
func (e *Engine) GemmPackedEpilogue(transA bool, m int, a []float32, lda int, b *PackedB, c []float32, ldc int, ep Epilogue) {
	e.gemmPacked(transA, m, a, lda, b, 0, c, ldc, ep)
}

func (e *Engine) gemmPacked(transA bool, m int, a []float32, lda int, b *PackedB, beta float32, c []float32, ldc int, ep Epilogue) {
	if b.nr != e.bundle.NR {
		panic(badPacked)
	}
	checkGemm(transA, false, m, b.n, b.k, a, lda, b.data, max(1, b.n), c, ldc)
	if m == 0 || b.n == 0 {
		return
	}
	if ep.LDR == 0 {
		ep.LDR = ldc
	}
	checkEpilogue(m, b.n, c, ldc, ep)
	j := e.takeJob()
	j.set(transA, false, m, b.n, b.k, 1, a, lda, nil, 0, beta, c, ldc)
	j.packed, j.bundle = b, j.own
	j.setEpilogue(ep)
	j.run(e)
	e.returnJob(j)
}
