package benchmarks

import "testing"

// BenchmarkPool runs the windows that networks have, on maps of 64 channels.
func BenchmarkPool(b *testing.B) { runMemory(b, asked.PoolRows()) }
