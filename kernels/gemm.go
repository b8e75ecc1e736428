package kernels

import (
	"math/bits"

	"github.com/simdconv/simdconv/kernels/micro"
)

// An Activation is applied last to every result.
type Activation uint8

const (
	ActNone Activation = iota // the result as it is
	ActReLU                   // negative values become zero; NaN stays
)

// An Epilogue is what happens to each sum before it is stored:
//
//	y = act(scale*sum + bias + residual)
//
// Scale and Bias have one value per column (output channel), Residual has the
// result's shape. A nil part is absent.
type Epilogue struct {
	Scale, Bias, Residual []float32
	LDR                   int // between rows of Residual; 0 means as in the result
	Act                   Activation
}

// Panics of this package's functions.
const (
	badDims     = "kernels: negative dimension"
	badLDA      = "kernels: bad leading dimension of a"
	badLDB      = "kernels: bad leading dimension of b"
	badLDC      = "kernels: bad leading dimension of c"
	badLDR      = "kernels: bad leading dimension of residual"
	shortA      = "kernels: insufficient length of a"
	shortB      = "kernels: insufficient length of b"
	shortC      = "kernels: insufficient length of c"
	shortR      = "kernels: insufficient length of residual"
	badChannels = "kernels: scale or bias is not as long as the result has columns"
	badAct      = "kernels: unknown activation"
	overlapC    = "kernels: c overlaps an operand"
	badBatch    = "kernels: bad strides of a batch"
	badPacked   = "kernels: b was packed on another tier"
)

// Gemm computes C = alpha*op(A)*op(B) + beta*C in row-major order, where op(A)
// is m x k and op(B) is k x n; op transposes if the flag is set. lda, ldb and
// ldc are the distances between the rows of A, B and C as stored, at least as
// long as those rows.
//
// If beta is zero C is not read, and if alpha or k is zero A and B are not. Each
// result is one chain of fused multiply-adds that starts at beta*C and runs
// over k in order (multiplied, then added on the generic tier), with alpha
// multiplied into B: the bits do not depend on the number of threads, and are
// equal on AVX2 and AVX-512.
//
// It panics if a dimension is negative, if a leading dimension is less than a row
// or 1, if an operand is short, or if C shares an element with A or B.
//
// The algorithm is that of Goto and van de Geijn, Anatomy of High-Performance
// Matrix Multiplication, ACM TOMS 34(3), 2008.
func (e *Engine) Gemm(transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	checkGemm(transA, transB, m, n, k, a, lda, b, ldb, c, ldc)
	if m == 0 || n == 0 || alpha == 0 && beta == 1 {
		return
	}
	if e.isSmall(transA, transB, m, n, k, alpha, lda, ldb) {
		e.small(m, n, k, a, lda, b, ldb, beta, c, ldc, &Epilogue{})
		return
	}
	j := e.takeJob()
	j.set(transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
	j.run(e)
	e.returnJob(j)
}

// GemmEpilogue computes C = act(scale*op(A)*op(B) + bias + residual): a dense
// layer in one pass. See [Engine.Gemm], whose panics it has, too; so it does if Scale
// or Bias has another length than n, if Residual is short, or if one of them overlaps C.
func (e *Engine) GemmEpilogue(transA, transB bool, m, n, k int, a []float32, lda int, b []float32, ldb int, c []float32, ldc int, ep Epilogue) {
	checkGemm(transA, transB, m, n, k, a, lda, b, ldb, c, ldc)
	if m == 0 || n == 0 {
		return
	}
	if ep.LDR == 0 {
		ep.LDR = ldc
	}
	checkEpilogue(m, n, c, ldc, ep)
	if e.isSmall(transA, transB, m, n, k, 1, lda, ldb) {
		e.small(m, n, k, a, lda, b, ldb, 0, c, ldc, &ep)
		return
	}
	j := e.takeJob()
	j.set(transA, transB, m, n, k, 1, a, lda, b, ldb, 0, c, ldc)
	j.setEpilogue(ep)
	j.run(e)
	e.returnJob(j)
}

func checkGemm(transA, transB bool, m, n, k int, a []float32, lda int, b []float32, ldb int, c []float32, ldc int) {
	if m < 0 || n < 0 || k < 0 {
		panic(badDims)
	}
	ar, ac, br, bc := m, k, k, n
	if transA {
		ar, ac = ac, ar
	}
	if transB {
		br, bc = bc, br
	}
	switch {
	case lda < max(1, ac):
		panic(badLDA)
	case ldb < max(1, bc):
		panic(badLDB)
	case ldc < max(1, n):
		panic(badLDC)
	}
	if m == 0 || n == 0 {
		return
	}
	switch {
	case !holds(a, ar, ac, lda):
		panic(shortA)
	case !holds(b, br, bc, ldb):
		panic(shortB)
	case !holds(c, m, n, ldc):
		panic(shortC)
	}
	c = c[:(m-1)*ldc+n]
	if k > 0 && (Overlap(a[:(ar-1)*lda+ac], c) || Overlap(b[:(br-1)*ldb+bc], c)) {
		panic(overlapC)
	}
}

func checkEpilogue(m, n int, c []float32, ldc int, ep Epilogue) {
	c = c[:(m-1)*ldc+n]
	switch {
	case ep.Scale != nil && len(ep.Scale) != n || ep.Bias != nil && len(ep.Bias) != n:
		panic(badChannels)
	case ep.Act > ActReLU:
		panic(badAct)
	case Overlap(ep.Scale, c) || Overlap(ep.Bias, c):
		panic(overlapC)
	}
	if ep.Residual == nil {
		return
	}
	switch {
	case ep.LDR < n:
		panic(badLDR)
	case !holds(ep.Residual, m, n, ep.LDR):
		panic(shortR)
	case Overlap(ep.Residual, c):
		panic(overlapC)
	}
}

// holds reports whether s is long enough for rows rows of cols elements, ld
// apart.
func holds(s []float32, rows, cols, ld int) bool {
	if rows == 0 || cols == 0 {
		return true
	}
	hi, lo := bits.Mul64(uint64(rows-1), uint64(ld))
	need, carry := bits.Add64(lo, uint64(cols), 0)
	return hi == 0 && carry == 0 && need <= uint64(len(s))
}

// TileFlags returns the flags that make a micro-kernel apply ep: see package
// micro.
func (ep *Epilogue) TileFlags() (f uint32) {
	if ep.Scale != nil {
		f |= micro.FlagScale
	}
	if ep.Bias != nil {
		f |= micro.FlagBias
	}
	if ep.Residual != nil {
		f |= micro.FlagResidual
	}
	if ep.Act == ActReLU {
		f |= micro.FlagReLU
	}
	return f
}
