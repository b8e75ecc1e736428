package net

import (
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"

	"github.com/simdconv/simdconv/net/safetensors"
)

// maxStates bounds the callbacks of a checkpoint.
const maxStates = 64

// LoadCheckpoint reads what SaveCheckpoint wrote. The model must have been
// compiled with the same kind of optimizer and the same seed; its parameters
// must have the names, shapes and Trainable that they had. The next Fit goes
// on where the checkpoint was made.
//
// The model changes only once everything was read and checked.
func (m *Model) LoadCheckpoint(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("net: %w", err)
	}
	defer f.Close()
	if err := m.ReadCheckpoint(f); err != nil {
		return fmt.Errorf("%w (%s)", err, path)
	}
	return nil
}

// ReadCheckpoint reads what LoadCheckpoint does from a stream, which ends with
// the file.
func (m *Model) ReadCheckpoint(r io.Reader) error {
	if m.opt == nil {
		return errNoCheckpoint
	}
	if m.running() {
		return errRunning
	}
	// No more data is read than the model asks for: fit sees to that.
	f, err := safetensors.NewReader(r, safetensors.Options{MaxHeader: maxWeightsHeader, MaxBytes: math.MaxInt64})
	if err != nil {
		return fmt.Errorf("net: %w", err)
	}
	c, err := m.parseCheckpoint(f.Metadata())
	if err != nil {
		return fmt.Errorf("net: checkpoint: %w", err)
	}
	wanted := m.wanted(c, f.Tensors())
	if err := (&Model{params: wanted}).fit(describe(f.Tensors(), nil)); err != nil {
		return err
	}
	values, err := readValues(f, nil)
	if err != nil {
		return err
	}
	var tensors []safetensors.Tensor
	for _, w := range wanted {
		tensors = append(tensors, safetensors.Tensor{Name: w.Name, Shape: w.Shape, Data: values[w.Name]})
	}
	if got, want := checksum(f.Metadata(), tensors), f.Metadata()[sumKey]; got != want {
		return fmt.Errorf("net: checkpoint: its checksum is %s, it was written with %.100q: the file is damaged", got, want)
	}
	for i, p := range m.params {
		copy(p.Data, values[p.Name])
		p.Changed()
		for k, s := range m.slots[i] {
			copy(s, values[slotName(k, p)])
		}
		for k := range c.states {
			if w := values[callbackName(k, p)]; w != nil {
				if c.states[k].Weights == nil {
					c.states[k].Weights = map[string][]float32{}
				}
				c.states[k].Weights[p.Name] = w
			}
		}
	}
	m.steps, m.epochs, m.rate, m.rateSet = c.steps, uint64(c.epochs), c.rate, c.rateSet
	m.run, m.resume, m.states = c.run, c.run != nil, c.states
	return nil
}

// wanted returns what a checkpoint has to hold, as parameters without data. A
// callback has weights for all parameters or for none.
func (m *Model) wanted(c *checkpoint, tensors []safetensors.Info) []*Param {
	var w []*Param
	add := func(name string, p *Param) { w = append(w, &Param{Name: name, Shape: p.Shape}) }
	for i, p := range m.params {
		add(p.Name, p)
		for k := range m.slots[i] {
			add(slotName(k, p), p)
		}
	}
	has := make([]bool, len(c.states))
	for _, t := range tensors {
		for k := range has {
			has[k] = has[k] || strings.HasPrefix(t.Name, fmt.Sprintf("callback/%d/", k))
		}
	}
	for k := range has {
		for _, p := range m.params {
			if has[k] {
				add(callbackName(k, p), p)
			}
		}
	}
	return w
}

// A checkpoint is the metadata of one.
type checkpoint struct {
	steps, epochs int
	rate          float64
	rateSet       bool
	run           *run // nil without a Fit
	states        []state
}

func (m *Model) parseCheckpoint(meta map[string]string) (*checkpoint, error) {
	if f := meta["format"]; f != checkpointFormat {
		return nil, fmt.Errorf("the format is %.100q, want %q", f, checkpointFormat)
	}
	if o := fmt.Sprintf("%T", m.opt); meta["optimizer"] != o {
		return nil, fmt.Errorf("it was made with the optimizer %.100q, the model has %q", meta["optimizer"], o)
	}
	if s := strconv.FormatUint(m.options.Seed, 10); meta["seed"] != s {
		return nil, fmt.Errorf("it was made with seed %.100q, the model was compiled with %q", meta["seed"], s)
	}
	n := parseNumbers(meta["model"])
	c := &checkpoint{steps: n.count("steps"), epochs: n.count("epochs")}
	if _, ok := n.numbers["rate"]; ok {
		c.rate, c.rateSet = n.number("rate"), true
		if err := checkRange("learning rate", "rate", c.rate, 0, math.MaxFloat32); err != nil {
			return nil, err
		}
	}
	if n.err != nil {
		return nil, fmt.Errorf("counters: %w", n.err)
	}
	text, ok := meta["run"]
	if !ok {
		return c, nil
	}
	n = parseNumbers(text)
	c.run = &run{m: m, active: true, at: n.progress(&m.trainer), tally: n.tally(&m.trainer), open: n.truth("open"), stopped: n.truth("stopped")}
	step := n.count("step")
	if n.err != nil {
		return nil, fmt.Errorf("run: %w", n.err)
	}
	if err := c.run.parseHistory(meta["history"]); err != nil {
		return nil, err
	}
	if c.run.open && step != m.options.Batch {
		return nil, fmt.Errorf("it was made within an epoch of batches of %d, the model was compiled for %d", step, m.options.Batch)
	}
	if c.run.open && c.run.at.Epoch != len(c.run.history)+1 || c.run.open && c.epochs == 0 {
		return nil, fmt.Errorf("it was made in epoch %d, but has a history of %d", c.run.at.Epoch, len(c.run.history))
	}
	for k := range maxStates {
		text, ok := meta[fmt.Sprintf("callback/%d", k)]
		if !ok {
			break
		}
		kind, rest, _ := strings.Cut(text, " ")
		n := parseNumbers(rest)
		if n.err != nil {
			return nil, fmt.Errorf("callback %d: %w", k, n.err)
		}
		c.states = append(c.states, state{kind, State{Numbers: n.numbers}})
	}
	return c, nil
}

