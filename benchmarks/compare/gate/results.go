package gate

import (
	"fmt"
	"io"
	"math"
	"slices"

	"golang.org/x/perf/benchfmt"
	"golang.org/x/perf/benchproc"
)

// clock is the unit of benchmarks without a yardstick.
const clock = "sec/op"

// A figure is one run of one benchmark.
type figure struct {
	unit    string  // of the yardstick's share, or clock
	share   float64 // of the yardstick, 0 without
	roof    float64 // the yardstick's own rate, 0 without
	seconds float64
}

// A row is the runs of one benchmark; base[i] and head[i] are of the same round.
type row struct {
	name       string
	group      string // what shares a yardstick
	base, head []figure
}

// results are rows in the order of their first appearance.
type results struct {
	rows    []*row
	named   map[string]*row
	changed bool // the files of the yardsticks are not the same on both sides
}

func newResults() *results { return &results{named: make(map[string]*row)} }

// read adds the output of one run of a benchmark binary.
func (r *results) read(output io.Reader, s side) error {
	filter, err := benchproc.NewFilter("*")
	if err != nil {
		return err
	}
	var parser benchproc.ProjectionParser
	group, err := parser.Parse("/impl,/isa,/threads", filter)
	if err != nil {
		return err
	}
	reader := benchfmt.NewReader(output, s.String())
	for reader.Scan() {
		switch record := reader.Result().(type) {
		case *benchfmt.SyntaxError:
			return record
		case *benchfmt.Result:
			f, err := newFigure(record)
			if err != nil {
				return fmt.Errorf("%s: %s: %w", s, record.Name, err)
			}
			if f.unit == "" {
				continue // nothing to judge it by
			}
			r.add(record.Name.String(), group.Project(record).String(), s, f)
		}
	}
	return reader.Err()
}

func (r *results) add(name, group string, s side, f figure) {
	w := r.named[name]
	if w == nil {
		w = &row{name: name, group: group}
		r.named[name] = w
		r.rows = append(r.rows, w)
	}
	if s == base {
		w.base = append(w.base, f)
	} else {
		w.head = append(w.head, f)
	}
}

func newFigure(r *benchfmt.Result) (figure, error) {
	seconds, ok := r.Value(clock)
	if _, zero := r.Value("ns/op"); zero { // benchfmt leaves no other value in this unit
		return figure{}, fmt.Errorf("not a measurement: 0 ns/op")
	}
	if !ok {
		return figure{}, nil
	}
	f := figure{unit: clock, seconds: seconds}
	values := []float64{seconds}
	for _, y := range yardsticks {
		share, ok := r.Value(y.share)
		rate, known := r.Value(y.rate)
		if ok && known {
			f.unit, f.share, f.roof = y.share, share, rate/share
			values = append(values, share, rate)
			break
		}
	}
	for _, v := range values {
		if !(v > 0) || math.IsInf(v, 0) {
			return f, fmt.Errorf("not a measurement: %v", v)
		}
	}
	return f, nil
}

// common returns how many benchmarks both sides ran, and one side alone.
func (r *results) common() (both, baseOnly, headOnly int) {
	for _, w := range r.rows {
		switch {
		case len(w.head) == 0:
			baseOnly++
		case len(w.base) == 0:
			headOnly++
		default:
			both++
		}
	}
	return both, baseOnly, headOnly
}

// costs returns what to judge each benchmark by that ran on both sides, and
// notes on what is unusual about it.
func (r *results) costs() (all []costs, notes []string, err error) {
	differ := r.yardsticksDiffer()
	for group, ratio := range differ {
		notes = append(notes, fmt.Sprintf("the yardstick itself changed (%+.1f%% in this run; %s): judging by time", 100*(ratio-1), group))
	}
	slices.Sort(notes)
	for _, w := range r.rows {
		if len(w.base) == 0 || len(w.head) == 0 {
			continue
		}
		if len(w.base) != len(w.head) {
			return nil, nil, fmt.Errorf("%s ran %d times at base and %d times at head", w.name, len(w.base), len(w.head))
		}
		c := costs{name: w.name, unit: w.base[0].unit}
		if _, ok := differ[w.group]; ok {
			c.unit = clock
		}
		for i, b := range w.base {
			if w.head[i].unit != b.unit || b.unit != w.base[0].unit {
				c.unit = clock
			}
		}
		for i, b := range w.base {
			h := w.head[i]
			if c.unit == clock {
				c.base, c.head = append(c.base, b.seconds), append(c.head, h.seconds)
			} else {
				c.base, c.head = append(c.base, 1/b.share), append(c.head, 1/h.share)
			}
		}
		all = append(all, c)
	}
	return all, notes, nil
}
