//go:build !blis || !cgo

package blas

import (
	"github.com/simdconv/simdconv/benchmarks/compare/peers"
	"github.com/simdconv/simdconv/kernels"
)

func openBLIS(kernels.Tier, string) (peers.Library, error) { return nil, peers.ErrNotBuilt }
