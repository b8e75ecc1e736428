package net

// A layout says which buffer holds each value of a program and its gradient,
// and when each buffer is in use. Time counts nodes forward from 0; the loss
// comes at time len(nodes), and node i goes backward at 2*len(nodes) - i.
type layout struct {
	nodes []*Node
	train bool

	active    []bool // a trainable parameter is at or before the node: its gradient is needed
	value     []int  // buffer of each node's output
	grad      []int  // buffer of its gradient, where active
	readers   []int  // places that contribute to its gradient
	values    []*span
	grads     []*span
	repeats   map[int]*span // buffers of values that are written once more for the backward pass
	input     int           // buffer that is the caller's input
	copyInput bool          // the output is the input's own buffer and has to be copied
}

func newLayout(nodes []*Node, train bool) *layout {
	l := &layout{nodes: nodes, train: train, active: make([]bool, len(nodes)), readers: make([]int, len(nodes))}
	for i, n := range nodes {
		for _, p := range n.Params {
			l.active[i] = l.active[i] || p.Trainable && train
		}
		for _, v := range n.in {
			l.active[i] = l.active[i] || l.active[v]
		}
		if l.active[i] {
			for _, v := range n.in {
				l.readers[v]++
			}
		}
	}
	l.readers[len(nodes)-1]++
	l.layValues()
	if train {
		l.layGrads()
	}
	return l
}

func (l *layout) back(i int) int { return 2*len(l.nodes) - i }

// lastUse returns the last time that each value is read. Those that are written
// once more for the backward pass, to buffers in repeats, are given up before it.
func (l *layout) lastUse() []int {
	use := make([]int, len(l.nodes))
	l.repeats = map[int]*span{}
	for i, n := range l.nodes {
		use[i] = i
		for _, v := range n.in {
			use[v] = max(use[v], i)
		}
	}
	use[len(use)-1] = len(l.nodes)
	for i, n := range l.nodes {
		if !l.active[i] || n.View {
			continue
		}
		if n.BackwardY {
			use[i] = max(use[i], l.back(i))
		}
		if n.BackwardX {
			for _, v := range n.in {
				if l.repeated(v) {
					l.repeat(v, l.back(i))
				} else {
					use[v] = max(use[v], l.back(i))
				}
			}
		}
	}
	return use
}

// repeated reports whether value v is written once more for the nodes that read it
// going backward. What it is made of must be there.
func (l *layout) repeated(v int) bool {
	n := l.nodes[v]
	for _, x := range n.in {
		if l.nodes[x].Repeats {
			return false
		}
	}
	return n.Repeats && !n.BackwardY && l.active[v] && v < len(l.nodes)-1
}

// repeat extends the time of value v's buffer for the backward pass.
func (l *layout) repeat(v, time int) {
	s := l.repeats[v]
	if s == nil {
		s = &span{size: l.nodes[v].Out.Len(), from: time, to: time}
		l.repeats[v] = s
	}
	s.from, s.to = min(s.from, time), max(s.to, time)
}

// layValues gives every value a buffer. A view shares its input's; a node that
// can work in place does where nothing reads its input any more.
func (l *layout) layValues() {
	use := l.lastUse()
	l.value = make([]int, len(l.nodes))
	for i, n := range l.nodes {
		l.value[i] = len(l.values)
		if len(n.in) > 0 {
			x := l.value[n.in[0]]
			if n.view(l.train) || n.InPlace && x != l.input && l.values[x].to <= i {
				l.value[i] = x
				l.values[x].to = max(l.values[x].to, use[i])
				continue
			}
		}
		l.values = append(l.values, &span{size: n.Out.Len(), from: i, to: use[i]})
	}
	l.copyInput = l.value[len(l.nodes)-1] == l.input
}

// layGrads gives every gradient that is needed a buffer, by the same two rules
// read backwards.
func (l *layout) layGrads() {
	l.grad = make([]int, len(l.nodes))
	for i, n := range l.nodes {
		if !l.active[i] {
			continue
		}
		l.grad[i] = len(l.grads)
		if len(n.in) > 0 && l.active[n.in[0]] {
			if x := n.in[0]; n.view(true) || n.InPlace && l.alone(x) {
				l.grad[i] = l.grad[x]
				continue
			}
		}
		l.grads = append(l.grads, &span{size: n.Out.Len(), from: l.back(i), to: l.back(i)})
	}
	for i, n := range l.nodes {
		for _, v := range n.in {
			if l.active[i] && l.active[v] {
				g := l.grads[l.grad[v]]
				g.from = min(g.from, l.back(i))
			}
		}
	}
	l.grads[l.grad[len(l.nodes)-1]].from = len(l.nodes)
}

// alone reports whether one place only contributes to the gradient buffer of
// value x, through whatever views it is reached.
func (l *layout) alone(x int) bool {
	for l.readers[x] == 1 {
		if !l.nodes[x].view(true) {
			return true
		}
		x = l.nodes[x].in[0]
	}
	return false
}
