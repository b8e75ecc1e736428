//go:build onednn

#include <stdlib.h>
#include "dnn.h"
#include "chain.h"

static int forward(dnnl_primitive_desc_t *pd, const pool_spec *s, dnnl_memory_t x, dnnl_memory_t y)
{
	const dnnl_dims_t stride = {s->stride_h, s->stride_w}, window = {s->r, s->s};
	const dnnl_dims_t before = {s->top, s->left}, after = {s->bottom, s->right};
	dnnl_alg_kind_t alg = s->average ? dnnl_pooling_avg_exclude_padding : dnnl_pooling_max;
#if DNNL_VERSION_MAJOR >= 3
	const dnnl_dims_t dilation = {0, 0};
	return dnnl_pooling_forward_primitive_desc_create(pd, dnn_engine, dnnl_forward_training, alg, memory_md(x), memory_md(y), stride, window, dilation, before, after, NULL);
#else
	dnnl_pooling_desc_t d;
	TRY(dnnl_pooling_forward_desc_init(&d, dnnl_forward_training, alg, memory_md(x), memory_md(y), stride, window, before, after));
	return dnnl_primitive_desc_create(pd, &d, NULL, dnn_engine, NULL);
#endif
}

static int backward(dnnl_primitive_desc_t *pd, const pool_spec *s, dnnl_memory_t dx, dnnl_memory_t dy, dnnl_primitive_desc_t hint)
{
	const dnnl_dims_t stride = {s->stride_h, s->stride_w}, window = {s->r, s->s};
	const dnnl_dims_t before = {s->top, s->left}, after = {s->bottom, s->right};
	dnnl_alg_kind_t alg = s->average ? dnnl_pooling_avg_exclude_padding : dnnl_pooling_max;
#if DNNL_VERSION_MAJOR >= 3
	const dnnl_dims_t dilation = {0, 0};
	return dnnl_pooling_backward_primitive_desc_create(pd, dnn_engine, alg, memory_md(dx), memory_md(dy), stride, window, dilation, before, after, hint, NULL);
#else
	dnnl_pooling_desc_t d;
	TRY(dnnl_pooling_backward_desc_init(&d, alg, memory_md(dx), memory_md(dy), stride, window, before, after));
	return dnnl_primitive_desc_create(pd, &d, NULL, dnn_engine, hint);
#endif
}

static int build(chain *c, const pool_spec *s)
{
	long oh = (s->h + s->top + s->bottom - s->r) / s->stride_h + 1, ow = (s->w + s->left + s->right - s->s) / s->stride_w + 1;
	const dnnl_dims_t in = {s->n, s->c, s->h, s->w}, out = {s->n, s->c, oh, ow};
	dnnl_format_tag_t inner = channels_tag(s->blocked);
	dnnl_memory_t x, y, dx, dy;
	dnnl_primitive_desc_t pd, back;
	TRY(chain_operand(c, &x, s->x, INPUT, 4, in, dnnl_nhwc, inner));
	TRY(chain_operand(c, &y, s->y, s->backward ? INTERNAL : OUTPUT, 4, out, dnnl_nhwc, inner));
	TRY(forward(&pd, s, x, y));
	int status = chain_workspace(c, pd);
	if (status) {
		dnnl_primitive_desc_destroy(pd);
		return status;
	}
	TRY(chain_step(c, pd, 3, (dnnl_exec_arg_t[]){{DNNL_ARG_SRC, x}, {DNNL_ARG_DST, y}, {DNNL_ARG_WORKSPACE, c->workspace}}));
	if (!s->backward)
		return 0;
	c->first = 1;
	TRY(chain_operand(c, &dy, s->dy, INPUT, 4, out, dnnl_nhwc, inner));
	TRY(chain_operand(c, &dx, s->dx, OUTPUT, 4, in, dnnl_nhwc, inner));
	TRY(backward(&back, s, dx, dy, pd));
	return chain_step(c, back, 3, (dnnl_exec_arg_t[]){{DNNL_ARG_DIFF_DST, dy}, {DNNL_ARG_DIFF_SRC, dx}, {DNNL_ARG_WORKSPACE, c->workspace}});
}

int pool_new(chain **out, const pool_spec *s)
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
