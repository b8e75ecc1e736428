package kernels

// Block sizes of Gemm, for tests that straddle them.
const (
	BlockK = blockK
	BlockN = blockN
)

// CopiedLDA is how far apart the rows of copied A lie.
var CopiedLDA = copiedLDA
