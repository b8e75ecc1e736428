package kernels

// Block sizes of Gemm, for tests that straddle them.
const (
	BlockK = blockK
	BlockN = blockN
)

// CopiedLDA is how far apart the rows of copied A lie.
var CopiedLDA = copiedLDA

// GemmTail is [Engine.Gemm] on all threads with the tail of large products.
func (e *Engine) GemmTail(transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	j := e.takeJob()
	j.set(transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
	j.prepare(e.opts.Threads)
	j.cutTail(e.opts.Threads)
	e.opts.Pool.Run(j, j.tasks(), e.opts.Threads)
	e.returnJob(j)
}

// PackingRoom is how many workers have room for a panel in the workspace that e used
// last.
func (e *Engine) PackingRoom() (n int) {
	for _, w := range e.free[len(e.free)-1].workers {
		if len(w.packedB) > 0 {
			n++
		}
	}
	return n
}
