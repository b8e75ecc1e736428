#include "operand.h"

// A chain is primitives one after the other on shared operands.
enum { most_operands = 12, most_steps = 4, most_args = 11 };

typedef struct {
	dnnl_primitive_desc_t pd;
	dnnl_primitive_t prim;
	dnnl_exec_arg_t args[most_args];
	int n;
} step;

struct chain {
	operand operands[most_operands];
	step steps[most_steps];
	dnnl_memory_t workspace;	// what forward leaves for backward, or NULL
	int operand_count, step_count;
	int first;	// of the steps that are timed; those before run once, after the inputs are there
	char kernel[256];
};

enum role { INPUT, OUTPUT, INTERNAL };

// chain_operand adds an operand in two layouts and returns what primitives are
// given as *m.
int chain_operand(chain *, dnnl_memory_t *m, float *data, enum role, int ndims, const dnnl_dims_t, dnnl_format_tag_t plain, dnnl_format_tag_t inner);

// chain_vector is chain_operand for n numbers.
int chain_vector(chain *, dnnl_memory_t *m, float *data, enum role, long n);

// chain_workspace makes the workspace that a forward pd asks for, if any.
int chain_workspace(chain *, dnnl_primitive_desc_t forward);

// chain_step adds a primitive, takes over its pd, and passes it the arguments
// whose memory is not NULL.
int chain_step(chain *, dnnl_primitive_desc_t, int n, const dnnl_exec_arg_t *);

md_ref memory_md(dnnl_memory_t);

// channels_tag is NHWC for a block of 0, else channels in blocks of 8 or 16.
dnnl_format_tag_t channels_tag(int block);

// Primitives that more than one chain has. The ReLU backward is given its result.
int eltwise_new(dnnl_primitive_desc_t *, dnnl_alg_kind_t, dnnl_memory_t x, dnnl_memory_t y);
int relu_backward_new(dnnl_primitive_desc_t *, dnnl_memory_t y, dnnl_memory_t dy, dnnl_memory_t dx);
int add_new(dnnl_primitive_desc_t *, int relu, dnnl_memory_t a, dnnl_memory_t b, dnnl_memory_t y);
