// Package suite holds what the benchmarks of this library and those of its peers
// share, so that both have the same rows under the same names, run on the same
// operands and are judged by the same check.
//
//	  shapes/*.txt
//	       │
//	Conv, Gemm  one row ──► Name        impl=.../net=.../layer=...
//	Memory: a Pool, BatchNorm or Vec ──► Traffic   what the stream loop has to move
//	       │
//	Operands    x, w, dy ──► Call       what this library is timed on
//	       │
//	     Check  float64 loops ──► a wrong result is an error
//	       │
//	     Flush  empties the caches before a call
package suite
