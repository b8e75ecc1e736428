//go:build onednn

#include <stdlib.h>
#include "dnn.h"
#include "version.h"

int dnn_sgemm(long m, long n, long k, const float *a, const float *b, float *c)
{
	return dnnl_sgemm('N', 'N', m, n, k, 1, a, k, b, n, 0, c, n);
}

struct matmul {
	dnnl_primitive_desc_t pd;
	dnnl_primitive_t prim;
	dnnl_memory_t a, b, c;
};

static int describe(matmul *p, dnnl_memory_desc_t a, dnnl_memory_desc_t b, dnnl_memory_desc_t c)
{
#if DNNL_VERSION_MAJOR >= 3
	return dnnl_matmul_primitive_desc_create(&p->pd, dnn_engine, a, b, NULL, c, NULL);
#else
	dnnl_matmul_desc_t d;
	TRY(dnnl_matmul_desc_init(&d, &a, &b, NULL, &c));
	return dnnl_primitive_desc_create(&p->pd, &d, NULL, dnn_engine, NULL);
#endif
}

static int build(matmul *p, long m, long n, long k, float *a, float *b, float *c)
{
	const dnnl_dims_t da = {m, k}, db = {k, n}, dc = {m, n};
	dnnl_memory_desc_t ma, mb, mc;
	TRY(md_init(&ma, 2, da, dnnl_f32, dnnl_ab));
	TRY(md_init(&mb, 2, db, dnnl_f32, dnnl_ab));
	TRY(md_init(&mc, 2, dc, dnnl_f32, dnnl_ab));
	int status = describe(p, ma, mb, mc);
	if (!status)
		status = dnnl_primitive_create(&p->prim, p->pd);
	if (!status)
		status = dnnl_memory_create(&p->a, MD(ma), dnn_engine, a);
	if (!status)
		status = dnnl_memory_create(&p->b, MD(mb), dnn_engine, b);
	if (!status)
		status = dnnl_memory_create(&p->c, MD(mc), dnn_engine, c);
	md_done(ma);
	md_done(mb);
	md_done(mc);
	return status;
}

int matmul_new(matmul **out, long m, long n, long k, float *a, float *b, float *c)
{
	matmul *p = calloc(1, sizeof *p);
	if (!p)
		return dnnl_out_of_memory;
	int status = build(p, m, n, k, a, b, c);
	if (status)
		matmul_free(p);
	else
		*out = p;
	return status;
}

void matmul_free(matmul *p)
{
	dnnl_memory_t all[] = {p->a, p->b, p->c};
	for (int i = 0; i < 3; i++)
		if (all[i])
			dnnl_memory_destroy(all[i]);
	if (p->prim)
		dnnl_primitive_destroy(p->prim);
	if (p->pd)
		dnnl_primitive_desc_destroy(p->pd);
	free(p);
}

int matmul_run(matmul *p)
{
	const dnnl_exec_arg_t args[] = {{DNNL_ARG_SRC, p->a}, {DNNL_ARG_WEIGHTS, p->b}, {DNNL_ARG_DST, p->c}};
	return dnn_execute(p->prim, 3, args);
}

const char *matmul_kernel(matmul *p)
{
	const char *name = "";
	dnnl_primitive_desc_query(p->pd, dnnl_query_impl_info_str, 0, &name);
	return name;
}
