//go:build !onnxruntime || !cgo

package onnxruntime

import (
	"github.com/simdconv/simdconv/benchmarks/compare/peers"
	"github.com/simdconv/simdconv/kernels"
)

func open(kernels.Tier, string) (peers.Library, error) { return nil, peers.ErrNotBuilt }
