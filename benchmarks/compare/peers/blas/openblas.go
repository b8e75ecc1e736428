//go:build cgo && openblas

package blas

import (
	"fmt"
	"unsafe"

	"github.com/simdconv/simdconv/benchmarks/compare/peers"
	"github.com/simdconv/simdconv/kernels"
)

func openOpenBLAS(tier kernels.Tier, file string) (peers.Library, error) {
	core, err := kernelsFor(tier, "Haswell", "SkylakeX")
	if err != nil {
		return nil, err
	}
	set, err := peers.Setenv("OPENBLAS_CORETYPE", core)
	if err != nil {
		return nil, err
	}
	l, err := load(file)
	if err != nil {
		return nil, err
	}
	var config, corename, threads unsafe.Pointer
	err = l.symbols(map[string]*unsafe.Pointer{
		"openblas_get_config": &config, "openblas_get_corename": &corename, "openblas_set_num_threads": &threads,
	})
	if err != nil {
		return nil, err
	}
	l.threads = func(n int) { callInt(threads, n) }
	l.about = fmt.Sprintf("%s, kernels %s, %s, %s", callString(config), callString(corename), set, file)
	return l, nil
}
