package net

import "fmt"

// A head is one output of a model as the loss sees it.
type head struct {
	node   int // whose output goes into the loss: before a softmax that is fused with it
	out    Shape
	weight float32

	name  string
	sum   float64 // of the loss over the last batch, without the weight
	right int     // of the last batch
}

// attach returns the heads of m.
func (m *Model) attach(loss Loss, weights []float64) ([]head, error) {
	if weights != nil && len(weights) != len(m.outputs) {
		return nil, fmt.Errorf("net: %d LossWeights for %d outputs, want one for each, or none", len(weights), len(m.outputs))
	}
	heads := make([]head, len(m.outputs))
	for k, v := range m.outputs {
		n := m.nodes[v]
		fused, err := loss.Attach(n.Out, n.softmax())
		if err != nil && len(m.outputs) > 1 {
			return nil, fmt.Errorf("%w (output %d, %s)", err, k, n.Name)
		}
		if err != nil {
			return nil, err
		}
		if fused {
			v = n.in[0]
		}
		heads[k] = head{node: v, out: m.nodes[v].Out, weight: 1, name: m.layerOf(m.outputs[k])}
		if weights != nil {
			if err := checkRange("LossWeights", fmt.Sprintf("weight %d", k), weights[k], 0, 1e30); err != nil {
				return nil, err
			}
			heads[k].weight = float32(weights[k])
		}
	}
	return heads, nil
}

// layerOf returns the name of the layer whose output is that of a node.
func (m *Model) layerOf(node int) string {
	for _, r := range m.rows {
		if r.out.node == node {
			return r.name
		}
	}
	return m.nodes[node].Name
}

// subgraph returns the nodes that lead to the given ones. The last node is the
// one given or, if there are several, one that puts them side by side: its
// output has the values of each, one after another.
func subgraph(nodes []*Node, outs []int) []*Node {
	needed := make([]bool, len(nodes))
	for _, v := range outs {
		needed[v] = true
	}
	for i := len(nodes) - 1; i >= 0; i-- {
		for _, v := range nodes[i].in {
			needed[v] = needed[v] || needed[i]
		}
	}
	at := make([]int, len(nodes))
	var kept []*Node
	add := func(n Node) int {
		kept = append(kept, &n)
		return len(kept) - 1
	}
	for i, n := range nodes {
		if !needed[i] {
			continue
		}
		c := *n
		c.in = make([]int, len(n.in))
		for k, v := range n.in {
			c.in[k] = at[v]
		}
		at[i] = add(c)
	}
	if len(outs) == 1 {
		return kept
	}
	joint := Node{Name: "outputs"}
	var sizes concatOp
	total := 0
	for _, v := range outs {
		size := nodes[v].Out.Len()
		flat := add(Node{Name: nodes[v].Name + "/flat", Out: Shape{size}, View: true, in: []int{at[v]}})
		joint.in, sizes = append(joint.in, flat), append(sizes, size)
		total += size
	}
	joint.Op, joint.Out = sizes, Shape{total}
	add(joint)
	return kept
}

// column copies columns at to at+len of the rows of y to dst, which has rows
// of cols, or the other way.
func column(dst, y []float32, at, cols, all int, back bool) {
	for ; len(dst) > 0; dst, y = dst[cols:], y[min(all, len(y)):] {
		if back {
			copy(y[at:at+cols], dst[:cols])
		} else {
			copy(dst[:cols], y[at:at+cols])
		}
	}
}

// score returns the sum of the weighted losses over the samples and how many
// of them the first output has right, and writes the gradient to dy unless it
// is nil. y has the samples one after another, in each the heads.
func (t *trainer) score(dy, y []float32, labels []uint8) (sum float64, correct int) {
	if h := &t.heads[0]; len(t.heads) == 1 && h.weight == 1 {
		h.sum, h.right = t.loss.Eval(t.e, dy, y, labels, h.out)
		return h.sum, h.right
	}
	n, at := len(labels), 0
	if len(t.part) < 2*n*t.total {
		t.part = make([]float32, 2*t.options.Batch*t.total)
	}
	for k := range t.heads {
		h := &t.heads[k]
		cols := h.out.Len()
		part, d := t.part[:n*cols], []float32(nil)
		if dy != nil {
			d = t.part[n*t.total:][:n*cols]
		}
		column(part, y, at, cols, t.total, false)
		h.sum, h.right = t.loss.Eval(t.e, d, part, labels, h.out)
		sum += float64(h.weight) * h.sum
		for i := range d {
			d[i] *= h.weight
		}
		column(d, dy, at, cols, t.total, true)
		at += cols
	}
	return sum, t.heads[0].right
}

