package kernels

// Block sizes of Gemm, for tests that straddle them.
const (
	BlockK = blockK
	BlockN = blockN
)
