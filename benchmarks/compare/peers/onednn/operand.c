//go:build onednn

#include <stdlib.h>
#include "operand.h"

static int reorder_new(dnnl_primitive_t *p, md_ref from, md_ref to)
{
	dnnl_primitive_desc_t pd;
	TRY(dnnl_reorder_primitive_desc_create(&pd, from, dnn_engine, to, dnn_engine, NULL));
	int status = dnnl_primitive_create(p, pd);
	dnnl_primitive_desc_destroy(pd);
	return status;
}

int operand_new(operand *o, float *data, int output, dnnl_memory_desc_t plain, md_ref inner)
{
	o->data = data;
	o->owned = !data;
	o->output = output;
	if (o->owned && posix_memalign((void **)&o->data, 64, dnnl_memory_desc_get_size(MD(plain))))
		return dnnl_out_of_memory;
	TRY(dnnl_memory_create(&o->plain, MD(plain), dnn_engine, o->data));
	if (dnnl_memory_desc_equal(MD(plain), inner)) {
		o->inner = o->plain;
		return 0;
	}
	TRY(dnnl_memory_create(&o->inner, inner, dnn_engine, DNNL_MEMORY_ALLOCATE));
	return output ? reorder_new(&o->reorder, inner, MD(plain)) : reorder_new(&o->reorder, MD(plain), inner);
}

void operand_free(operand *o)
{
	if (o->reorder)
		dnnl_primitive_destroy(o->reorder);
	if (o->inner && o->inner != o->plain)
		dnnl_memory_destroy(o->inner);
	if (o->plain)
		dnnl_memory_destroy(o->plain);
	if (o->owned)
		free(o->data);
}

static int reorder(dnnl_primitive_t p, dnnl_memory_t from, dnnl_memory_t to)
{
	dnnl_exec_arg_t args[] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
	return p ? dnn_execute(p, 2, args) : 0;
}

int operand_load(operand *o) { return reorder(o->reorder, o->plain, o->inner); }
int operand_store(operand *o) { return reorder(o->reorder, o->inner, o->plain); }
