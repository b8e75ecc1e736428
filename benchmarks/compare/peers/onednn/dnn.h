// OneDNN as the Go files call it. Functions that return an int return a
// dnnl_status_t, 0 for success.

int dnn_open(void);
const char *dnn_runtime(void);
const char *dnn_isa(void);
int dnn_limit_isa(int avx2);
int dnn_threads(int n);

// A convolution, on operands in plain layouts and in those that oneDNN asks for.
typedef struct {
	int pass;	// 0 forward, 1 backward data, 2 backward weights
	int winograd;	// the algorithm; else direct
	int any;	// activations in the layout that oneDNN likes best; else NHWC
	long n, h, w, c, k, r, s, stride_h, stride_w, dilation_h, dilation_w;
	long top, left, bottom, right;
} conv_spec;

typedef struct conv conv;

int conv_new(conv **, const conv_spec *);
void conv_free(conv *);

// The operands of a pass in plain layouts: x and y are NHWC, w is HWIO.
float *conv_x(conv *);
float *conv_w(conv *);
float *conv_y(conv *);

int conv_load(conv *);	// inputs from plain layouts
int conv_pack(conv *);	// the weights alone
int conv_run(conv *);
int conv_store(conv *);	// the result to its plain layout
const char *conv_kernel(conv *);

int dnn_sgemm(long m, long n, long k, const float *a, const float *b, float *c);

// A product of row-major matrices without gaps, as a primitive.
typedef struct matmul matmul;

int matmul_new(matmul **, long m, long n, long k, float *a, float *b, float *c);
void matmul_free(matmul *);
int matmul_run(matmul *);
const char *matmul_kernel(matmul *);

// Operations that memory bounds, on the caller's tensors, which are NHWC. Blocked
// is the block of channels of the layout that they are computed in, 0 for NHWC.
typedef struct {
	int average, backward, blocked;
	long n, h, w, c, r, s, stride_h, stride_w, top, left, bottom, right;
	float *x, *y, *dy, *dx;	// y forward, dy and dx backward
} pool_spec;

typedef struct {
	int pass;	// 0 training, 1 backward, 2 inference
	int blocked;
	int fused;	// 0 the normalisation alone, 1 residual and ReLU by primitives of their own, 2 within the normalisation
	float epsilon;
	long n, h, w, c;
	float *x, *gamma, *beta, *mean, *variance, *residual, *y;
	float *dy, *dx, *dgamma, *dbeta, *dresidual;
} batchnorm_spec;

enum { VEC_ADD, VEC_ADD_BIAS, VEC_RELU, VEC_RELU_BACKWARD, VEC_SIGMOID, VEC_TANH, VEC_SOFTMAX };

typedef struct {
	int op;
	long rows, cols;
	float *a, *b, *out;	// b is the second operand, if there is one; a bias is added to out
} vec_spec;

typedef struct chain chain;

int pool_new(chain **, const pool_spec *);
int batchnorm_new(chain **, const batchnorm_spec *);
int vec_new(chain **, const vec_spec *);
void chain_free(chain *);
int chain_load(chain *);	// inputs, and what runs once before the clock starts
int chain_run(chain *);
int chain_store(chain *);	// results to their plain layouts
const char *chain_kernel(chain *);
