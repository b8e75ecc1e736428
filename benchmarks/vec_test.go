package benchmarks

import "testing"

// BenchmarkVec runs element-wise and row operations on operands that fit the
// second cache and on such that fit none.
func BenchmarkVec(b *testing.B) { runMemory(b, asked.VecRows()) }
