//go:build onednn

#include <stdlib.h>
#include "dnn.h"
#include "chain.h"

// The order of passes in a batchnorm_spec.
enum { TRAIN, BACKWARD, INFER };

static unsigned flags(const batchnorm_spec *s)
{
	unsigned f = dnnl_use_scale | dnnl_use_shift;
	if (s->pass == INFER)
		f |= dnnl_use_global_stats;
#if DNNL_VERSION_MAJOR >= 3
	if (s->fused == 2)
		f |= dnnl_fuse_norm_add_relu;
#endif
	return f;
}

static int forward(dnnl_primitive_desc_t *pd, const batchnorm_spec *s, dnnl_memory_t x, dnnl_memory_t y)
{
	dnnl_prop_kind_t kind = s->pass == INFER ? dnnl_forward_inference : dnnl_forward_training;
#if DNNL_VERSION_MAJOR >= 3
	return dnnl_batch_normalization_forward_primitive_desc_create(pd, dnn_engine, kind, memory_md(x), memory_md(y), s->epsilon, flags(s), NULL);
#else
	dnnl_batch_normalization_desc_t d;
	if (s->fused == 2)
		return dnnl_unimplemented;
	TRY(dnnl_batch_normalization_forward_desc_init(&d, kind, memory_md(x), s->epsilon, flags(s)));
	return dnnl_primitive_desc_create(pd, &d, NULL, dnn_engine, NULL);
#endif
}

static int backward(dnnl_primitive_desc_t *pd, const batchnorm_spec *s, dnnl_memory_t x, dnnl_memory_t dy, dnnl_memory_t dx, dnnl_primitive_desc_t hint)
{
#if DNNL_VERSION_MAJOR >= 3
	return dnnl_batch_normalization_backward_primitive_desc_create(pd, dnn_engine, dnnl_backward, memory_md(dx), memory_md(dy), memory_md(x), s->epsilon, flags(s), hint, NULL);
#else
	dnnl_batch_normalization_desc_t d;
	TRY(dnnl_batch_normalization_backward_desc_init(&d, dnnl_backward, memory_md(dy), memory_md(x), s->epsilon, flags(s)));
	return dnnl_primitive_desc_create(pd, &d, NULL, dnn_engine, hint);
#endif
}

static int build(chain *c, const batchnorm_spec *s)
{
	const dnnl_dims_t dims = {s->n, s->c, s->h, s->w};
	dnnl_format_tag_t inner = channels_tag(s->blocked);
	enum role statistics = s->pass == INFER ? INPUT : s->pass == TRAIN ? OUTPUT : INTERNAL;
	enum role result = s->pass == BACKWARD ? INTERNAL : OUTPUT;
	dnnl_memory_t x, y, gamma, beta, mean, variance, residual = NULL, dy, dx, dgamma, dbeta, dresidual = NULL;
	dnnl_primitive_desc_t pd, sum, relu, back;
	TRY(chain_operand(c, &x, s->x, INPUT, 4, dims, dnnl_nhwc, inner));
	TRY(chain_operand(c, &y, s->y, result, 4, dims, dnnl_nhwc, inner));
	TRY(chain_vector(c, &gamma, s->gamma, INPUT, s->c));
	TRY(chain_vector(c, &beta, s->beta, INPUT, s->c));
	TRY(chain_vector(c, &mean, s->mean, statistics, s->c));
	TRY(chain_vector(c, &variance, s->variance, s->variance ? INPUT : INTERNAL, s->c));
	if (s->fused)
		TRY(chain_operand(c, &residual, s->residual, INPUT, 4, dims, dnnl_nhwc, inner));
	TRY(forward(&pd, s, x, y));
	int status = chain_workspace(c, pd);
	if (status) {
		dnnl_primitive_desc_destroy(pd);
		return status;
	}
	TRY(chain_step(c, pd, 8, (dnnl_exec_arg_t[]){
		{DNNL_ARG_SRC, x}, {DNNL_ARG_MEAN, mean}, {DNNL_ARG_VARIANCE, variance}, {DNNL_ARG_SCALE, gamma}, {DNNL_ARG_SHIFT, beta},
		{DNNL_ARG_DST, y}, {DNNL_ARG_SRC_1, s->fused == 2 ? residual : NULL}, {DNNL_ARG_WORKSPACE, c->workspace}}));
	if (s->fused == 1) {
		TRY(add_new(&sum, 1, y, residual, y));
		TRY(chain_step(c, sum, 3, (dnnl_exec_arg_t[]){{DNNL_ARG_SRC_0, y}, {DNNL_ARG_SRC_1, residual}, {DNNL_ARG_DST, y}}));
	}
	if (s->pass != BACKWARD)
		return 0;
	c->first = c->step_count;
	TRY(chain_operand(c, &dy, s->dy, INPUT, 4, dims, dnnl_nhwc, inner));
	TRY(chain_operand(c, &dx, s->dx, OUTPUT, 4, dims, dnnl_nhwc, inner));
	TRY(chain_vector(c, &dgamma, s->dgamma, OUTPUT, s->c));
	TRY(chain_vector(c, &dbeta, s->dbeta, OUTPUT, s->c));
	if (s->fused)
		TRY(chain_operand(c, &dresidual, s->dresidual, OUTPUT, 4, dims, dnnl_nhwc, inner));
	if (s->fused == 1) {
		TRY(relu_backward_new(&relu, y, dy, dresidual));
		TRY(chain_step(c, relu, 3, (dnnl_exec_arg_t[]){{DNNL_ARG_DST, y}, {DNNL_ARG_DIFF_DST, dy}, {DNNL_ARG_DIFF_SRC, dresidual}}));
		dy = dresidual;
	}
	TRY(backward(&back, s, x, dy, dx, pd));
#if DNNL_VERSION_MAJOR >= 3
	beta = NULL;	// version 2 wants it, 3.2 refuses it
#endif
	dnnl_exec_arg_t args[] = {
		{DNNL_ARG_SRC, x}, {DNNL_ARG_MEAN, mean}, {DNNL_ARG_VARIANCE, variance}, {DNNL_ARG_DIFF_DST, dy}, {DNNL_ARG_SCALE, gamma}, {DNNL_ARG_SHIFT, beta},
		{DNNL_ARG_DIFF_SRC, dx}, {DNNL_ARG_DIFF_SCALE, dgamma}, {DNNL_ARG_DIFF_SHIFT, dbeta}, {DNNL_ARG_WORKSPACE, c->workspace}, {DNNL_ARG_DIFF_SRC_1, s->fused == 2 ? dresidual : NULL}};
	return chain_step(c, back, 11, args);
}

int batchnorm_new(chain **out, const batchnorm_spec *s)
{
	chain *c = calloc(1, sizeof *c);
	if (!c)
		return dnnl_out_of_memory;
	int status = build(c, s);
	if (status)
		chain_free(c);
	else
		*out = c;
	return status;
}
