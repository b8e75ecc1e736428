// Package roof measures what a machine can do, so that benchmarks can say how
// much of it they use. Absolute figures drift with temperature, neighbours and
// clocks; a share of a roof measured beside the sample does not.
//
//	GFLOP/s
//	   ▲          ┌──────────────────────  FMA: multiply-adds on registers
//	   │         ╱                         alone, per tier and threads
//	   │        ╱
//	   │       ╱  Stream: bytes in and out of memory,
//	   │      ╱   per footprint and threads
//	   └─────────────────────────────────►  operations per byte
//
// Every measurement is a few bursts of some milliseconds each. Take some before a
// sample and some after it, and use the [Median] of all:
//
//	rates, err := roof.FMA(tier, threads)
//	...                                      // the sample
//	after, err := roof.FMA(tier, threads)
//	peak := roof.Median(append(rates, after...))
//
// The memory loops are plain Go: what a program gets that copies, adds up or
// clears slices, which is less than vector code can have from the first caches.
//
// Functions may be called concurrently but then disturb one another.
package roof
