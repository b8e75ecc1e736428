// Package blas is OpenBLAS and BLIS as peers, by cgo under build tags of their
// names. Both export the same functions, so they are not linked but loaded with
// symbols of their own: both fit into one process, and neither's headers are
// needed.
package blas

import "github.com/simdconv/simdconv/benchmarks/compare/peers"

// OpenBLAS is told which kernels to use, as it takes those for AVX2 on AMD's
// processors with AVX-512.
var OpenBLAS = peers.Peer{
	Name:    "openblas",
	Tag:     "openblas",
	Install: "apt-get install libopenblas0-pthread",
	File:    "libopenblas.so.0",
	Open:    openOpenBLAS,
}

// BLIS is told which kernels to use, as it falls back to portable ones on
// processors that it does not know.
var BLIS = peers.Peer{
	Name:    "blis",
	Tag:     "blis",
	Install: "apt-get install libblis4-openmp",
	File:    "libblis.so.4",
	Open:    openBLIS,
}
