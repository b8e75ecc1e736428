package net

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/simdconv/simdconv/net/safetensors"
)

const checkpointFormat = "simdconv checkpoint 2"

var errNoCheckpoint = errors.New("net: a checkpoint is of a model that can train: call Compile with an optimizer and a loss first")

// A state is the State of one callback and its type.
type state struct {
	kind string
	State
}

// check reports what a checkpoint could not give back.
func (s state) check() error {
	if strings.ContainsRune(s.kind, ' ') {
		return fmt.Errorf("net: a callback of type %q, want one without spaces in a checkpoint", s.kind)
	}
	for name := range s.Numbers {
		if f := strings.Fields(name); len(f) != 1 || f[0] != name || strings.ContainsRune(name, '=') {
			return fmt.Errorf("net: the state of a %s has a number named %q, want a name of letters", s.kind, name)
		}
	}
	return nil
}

// SaveCheckpoint writes all that training goes on from to a file, bit for bit:
// the parameters, moving averages included, what the optimizer remembers, the
// numbers of steps and epochs, which with the seed say where every random
// stream is, the learning rate if it was set, and, during a Fit or after one
// that ended with an error, where in its epoch it is, its history and the
// states of its callbacks. The file is replaced as a whole, as SaveWeights
// does it.
//
// It is a safetensors file: parameters under their names, beside them
// optimizer/0/NAME and so on, callback/0/NAME where a callback keeps weights,
// and the numbers as metadata, a checksum of everything among them. LoadWeights
// does not take it.
func (m *Model) SaveCheckpoint(path string) error { return replaceFile(path, m.WriteCheckpoint) }

// WriteCheckpoint writes what SaveCheckpoint does to a stream.
func (m *Model) WriteCheckpoint(w io.Writer) error {
	if m.opt == nil {
		return errNoCheckpoint
	}
	f := safetensors.File{Metadata: map[string]string{
		"format":    checkpointFormat,
		"optimizer": fmt.Sprintf("%T", m.opt),
		"seed":      strconv.FormatUint(m.options.Seed, 10),
		"model":     formatNumbers(m.counters()),
	}}
	add := func(name string, shape Shape, data []float32) {
		f.Tensors = append(f.Tensors, safetensors.Tensor{Name: name, Shape: shape, Data: data})
	}
	for i, p := range m.params {
		add(p.Name, p.Shape, p.Data)
		for k, s := range m.slots[i] {
			add(slotName(k, p), p.Shape, s)
		}
	}
	if m.run != nil && m.run.active {
		f.Metadata["run"] = formatNumbers(m.run.numbers(m.options.Batch))
		var lines []string
		for _, p := range m.run.history {
			lines = append(lines, formatNumbers(p.numbers()))
		}
		f.Metadata["history"] = strings.Join(lines, "\n")
		states := m.states // loaded, and no Fit since
		if !m.resume {
			states = statesOf(m.run.options.Callbacks)
		}
		if len(states) > maxStates {
			return fmt.Errorf("net: %d callbacks with a state, want at most %d in a checkpoint", len(states), maxStates)
		}
		for i, s := range states {
			if err := s.check(); err != nil {
				return err
			}
			f.Metadata[fmt.Sprintf("callback/%d", i)] = s.kind + " " + formatNumbers(s.Numbers)
			for _, p := range m.params {
				if s.Weights == nil {
					break
				}
				add(callbackName(i, p), p.Shape, s.Weights[p.Name])
			}
		}
	}
	f.Metadata[sumKey] = checksum(f.Metadata, f.Tensors)
	if err := safetensors.Write(w, &f); err != nil {
		return fmt.Errorf("net: %w", err)
	}
	return nil
}

func slotName(k int, p *Param) string     { return fmt.Sprintf("optimizer/%d/%s", k, p.Name) }
func callbackName(i int, p *Param) string { return fmt.Sprintf("callback/%d/%s", i, p.Name) }

func (m *Model) counters() map[string]float64 {
	n := map[string]float64{"steps": float64(m.steps), "epochs": float64(m.epochs)}
	if m.rateSet {
		n["rate"] = m.rate
	}
	return n
}

func (f *run) numbers(batch int) map[string]float64 {
	n := f.at.numbers()
	n["step"] = float64(batch) // samples in a step
	n["sum"], n["right"] = f.tally.sum, float64(f.tally.right)
	for k, h := range f.tally.heads {
		if len(f.tally.heads) == 1 {
			break // it is what was there before
		}
		n[outputKey(k, "sum")], n[outputKey(k, "right")] = h.sum, float64(h.right)
	}
	n["open"], n["stopped"] = truth(f.open), truth(f.stopped)
	return n
}

func (p Progress) numbers() map[string]float64 {
	n := map[string]float64{
		"epoch": float64(p.Epoch), "epochs": float64(p.Epochs), "batch": float64(p.Batch), "batches": float64(p.Batches),
		"samples": float64(p.Samples), "loss": p.Loss, "accuracy": p.Accuracy, "rate": p.LearningRate,
		"validated": truth(p.Validated), "val_loss": p.ValidationLoss, "val_accuracy": p.ValidationAccuracy,
	}
	for k, o := range p.Outputs {
		for key, v := range map[string]float64{
			"loss": o.Loss, "accuracy": o.Accuracy, "val_loss": o.ValidationLoss, "val_accuracy": o.ValidationAccuracy,
		} {
			n[outputKey(k, key)] = v
		}
	}
	return n
}

// outputKey is the name of a number of output k, from 0.
func outputKey(k int, of string) string { return fmt.Sprintf("output%d_%s", k, of) }

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// formatNumbers writes "a=1 b=0.5", by name, each as short as gives it back.
func formatNumbers(n map[string]float64) string {
	var b strings.Builder
	for i, k := range slices.Sorted(maps.Keys(n)) {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(k + "=" + shortest(n[k]))
	}
	return b.String()
}

// statesOf returns the states of the callbacks that have one.
func statesOf(callbacks []Callback) []state {
	var states []state
	for _, c := range callbacks {
		if c, ok := c.(StatefulCallback); ok {
			states = append(states, state{fmt.Sprintf("%T", c), c.State()})
		}
	}
	return states
}

// ownersOf returns the callbacks that the states are of: the first to have
// that type, the second for the second such state, and so on.
func ownersOf(states []state, callbacks []Callback) ([]StatefulCallback, error) {
	owners := make([]StatefulCallback, len(states))
	used := make([]bool, len(callbacks))
	for i, s := range states {
		for k, c := range callbacks {
			if c, ok := c.(StatefulCallback); ok && !used[k] && fmt.Sprintf("%T", c) == s.kind {
				used[k] = true
				owners[i] = c
				break
			}
		}
		if owners[i] == nil {
			return nil, fmt.Errorf("net: the checkpoint has the state of a %.100s, want one more among the callbacks", s.kind)
		}
	}
	return owners, nil
}
