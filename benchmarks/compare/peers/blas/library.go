//go:build cgo && (openblas || blis)

package blas

/*
#cgo LDFLAGS: -ldl
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>

typedef void sgemm_func(int order, int transa, int transb, int m, int n, int k, float alpha,
	const float *a, int lda, const float *b, int ldb, float beta, float *c, int ldc);

typedef void saxpy_func(int n, float alpha, const float *x, int incx, float *y, int incy);

enum { row_major = 101, no_trans = 111 };	// of cblas.h

static void call_sgemm(void *f, int m, int n, int k, const float *a, const float *b, float *c)
{
	((sgemm_func *)f)(row_major, no_trans, no_trans, m, n, k, 1, a, k, b, n, 0, c, n);
}

static void call_saxpy(void *f, int n, float alpha, const float *x, float *y)
{
	((saxpy_func *)f)(n, alpha, x, 1, y, 1);
}

static void call(void *f) { ((void (*)(void))f)(); }
static void call_int(void *f, int n) { ((void (*)(int))f)(n); }
static void call_int64(void *f, int64_t n) { ((void (*)(int64_t))f)(n); }
static int call_get(void *f) { return ((int (*)(void))f)(); }
static const char *call_string(void *f) { return ((const char *(*)(void))f)(); }
static const char *call_string_of(void *f, int n) { return ((const char *(*)(int))f)(n); }
*/
import "C"

import (
	"errors"
	"fmt"
	"math"
	"unsafe"

	"github.com/simdconv/simdconv/benchmarks/compare/peers"
	"github.com/simdconv/simdconv/benchmarks/suite"
	"github.com/simdconv/simdconv/kernels"
)

// A library is a BLAS that was loaded.
type library struct {
	handle, sgemm, saxpy unsafe.Pointer
	threads              func(n int)
	about                string
}

// load loads a file, whose symbols nobody else sees.
func load(file string) (*library, error) {
	name := C.CString(file)
	defer C.free(unsafe.Pointer(name))
	l := &library{handle: C.dlopen(name, C.RTLD_NOW|C.RTLD_LOCAL)}
	if l.handle == nil {
		return nil, errors.New(C.GoString(C.dlerror()))
	}
	return l, l.symbols(map[string]*unsafe.Pointer{"cblas_sgemm": &l.sgemm, "cblas_saxpy": &l.saxpy})
}

// symbols looks functions up.
func (l *library) symbols(want map[string]*unsafe.Pointer) error {
	for symbol, at := range want {
		name := C.CString(symbol)
		*at = C.dlsym(l.handle, name)
		C.free(unsafe.Pointer(name))
		if *at == nil {
			return errors.New(C.GoString(C.dlerror()))
		}
	}
	return nil
}

// kernelsFor returns the name of a tier's kernels.
func kernelsFor(tier kernels.Tier, avx2, avx512 string) (string, error) {
	switch tier {
	case kernels.TierAVX512:
		return avx512, nil
	case kernels.TierAVX2:
		return avx2, nil
	}
	return "", &peers.TierError{Tier: tier, Has: "avx2 and avx512"}
}

func (l *library) About() string { return l.about }

func pointer(s []float32) *C.float { return (*C.float)(unsafe.Pointer(unsafe.SliceData(s))) }

func (l *library) Gemm(r suite.Gemm, a, b, c []float32) (peers.Run, error) {
	if max(r.M, r.N, r.K) > math.MaxInt32 {
		return peers.Run{}, &suite.Refusal{Err: fmt.Errorf("%d x %d x %d does not fit an int", r.M, r.N, r.K)}
	}
	return peers.Run{
		Call: func() error {
			C.call_sgemm(l.sgemm, C.int(r.M), C.int(r.N), C.int(r.K), pointer(a), pointer(b), pointer(c))
			return nil
		},
		Result: func() ([]float32, error) { return c, nil },
		Begin:  func() func() { l.threads(r.Threads); return func() {} },
		Kernel: "cblas_sgemm",
	}, nil
}

// Memory prepares axpy, the one operation on vectors that a BLAS has.
func (l *library) Memory(r suite.Memory, in, out [][]float32) (peers.Run, error) {
	v, ok := r.Op.(suite.Vec)
	if !ok || v.Name != "axpy" {
		return peers.Run{}, &suite.Refusal{Err: errors.New("a BLAS has no " + r.Op.Label())}
	}
	return peers.Run{
		Call: func() error {
			C.call_saxpy(l.saxpy, C.int(v.Elements), suite.AxpyAlpha, pointer(in[0]), pointer(out[0]))
			return nil
		},
		Begin:  func() func() { l.threads(r.Threads); return func() {} },
		Kernel: "cblas_saxpy",
	}, nil
}

func call(f unsafe.Pointer)                       { C.call(f) }
func callInt(f unsafe.Pointer, n int)             { C.call_int(f, C.int(n)) }
func callInt64(f unsafe.Pointer, n int)           { C.call_int64(f, C.int64_t(n)) }
func callGet(f unsafe.Pointer) int                { return int(C.call_get(f)) }
func callString(f unsafe.Pointer) string          { return C.GoString(C.call_string(f)) }
func callStringOf(f unsafe.Pointer, n int) string { return C.GoString(C.call_string_of(f, C.int(n))) }
