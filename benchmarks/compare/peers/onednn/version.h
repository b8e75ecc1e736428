// What the files of this folder share: the engine, and the differences of
// versions 2 and 3, which made descriptors of memory opaque and did away with
// those of operations.

#if !__has_include(<oneapi/dnnl/dnnl.h>)
#error "oneDNN's headers are missing: apt-get install libdnnl-dev, or point CGO_CFLAGS and CGO_LDFLAGS at another version"
#endif
#include <oneapi/dnnl/dnnl.h>

#if DNNL_VERSION_MAJOR >= 3
typedef const_dnnl_memory_desc_t md_ref;
#define MD(m) (m)
#define md_init dnnl_memory_desc_create_with_tag
#define md_done(m) dnnl_memory_desc_destroy(m)
#else
typedef const dnnl_memory_desc_t *md_ref;
#define MD(m) (&(m))
#define md_init dnnl_memory_desc_init_by_tag
#define md_done(m) ((void)0)
#endif

#define TRY(call) do { int status_ = (call); if (status_) return status_; } while (0)

extern dnnl_engine_t dnn_engine;

int dnn_execute(dnnl_primitive_t, int n, const dnnl_exec_arg_t *);
