package net

import (
	"errors"
	"fmt"
	"slices"

	"github.com/simdconv/simdconv/conv"
	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/parallel"
)

// Options say how a model runs. The zero value is Keras's batch of 32 on the
// best tier with all threads.
type Options struct {
	Batch   int          // samples per step; 0 means 32
	Seed    uint64       // of initialisers, dropout and shuffling
	Tier    kernels.Tier // 0 means the machine's best
	Threads int          // 0 means GOMAXPROCS

	// LossWeights are what the losses of a model's outputs are multiplied with
	// before they are added; nil means 1 for each.
	LossWeights []float64

	Pool *parallel.Pool // nil means the one that all packages share
}

// A trainer is what Compile adds to a model.
type trainer struct {
	opt     Optimizer
	loss    Loss
	options Options
	e       *kernels.Engine

	heads []head    // what the loss looks at
	total int       // values of all heads in a sample
	part  []float32 // one head's values and gradients, where there are several
	slots [][][]float32
	arena []float32
	room  *conv.Room

	// What runs to train and evaluate, to predict the first output, and all of
	// them. With one output, core is main without a softmax that is fused with
	// the loss.
	core, main, everything []*Node
	trains, infers         programs // of core and main
	evals, alls            programs // inference of core and everything, with several outputs

	steps   int     // of training done
	epochs  uint64  // begun
	rate    float64 // of the steps to come, where it was set
	rateSet bool

	run    *run    // the last Fit's, or a checkpoint's
	resume bool    // the next Fit goes on with run
	states []state // of the callbacks that it had

	batches, tests [2]batch // gathered from a Dataset, for Fit and Evaluate: a callback may evaluate
	order, counted []int
	scored         []float32 // outputs for the loss
	evaluated      []headTally
}

// Compile makes the model ready to run: it plans every layer and all buffers
// for the batch size, gives parameters that were never set their first values
// and clears what the optimizer remembers. It may be called again, though not by
// Fit's callbacks; parameters keep their values then.
//
// Without an optimizer (nil) the model can be evaluated and predict; without a
// loss too it can only predict.
func (m *Model) Compile(opt Optimizer, loss Loss, o Options) error {
	if m.running() {
		return errRunning
	}
	t := trainer{opt: opt, loss: loss, core: m.nodes, main: m.nodes, room: new(conv.Room)}
	if o.Batch < 0 {
		return fmt.Errorf("net: Batch = %d, want at least 1, or 0 for 32", o.Batch)
	}
	if o.Batch == 0 {
		o.Batch = 32
	}
	t.options = o
	var err error
	if t.e, err = kernels.New(kernels.Options{Tier: o.Tier, Threads: o.Threads, Pool: o.Pool}); err != nil {
		return err
	}
	if opt != nil && loss == nil {
		return errors.New("net: an optimizer without a loss, want both")
	}
	if len(m.outputs) > 1 {
		t.main, t.everything = subgraph(m.nodes, m.outputs[:1]), subgraph(m.nodes, m.outputs)
	}
	if loss != nil {
		if t.heads, err = m.attach(loss, o.LossWeights); err != nil {
			return err
		}
		t.layHeads(m)
		t.evaluated = make([]headTally, len(t.heads))
	}
	if opt != nil {
		if err := opt.Check(); err != nil {
			return err
		}
		if m.frozen() {
			return errAllFrozen
		}
		for _, p := range m.params {
			if !p.Trainable {
				p.Grad = nil
			} else if p.Grad == nil {
				p.Grad = kernels.AlignedFloats(len(p.Data))
			}
			t.slots = append(t.slots, newSlots(p, opt.Slots()))
		}
		if _, err := t.training(o.Batch); err != nil {
			return err
		}
	} else if _, err := t.inference(&t.infers, t.main, o.Batch); err != nil {
		return err
	}
	for _, p := range m.params {
		if p.Version() == 0 {
			p.initialize(o.Seed)
		}
	}
	m.trainer = t
	return nil
}

// layHeads makes core end in what the loss looks at.
func (t *trainer) layHeads(m *Model) {
	outs := make([]int, len(t.heads))
	for k, h := range t.heads {
		outs[k] = h.node
		t.total += h.out.Len()
	}
	if len(outs) == 1 {
		t.core = m.nodes[:outs[0]+1]
	} else {
		t.core = subgraph(m.nodes, outs)
	}
}

func newSlots(p *Param, n int) [][]float32 {
	if !p.Trainable {
		return nil
	}
	slots := make([][]float32, n)
	for i := range slots {
		slots[i] = kernels.AlignedFloats(len(p.Data))
	}
	return slots
}

// maxPrograms bounds the batch sizes that stay planned: the full one, and the
// last partial ones.
const maxPrograms = 4

// programs are the planned batch sizes of one kind, the last used at the end.
type programs []*program

// get returns the program for a batch, made by plan if it is not there. The
// oldest but the full one makes room.
func (ps *programs) get(batch, full int, plan func() (*program, error)) (*program, error) {
	for i, p := range *ps {
		if p.batch == batch {
			copy((*ps)[i:], (*ps)[i+1:])
			(*ps)[len(*ps)-1] = p
			return p, nil
		}
	}
	p, err := plan()
	if err != nil {
		return nil, err
	}
	if len(*ps) == maxPrograms {
		old := slices.IndexFunc(*ps, func(p *program) bool { return p.batch != full })
		*ps = slices.Delete(*ps, old, old+1)
	}
	*ps = append(*ps, p)
	return p, nil
}

func (t *trainer) training(batch int) (*program, error) {
	return t.trains.get(batch, t.options.Batch, func() (*program, error) { return t.plan(fuse(t.core, true), batch, true) })
}

func (t *trainer) inference(ps *programs, nodes []*Node, batch int) (*program, error) {
	return ps.get(batch, t.options.Batch, func() (*program, error) { return t.plan(fuse(nodes, false), batch, false) })
}

func (t *trainer) plan(nodes []*Node, batch int, train bool) (*program, error) {
	p, arena, err := newProgram(nodes, Context{Engine: t.e, Batch: batch, Seed: t.options.Seed, Room: t.room}, train, t.arena)
	if err == nil {
		t.arena = arena
	}
	return p, err
}
