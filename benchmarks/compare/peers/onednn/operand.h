#include "version.h"

// An operand in its plain layout and in that of the primitive, which may be the
// same memory.
typedef struct {
	float *data;
	int owned, output;
	dnnl_memory_t plain, inner;
	dnnl_primitive_t reorder;	// to inner, of an output to plain; NULL if both are the same
} operand;

// operand_new makes an operand, on data or, if that is NULL, on memory of its
// own, which the primitive wants as inner. Layouts of Winograd's weights can be
// written, not read.
int operand_new(operand *, float *data, int output, dnnl_memory_desc_t plain, md_ref inner);
void operand_free(operand *);
int operand_load(operand *);	// of an input, from its plain layout
int operand_store(operand *);	// of an output, to its plain layout
