// Package suite holds what the benchmarks of this library and those of its peers
// share, so that both have the same rows under the same names, run on the same
// operands and are judged by the same check.
//
//	Settings  the flags ──► Tour, checked      shapes/*.txt
//	                          │                     │
//	                          └─────────┬───────────┘
//	                                    ▼
//	Conv, Gemm, Memory           one row each ──► Name   impl=.../net=.../layer=...
//	                                    │
//	Operands                  x, w, dy ─┴───────► Call   what this library is timed on
//	                                                │
//	Check, Error              float64 loops ────────┴──► a wrong result is an error
//
//	Flush                     empties the caches before a call
package suite
