//go:build !openblas || !cgo

package blas

import (
	"github.com/simdconv/simdconv/benchmarks/compare/peers"
	"github.com/simdconv/simdconv/kernels"
)

func openOpenBLAS(kernels.Tier, string) (peers.Library, error) { return nil, peers.ErrNotBuilt }
