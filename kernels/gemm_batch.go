package kernels

import (
	"math/bits"

	"github.com/simdconv/simdconv/kernels/parallel"
)

// A Batch is how the operands of a strided batch of N products follow each
// other: product i has its A at i*A, its B at i*B and its C at i*C, in elements.
// A stride of zero for A or B gives all products the same operand.
type Batch struct{ N, A, B, C int }

// GemmBatch computes the products of a strided batch,
//
//	C[i] = alpha*op(A[i])*op(B[i]) + beta*C[i], i = 0 to batch.N-1,
//
// by the rules of [Engine.Gemm] and with the same bits. If there are many, each
// is computed whole by one thread; if there are few, one after the other is
// shared out. Results must not share an element: either C's stride is at least
// one result's extent, or they lie side by side in rows of ldc.
func (e *Engine) GemmBatch(batch Batch, transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	if min(batch.N, batch.A, batch.B, batch.C) < 0 {
		panic(badBatch)
	}
	if batch.N == 0 {
		return
	}
	last := batch.N - 1
	checkGemm(transA, transB, m, n, k, from(a, last, batch.A, shortA), lda, from(b, last, batch.B, shortB), ldb, from(c, last, batch.C, shortC), ldc)
	if m == 0 || n == 0 || alpha == 0 && beta == 1 {
		return
	}
	if apart := batch.C >= (m-1)*ldc+n || batch.C >= n && ldc-n >= last*batch.C; last > 0 && !apart {
		panic(badBatch)
	}
	if k > 0 && (Overlap(a, c) || Overlap(b, c)) {
		panic(overlapC)
	}
	flop := 2 * float64(m) * float64(n) * float64(max(k, 1))
	threads := ThreadsFor(flop*float64(batch.N), e.opts.Threads)
	if threads > 1 && batch.N < 2*threads {
		for i := range batch.N {
			e.Gemm(transA, transB, m, n, k, alpha, a[i*batch.A:], lda, b[i*batch.B:], ldb, beta, c[i*batch.C:], ldc)
		}
		return
	}
	g := e.takeBatch()
	g.batch = batch
	g.a, g.b, g.c = a, b, c
	for _, j := range g.items[:threads] {
		j.set(transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
		j.prepare(1)
	}
	e.opts.Pool.Run(g, batch.N, threads)
	e.returnBatch(g)
}

// from returns s from i strides on, and panics if it is shorter.
func from(s []float32, i, stride int, short string) []float32 {
	hi, at := bits.Mul64(uint64(i), uint64(stride))
	if hi > 0 || at > uint64(len(s)) {
		panic(short)
	}
	return s[at:]
}

// A gemmBatch is a batch under way: a job of one thread for each worker.
type gemmBatch struct {
	batch   Batch
	a, b, c []float32
	items   []*gemmJob
}

var _ parallel.Task = (*gemmBatch)(nil)

// Run computes product i.
func (g *gemmBatch) Run(worker, i int) {
	j := g.items[worker]
	j.a, j.b, j.c = g.a[i*g.batch.A:], g.b[i*g.batch.B:], g.c[i*g.batch.C:]
	for task := range j.tasks() {
		j.Run(0, task)
	}
}

func (e *Engine) takeBatch() *gemmBatch {
	e.mu.Lock()
	defer e.mu.Unlock()
	if n := len(e.batches); n > 0 {
		g := e.batches[n-1]
		e.batches = e.batches[:n-1]
		return g
	}
	g := &gemmBatch{}
	for range e.opts.Threads {
		g.items = append(g.items, newGemmJob(e.bundle, 1))
	}
	return g
}

func (e *Engine) returnBatch(g *gemmBatch) {
	g.a, g.b, g.c = nil, nil, nil
	for _, j := range g.items {
		j.forget()
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.batches = append(e.batches, g)
}