func (f *run) parseHistory(text string) error {
	if text == "" {
		return nil
	}
	for i, line := range strings.Split(text, "\n") {
		n := parseNumbers(line)
		p := n.progress(&f.m.trainer)
		if n.err != nil {
			return fmt.Errorf("history of epoch %d: %w", i+1, n.err)
		}
		f.history = append(f.history, p)
	}
	return nil
}

// fits reports a run that cannot go on with n samples in batches of that size.
func (f *run) fits(n, batch int) error {
	if !f.open {
		return nil
	}
	p := f.at
	if p.Batches != (n+batch-1)/batch || p.Batch > p.Batches || p.Samples != min(p.Batch*batch, n) {
		return fmt.Errorf("net: the checkpoint was made after batch %d of %d and %d samples, which %d samples in batches of %d do not have",
			p.Batch, p.Batches, p.Samples, n, batch)
	}
	return nil
}

// A reader takes numbers by name; the first one that is missing or bad is its
// error.
type reader struct {
	numbers map[string]float64
	err     error
}

// parseNumbers reads what formatNumbers wrote.
func parseNumbers(text string) *reader {
	r := &reader{numbers: map[string]float64{}}
	for _, field := range strings.Fields(text) {
		name, value, _ := strings.Cut(field, "=")
		v, err := strconv.ParseFloat(value, 64)
		if err != nil {
			r.err = fmt.Errorf("%.100q, want NAME=NUMBER", field)
			return r
		}
		r.numbers[name] = v
	}
	return r
}

func (r *reader) number(name string) float64 {
	v, ok := r.numbers[name]
	if !ok && r.err == nil {
		r.err = fmt.Errorf("no %s", name)
	}
	return v
}

// count takes a whole number from 0 that float64 holds exactly.
func (r *reader) count(name string) int {
	const most = int64(1) << 53
	v := r.number(name)
	if !(v >= 0 && v <= float64(most) && v == math.Trunc(v) && v <= math.MaxInt) {
		if r.err == nil {
			r.err = fmt.Errorf("%s is %v, want a whole number from 0 to %d", name, v, most)
		}
		return 0
	}
	return int(v)
}

func (r *reader) truth(name string) bool {
	v := r.count(name)
	if v > 1 && r.err == nil {
		r.err = fmt.Errorf("%s is %d, want 0 or 1", name, v)
	}
	return v == 1
}

func (r *reader) progress(t *trainer) Progress {
	p := Progress{
		Epoch: r.count("epoch"), Epochs: r.count("epochs"), Batch: r.count("batch"), Batches: r.count("batches"),
		Samples: r.count("samples"), Loss: r.number("loss"), Accuracy: r.number("accuracy"), LearningRate: r.number("rate"),
		Validated: r.truth("validated"), ValidationLoss: r.number("val_loss"), ValidationAccuracy: r.number("val_accuracy"),
		Outputs: t.outputMetrics(),
	}
	for k := range p.Outputs {
		o := &p.Outputs[k]
		o.Loss, o.Accuracy = r.number(outputKey(k, "loss")), r.number(outputKey(k, "accuracy"))
		o.ValidationLoss, o.ValidationAccuracy = r.number(outputKey(k, "val_loss")), r.number(outputKey(k, "val_accuracy"))
	}
	return p
}

func (r *reader) tally(t *trainer) tally {
	a := t.newTally()
	a.samples, a.sum, a.right = r.count("samples"), r.number("sum"), r.count("right")
	for k := range a.heads {
		if len(a.heads) == 1 {
			a.heads[k] = headTally{a.sum, a.right}
			break
		}
		a.heads[k] = headTally{r.number(outputKey(k, "sum")), r.count(outputKey(k, "right"))}
	}
	return a
}

// setStates hands the states of a checkpoint to the callbacks they are of.
func setStates(states []state, owners []StatefulCallback) error {
	for i, s := range states {
		if err := owners[i].SetState(s.State); err != nil {
			return fmt.Errorf("net: the checkpoint's callback %d: %w", i, err)
		}
	}
	return nil
}