// A tally adds up what score says of batch after batch.
type tally struct {
	samples int
	sum     float64 // of the losses of the samples
	right   int
	heads   []headTally
}

type headTally struct {
	sum   float64
	right int
}

func (t *trainer) newTally() tally { return tally{heads: make([]headTally, len(t.heads))} }

func (a *tally) add(t *trainer, samples int, sum float64, right int) {
	a.samples += samples
	a.sum += sum
	a.right += right
	for k := range a.heads {
		a.heads[k].sum += t.heads[k].sum
		a.heads[k].right += t.heads[k].right
	}
}

func (a *tally) loss() float64     { return a.sum / float64(a.samples) }
func (a *tally) accuracy() float64 { return float64(a.right) / float64(a.samples) }

// means returns loss and accuracy of a head.
func (a *tally) means(k int) (loss, accuracy float64) {
	h, n := a.heads[k], float64(a.samples)
	return h.sum / n, float64(h.right) / n
}

// outputMetrics returns room for the metrics of the outputs, nil for one output.
func (t *trainer) outputMetrics() []OutputMetrics {
	if len(t.heads) < 2 {
		return nil
	}
	o := make([]OutputMetrics, len(t.heads))
	for k, h := range t.heads {
		o[k].Name = h.name
	}
	return o
}

// EvaluateOutputs returns loss and accuracy of each output of the model for
// the samples of d. The losses are without their weights, and the fields for
// validation zero. See Evaluate for the sum.
func (m *Model) EvaluateOutputs(d *Dataset) ([]OutputMetrics, error) {
	a, err := m.evaluate(d)
	if err != nil {
		return nil, err
	}
	o := make([]OutputMetrics, len(m.heads))
	for k, h := range m.heads {
		o[k].Name = h.name
		o[k].Loss, o[k].Accuracy = a.means(k)
	}
	return o, nil
}

// PredictOutputs writes every output of the model for the samples x, dst[i]
// having that of number i. It allocates room for a batch of them. Predict
// writes the first one alone, and computes no more than that needs.
func (m *Model) PredictOutputs(dst [][]float32, x []float32) error {
	if m.e == nil {
		return errNotCompiled
	}
	if len(dst) != len(m.outputs) {
		return fmt.Errorf("net: dst has %d slices, want %d, one for each output", len(dst), len(m.outputs))
	}
	if len(dst) == 1 {
		return m.Predict(dst[0], x)
	}
	in := m.nodes[0].Out
	for k := range dst {
		if err := checkPredict(dst[k], x, in, m.nodes[m.outputs[k]].Out); err != nil {
			return fmt.Errorf("%w (output %d)", err, k)
		}
		for l := range k {
			if overlap(dst[k], dst[l]) {
				return fmt.Errorf("net: outputs %d and %d overlap", l, k)
			}
		}
	}
	total := 0
	for _, v := range m.outputs {
		total += m.nodes[v].Out.Len()
	}
	y := make([]float32, m.options.Batch*total)
	n := len(x) / in.Len()
	for lo := 0; lo < n; lo += m.options.Batch {
		hi := min(lo+m.options.Batch, n)
		y := y[:(hi-lo)*total]
		if err := m.infer(&m.alls, m.everything, y, x[lo*in.Len():hi*in.Len()], hi-lo, 0); err != nil {
			return err
		}
		at := 0
		for k, v := range m.outputs {
			cols := m.nodes[v].Out.Len()
			column(dst[k][lo*cols:hi*cols], y, at, cols, total, false)
			at += cols
		}
	}
	return nil
}
