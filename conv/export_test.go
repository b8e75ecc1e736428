package conv

// BlockC is the length of a channel block of the reduction.
const BlockC = blockC

// Corpus and RandomShapes are the geometries that internal and external tests
// share.
var (
	Corpus       = corpus
	RandomShapes = randomShapes
)

// ReplaceBuffers gives a workspace and packed weights buffers from alloc, of
// the same lengths. Weights must be packed again.
func ReplaceBuffers(alloc func(n int) []float32, ws *Workspace, packed ...*Packed) {
	ws.shared = alloc(len(ws.shared))
	for i := range ws.workers {
		ws.workers[i].scratch = alloc(len(ws.workers[i].scratch))
	}
	for _, d := range packed {
		d.data, d.filled = alloc(len(d.data)), false
	}
}

// ErrorBound is the bound by which a plan refuses the algorithm of a pass.
func ErrorBound(p *Plan, pass Pass) float64 {
	return p.chosen[pass.index()].method.estimate(p, pass).errorBound
}
