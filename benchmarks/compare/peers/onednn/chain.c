//go:build onednn

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dnn.h"
#include "chain.h"

md_ref memory_md(dnnl_memory_t m)
{
	md_ref d = NULL;
	dnnl_memory_get_memory_desc(m, &d);
	return d;
}

int chain_operand(chain *c, dnnl_memory_t *m, float *data, enum role role, int ndims, const dnnl_dims_t dims, dnnl_format_tag_t plain, dnnl_format_tag_t inner)
{
	dnnl_memory_desc_t p, i;
	if (c->operand_count == most_operands)
		return dnnl_runtime_error;
	operand *o = &c->operands[c->operand_count++];
	TRY(md_init(&p, ndims, dims, dnnl_f32, role == INTERNAL ? inner : plain));
	TRY(md_init(&i, ndims, dims, dnnl_f32, inner));
	int status = operand_new(o, data, role == OUTPUT, p, MD(i));
	md_done(p);
	md_done(i);
	*m = o->inner;
	return status;
}

int chain_vector(chain *c, dnnl_memory_t *m, float *data, enum role role, long n)
{
	return chain_operand(c, m, data, role, 1, (dnnl_dims_t){n}, dnnl_a, dnnl_a);
}

int chain_workspace(chain *c, dnnl_primitive_desc_t forward)
{
	md_ref d = dnnl_primitive_desc_query_md(forward, dnnl_query_workspace_md, 0);
	if (!d || !dnnl_memory_desc_get_size(d))
		return 0;
	return dnnl_memory_create(&c->workspace, d, dnn_engine, DNNL_MEMORY_ALLOCATE);
}

int chain_step(chain *c, dnnl_primitive_desc_t pd, int n, const dnnl_exec_arg_t *args)
{
	if (c->step_count == most_steps || n > most_args) {
		dnnl_primitive_desc_destroy(pd);
		return dnnl_runtime_error;
	}
	step *s = &c->steps[c->step_count++];
	s->pd = pd;
	for (int i = 0; i < n; i++)
		if (args[i].memory)
			s->args[s->n++] = args[i];
	return dnnl_primitive_create(&s->prim, pd);
}

void chain_free(chain *c)
{
	for (int i = 0; i < c->step_count; i++) {
		if (c->steps[i].prim)
			dnnl_primitive_destroy(c->steps[i].prim);
		dnnl_primitive_desc_destroy(c->steps[i].pd);
	}
	for (int i = 0; i < c->operand_count; i++)
		operand_free(&c->operands[i]);
	if (c->workspace)
		dnnl_memory_destroy(c->workspace);
	free(c);
}

static int run(chain *c, int from, int to)
{
	for (int i = from; i < to; i++)
		TRY(dnn_execute(c->steps[i].prim, c->steps[i].n, c->steps[i].args));
	return 0;
}

int chain_load(chain *c)
{
	for (int i = 0; i < c->operand_count; i++)
		if (!c->operands[i].output)
			TRY(operand_load(&c->operands[i]));
	return run(c, 0, c->first);
}

int chain_run(chain *c) { return run(c, c->first, c->step_count); }

int chain_store(chain *c)
{
	for (int i = 0; i < c->operand_count; i++)
		if (c->operands[i].output)
			TRY(operand_store(&c->operands[i]));
	return 0;
}

const char *chain_kernel(chain *c)
{
	size_t used = 0;
	for (int i = c->first; i < c->step_count && used < sizeof c->kernel; i++) {
		const char *name = "";
		dnnl_primitive_desc_query(c->steps[i].pd, dnnl_query_impl_info_str, 0, &name);
		used += snprintf(c->kernel + used, sizeof c->kernel - used, "%s%s", i > c->first ? " + " : "", name);
	}
	return c->kernel;
}

dnnl_format_tag_t channels_tag(int block)
{
	return block == 16 ? dnnl_nChw16c : block == 8 ? dnnl_nChw8c : dnnl_nhwc;
}
