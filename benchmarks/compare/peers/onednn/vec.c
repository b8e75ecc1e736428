//go:build onednn

#include <stdlib.h>
#include "dnn.h"
#include "chain.h"

int eltwise_new(dnnl_primitive_desc_t *pd, dnnl_alg_kind_t alg, dnnl_memory_t x, dnnl_memory_t y)
{
#if DNNL_VERSION_MAJOR >= 3
	return dnnl_eltwise_forward_primitive_desc_create(pd, dnn_engine, dnnl_forward_training, alg, memory_md(x), memory_md(y), 0, 0, NULL);
#else
	dnnl_eltwise_desc_t d;
	TRY(dnnl_eltwise_forward_desc_init(&d, dnnl_forward_training, alg, memory_md(x), 0, 0));
	return dnnl_primitive_desc_create(pd, &d, NULL, dnn_engine, NULL);
#endif
}

int relu_backward_new(dnnl_primitive_desc_t *pd, dnnl_memory_t y, dnnl_memory_t dy, dnnl_memory_t dx)
{
	const dnnl_alg_kind_t alg = dnnl_eltwise_relu_use_dst_for_bwd;
	dnnl_primitive_desc_t hint;
	TRY(eltwise_new(&hint, alg, y, y));
#if DNNL_VERSION_MAJOR >= 3
	int status = dnnl_eltwise_backward_primitive_desc_create(pd, dnn_engine, alg, memory_md(dx), memory_md(dy), memory_md(y), 0, 0, hint, NULL);
#else
	dnnl_eltwise_desc_t d;
	int status = dnnl_eltwise_backward_desc_init(&d, alg, memory_md(dy), memory_md(y), 0, 0);
	if (!status)
		status = dnnl_primitive_desc_create(pd, &d, NULL, dnn_engine, hint);
#endif
	dnnl_primitive_desc_destroy(hint);
	return status;
}

static int add_with(dnnl_primitive_desc_t *pd, dnnl_memory_t a, dnnl_memory_t b, dnnl_memory_t y, dnnl_primitive_attr_t attr)
{
#if DNNL_VERSION_MAJOR >= 3
	return dnnl_binary_primitive_desc_create(pd, dnn_engine, dnnl_binary_add, memory_md(a), memory_md(b), memory_md(y), attr);
#else
	dnnl_binary_desc_t d;
	TRY(dnnl_binary_desc_init(&d, dnnl_binary_add, memory_md(a), memory_md(b), memory_md(y)));
	return dnnl_primitive_desc_create(pd, &d, attr, dnn_engine, NULL);
#endif
}

int add_new(dnnl_primitive_desc_t *pd, int relu, dnnl_memory_t a, dnnl_memory_t b, dnnl_memory_t y)
{
	dnnl_post_ops_t ops;
	dnnl_primitive_attr_t attr;
	if (!relu)
		return add_with(pd, a, b, y, NULL);
	TRY(dnnl_post_ops_create(&ops));
	TRY(dnnl_primitive_attr_create(&attr));
#if DNNL_VERSION_MAJOR >= 3
	int status = dnnl_post_ops_append_eltwise(ops, dnnl_eltwise_relu, 0, 0);
#else
	int status = dnnl_post_ops_append_eltwise(ops, 1, dnnl_eltwise_relu, 0, 0);
#endif
	if (!status)
		status = dnnl_primitive_attr_set_post_ops(attr, ops);
	if (!status)
		status = add_with(pd, a, b, y, attr);
	dnnl_primitive_attr_destroy(attr);
	dnnl_post_ops_destroy(ops);
	return status;
}

static int softmax_new(dnnl_primitive_desc_t *pd, dnnl_memory_t x, dnnl_memory_t y)
{
#if DNNL_VERSION_MAJOR >= 3
	return dnnl_softmax_forward_primitive_desc_create(pd, dnn_engine, dnnl_forward_inference, dnnl_softmax_accurate, memory_md(x), memory_md(y), 1, NULL);
#else
	dnnl_softmax_desc_t d;
	TRY(dnnl_softmax_forward_desc_init(&d, dnnl_forward_inference, memory_md(x), 1));
	return dnnl_primitive_desc_create(pd, &d, NULL, dnn_engine, NULL);
#endif
}

static int build(chain *c, const vec_spec *s)
{
	const dnnl_dims_t dims = {s->rows, s->cols}, bias = {1, s->cols};
	dnnl_memory_t a = NULL, b = NULL, y;
	dnnl_primitive_desc_t pd;
	TRY(chain_operand(c, &y, s->out, OUTPUT, 2, dims, dnnl_ab, dnnl_ab));
	if (s->op == VEC_ADD_BIAS) {
		TRY(chain_operand(c, &b, s->b, INPUT, 2, bias, dnnl_ab, dnnl_ab));
		TRY(add_new(&pd, 0, y, b, y));
		return chain_step(c, pd, 3, (dnnl_exec_arg_t[]){{DNNL_ARG_SRC_0, y}, {DNNL_ARG_SRC_1, b}, {DNNL_ARG_DST, y}});
	}
	TRY(chain_operand(c, &a, s->a, INPUT, 2, dims, dnnl_ab, dnnl_ab));
	if (s->b)
		TRY(chain_operand(c, &b, s->b, INPUT, 2, dims, dnnl_ab, dnnl_ab));
	switch (s->op) {
	case VEC_ADD:
		TRY(add_new(&pd, 0, a, b, y));
		return chain_step(c, pd, 3, (dnnl_exec_arg_t[]){{DNNL_ARG_SRC_0, a}, {DNNL_ARG_SRC_1, b}, {DNNL_ARG_DST, y}});
	case VEC_RELU_BACKWARD:
		TRY(relu_backward_new(&pd, b, a, y));
		return chain_step(c, pd, 3, (dnnl_exec_arg_t[]){{DNNL_ARG_DIFF_DST, a}, {DNNL_ARG_DST, b}, {DNNL_ARG_DIFF_SRC, y}});
	case VEC_RELU:
		TRY(eltwise_new(&pd, dnnl_eltwise_relu, a, y));
		break;
	case VEC_SIGMOID:
		TRY(eltwise_new(&pd, dnnl_eltwise_logistic, a, y));
		break;
	case VEC_TANH:
		TRY(eltwise_new(&pd, dnnl_eltwise_tanh, a, y));
		break;
	case VEC_SOFTMAX:
		TRY(softmax_new(&pd, a, y));
		break;
	default:
		return dnnl_invalid_arguments;
	}
	return chain_step(c, pd, 2, (dnnl_exec_arg_t[]){{DNNL_ARG_SRC, a}, {DNNL_ARG_DST, y}});
}

int vec_new(chain **out, const vec_spec *s)
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
