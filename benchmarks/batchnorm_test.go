package benchmarks

import "testing"

// BenchmarkBatchNorm runs training, its gradient and inference, alone and with
// the residual and ReLU fused. As statistics of a tensor are needed before its
// first element can be normalised, the traffic that %stream compares with reads x
// twice in training, and dy and x twice going backward.
func BenchmarkBatchNorm(b *testing.B) { runMemory(b, asked.BatchNormRows()) }
