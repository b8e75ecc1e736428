//go:build onednn

#include <stdlib.h>
#include "dnn.h"
#include "operand.h"

struct conv {
	operand x, w, y;
	operand *inputs[2], *output;
	dnnl_primitive_desc_t pd;
	dnnl_primitive_t prim;
	dnnl_exec_arg_t args[3];
};

static int describe(conv *c, const conv_spec *s, dnnl_memory_desc_t x, dnnl_memory_desc_t w, dnnl_memory_desc_t y)
{
	const dnnl_dims_t stride = {s->stride_h, s->stride_w}, dilation = {s->dilation_h - 1, s->dilation_w - 1};
	const dnnl_dims_t before = {s->top, s->left}, after = {s->bottom, s->right};
	dnnl_alg_kind_t alg = s->winograd ? dnnl_convolution_winograd : dnnl_convolution_direct;
	dnnl_prop_kind_t kind = s->pass ? dnnl_forward_training : dnnl_forward_inference;
	dnnl_primitive_desc_t hint = NULL;
	int status;
#if DNNL_VERSION_MAJOR >= 3
	status = dnnl_convolution_forward_primitive_desc_create(&hint, dnn_engine, kind, alg, x, w, NULL, y, stride, dilation, before, after, NULL);
	if (status || !s->pass) {
		c->pd = hint;
		return status;
	}
	if (s->pass == 1)
		status = dnnl_convolution_backward_data_primitive_desc_create(&c->pd, dnn_engine, alg, x, w, y, stride, dilation, before, after, hint, NULL);
	else
		status = dnnl_convolution_backward_weights_primitive_desc_create(&c->pd, dnn_engine, alg, x, w, NULL, y, stride, dilation, before, after, hint, NULL);
#else
	dnnl_convolution_desc_t d;
	TRY(dnnl_dilated_convolution_forward_desc_init(&d, kind, alg, &x, &w, NULL, &y, stride, dilation, before, after));
	// Backward needs the forward descriptor as a hint alone: if Winograd has none, direct's will do.
	status = dnnl_primitive_desc_create(&hint, &d, NULL, dnn_engine, NULL);
	if (status && s->pass && s->winograd) {
		TRY(dnnl_dilated_convolution_forward_desc_init(&d, kind, dnnl_convolution_direct, &x, &w, NULL, &y, stride, dilation, before, after));
		status = dnnl_primitive_desc_create(&hint, &d, NULL, dnn_engine, NULL);
	}
	if (status || !s->pass) {
		c->pd = hint;
		return status;
	}
	if (s->pass == 1)
		status = dnnl_dilated_convolution_backward_data_desc_init(&d, alg, &x, &w, &y, stride, dilation, before, after);
	else
		status = dnnl_dilated_convolution_backward_weights_desc_init(&d, alg, &x, &w, NULL, &y, stride, dilation, before, after);
	if (!status)
		status = dnnl_primitive_desc_create(&c->pd, &d, NULL, dnn_engine, hint);
#endif
	dnnl_primitive_desc_destroy(hint);
	return status;
}

// The arguments of a pass and what its primitive asks for.
static const struct {
	int x, w, y;
	dnnl_query_t qx, qw, qy;
} passes[] = {
	{DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST, dnnl_query_src_md, dnnl_query_weights_md, dnnl_query_dst_md},
	{DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_DST, dnnl_query_diff_src_md, dnnl_query_weights_md, dnnl_query_diff_dst_md},
	{DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_DST, dnnl_query_src_md, dnnl_query_diff_weights_md, dnnl_query_diff_dst_md},
};

static int build(conv *c, const conv_spec *s)
{
	long oh = (s->h + s->top + s->bottom - (s->r - 1) * s->dilation_h - 1) / s->stride_h + 1;
	long ow = (s->w + s->left + s->right - (s->s - 1) * s->dilation_w - 1) / s->stride_w + 1;
	const dnnl_dims_t dx = {s->n, s->c, s->h, s->w}, dw = {s->k, s->c, s->r, s->s}, dy = {s->n, s->k, oh, ow};
	dnnl_format_tag_t tag = s->any ? dnnl_format_tag_any : dnnl_nhwc;
	dnnl_memory_desc_t x, w, y, px, pw, py;
	TRY(md_init(&x, 4, dx, dnnl_f32, tag));
	TRY(md_init(&w, 4, dw, dnnl_f32, dnnl_format_tag_any));
	TRY(md_init(&y, 4, dy, dnnl_f32, tag));
	TRY(md_init(&px, 4, dx, dnnl_f32, dnnl_nhwc));
	TRY(md_init(&pw, 4, dw, dnnl_f32, dnnl_hwio));
	TRY(md_init(&py, 4, dy, dnnl_f32, dnnl_nhwc));
	int status = describe(c, s, x, w, y);
	if (!status)
		status = operand_new(&c->x, NULL, s->pass == 1, px, dnnl_primitive_desc_query_md(c->pd, passes[s->pass].qx, 0));
	if (!status)
		status = operand_new(&c->w, NULL, s->pass == 2, pw, dnnl_primitive_desc_query_md(c->pd, passes[s->pass].qw, 0));
	if (!status)
		status = operand_new(&c->y, NULL, s->pass == 0, py, dnnl_primitive_desc_query_md(c->pd, passes[s->pass].qy, 0));
	md_done(x);
	md_done(w);
	md_done(y);
	md_done(px);
	md_done(pw);
	md_done(py);
	TRY(status);
	TRY(dnnl_primitive_create(&c->prim, c->pd));
	operand *all[] = {&c->x, &c->w, &c->y};
	static const int output[] = {2, 0, 1};
	int inputs = 0;
	c->output = all[output[s->pass]];
	for (int i = 0; i < 3; i++)
		if (all[i] != c->output)
			c->inputs[inputs++] = all[i];
	c->args[0] = (dnnl_exec_arg_t){passes[s->pass].x, c->x.inner};
	c->args[1] = (dnnl_exec_arg_t){passes[s->pass].w, c->w.inner};
	c->args[2] = (dnnl_exec_arg_t){passes[s->pass].y, c->y.inner};
	return 0;
}

int conv_new(conv **out, const conv_spec *s)
{
	conv *c = calloc(1, sizeof *c);
	if (!c)
		return dnnl_out_of_memory;
	int status = build(c, s);
	if (status)
		conv_free(c);
	else
		*out = c;
	return status;
}

void conv_free(conv *c)
{
	if (c->prim)
		dnnl_primitive_destroy(c->prim);
	if (c->pd)
		dnnl_primitive_desc_destroy(c->pd);
	operand_free(&c->x);
	operand_free(&c->w);
	operand_free(&c->y);
	free(c);
}

float *conv_x(conv *c) { return c->x.data; }
float *conv_w(conv *c) { return c->w.data; }
float *conv_y(conv *c) { return c->y.data; }

int conv_load(conv *c)
{
	for (int i = 0; i < 2; i++)
		TRY(operand_load(c->inputs[i]));
	return 0;
}

int conv_pack(conv *c) { return operand_load(&c->w); }
int conv_run(conv *c) { return dnn_execute(c->prim, 3, c->args); }
int conv_store(conv *c) { return operand_store(c->output); }

const char *conv_kernel(conv *c)
{
	const char *name = "";
	dnnl_primitive_desc_query(c->pd, dnnl_query_impl_info_str, 0, &name);
	return name;
}
