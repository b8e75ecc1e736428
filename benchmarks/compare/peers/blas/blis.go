//go:build cgo && blis

package blas

import (
	"fmt"
	"strconv"
	"unsafe"

	"github.com/simdconv/simdconv/benchmarks/compare/peers"
	"github.com/simdconv/simdconv/kernels"
)

// families bounds the numbers that are looked at: BLIS has names for 27 kinds of
// processors, those of Intel first, and reads beyond them unchecked.
const families = 16

func openBLIS(tier kernels.Tier, file string) (peers.Library, error) {
	arch, err := kernelsFor(tier, "haswell", "skx")
	if err != nil {
		return nil, err
	}
	l, err := load(file)
	if err != nil {
		return nil, err
	}
	var version, start, query, name, threads unsafe.Pointer
	err = l.symbols(map[string]*unsafe.Pointer{
		"bli_info_get_version_str": &version, "bli_init": &start, "bli_arch_query_id": &query, "bli_arch_string": &name, "bli_thread_set_num_threads": &threads,
	})
	if err != nil {
		return nil, err
	}
	// Versions before 1.0 want a number.
	id := 0
	for callStringOf(name, id) != arch {
		if id++; id == families {
			return nil, fmt.Errorf("%s has no kernels for %s", file, arch)
		}
	}
	set, err := peers.Setenv("BLIS_ARCH_TYPE", strconv.Itoa(id))
	if err != nil {
		return nil, err
	}
	call(start) // reads the variable
	l.threads = func(n int) { callInt64(threads, n) }
	l.about = fmt.Sprintf("%s, kernels %s, %s, %s", callString(version), callStringOf(name, callGet(query)), set, file)
	return l, nil
}
