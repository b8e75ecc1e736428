//go:build onednn

#define _GNU_SOURCE
#include <dlfcn.h>
#include <sched.h>
#include "dnn.h"
#include "version.h"
#include <oneapi/dnnl/dnnl_debug.h>

dnnl_engine_t dnn_engine;
static dnnl_stream_t stream;
static void (*set_threads)(int);

int dnn_open(void)
{
	if (stream)
		return 0;
	TRY(dnnl_engine_create(&dnn_engine, dnnl_cpu, 0));
	set_threads = (void (*)(int))dlsym(RTLD_DEFAULT, "omp_set_num_threads");
	return dnnl_stream_create(&stream, dnn_engine, dnnl_stream_default_flags);
}

const char *dnn_runtime(void)
{
	switch (dnnl_version()->cpu_runtime) {
	case DNNL_RUNTIME_SEQ: return "sequential";
	case DNNL_RUNTIME_OMP: return "OpenMP";
	case DNNL_RUNTIME_TBB: return "TBB";
#ifdef DNNL_RUNTIME_SYCL
	case DNNL_RUNTIME_SYCL: return "SYCL";
#endif
	}
	return "unknown";
}

const char *dnn_isa(void) { return dnnl_cpu_isa2str(dnnl_get_effective_cpu_isa()); }

int dnn_limit_isa(int avx2)
{
	return avx2 ? dnnl_set_max_cpu_isa(dnnl_cpu_isa_avx2) : 0;
}

// OpenMP keeps the number for each thread that calls it. Other runtimes take all
// processors that the process may use.
int dnn_threads(int n)
{
	cpu_set_t allowed;
	if (set_threads) {
		set_threads(n);
		return 0;
	}
	if (sched_getaffinity(0, sizeof allowed, &allowed) || CPU_COUNT(&allowed) != n)
		return dnnl_unimplemented;
	return 0;
}

int dnn_execute(dnnl_primitive_t p, int n, const dnnl_exec_arg_t *args)
{
	TRY(dnnl_primitive_execute(p, stream, n, args));
	return dnnl_stream_wait(stream);
}
