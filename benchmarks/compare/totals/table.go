package totals

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"golang.org/x/perf/benchfmt"

	"github.com/simdconv/simdconv/benchmarks/roof"
	"github.com/simdconv/simdconv/benchmarks/shapes"
	"github.com/simdconv/simdconv/benchmarks/suite"
)

// The passes of BenchmarkConv, and train, which is all three.
const fwd, bwdData, bwdWeights, train = "fwd", "bwddata", "bwdweights", "train"

// A setting is what the sums of one block share.
type setting struct{ net, pass, n, threads, pack, cache string }

func (s setting) String() string {
	text := fmt.Sprintf("%s, %s, n=%s, threads=%s", s.net, s.pass, s.n, s.threads)
	if s.pack != "" {
		text += ", pack=" + s.pack
	}
	if s.cache != "" {
		text += ", cache=" + s.cache
	}
	return text
}

// A way is one line of a block.
type way struct{ impl, algo, isa string }

// A table is what was read: seconds of each layer, and of whole networks.
type table struct {
	settings []setting // in order of appearance
	ways     map[setting][]way
	layers   map[setting]map[way]map[string][]float64
	wholes   map[setting]map[way][]float64
}

func newTable() *table {
	return &table{
		ways:   map[setting][]way{},
		layers: map[setting]map[way]map[string][]float64{},
		wholes: map[setting]map[way][]float64{},
	}
}

// add keeps a result of BenchmarkConv or BenchmarkNet. A time that is none is an
// error.
func (t *table) add(r *benchfmt.Result) error {
	base, parts := r.Name.Parts()
	seconds, ok := r.Value("sec/op")
	if !ok {
		return nil
	}
	if !(seconds >= 0 && seconds <= math.MaxFloat64) {
		return fmt.Errorf("%s: %v s, want a time", r.Name, seconds)
	}
	v := map[string]string{}
	for _, p := range parts {
		key, value, _ := strings.Cut(strings.TrimPrefix(string(p), "/"), "=")
		v[key] = value
	}
	s := setting{v["net"], v["pass"], v["n"], v["threads"], v["pack"], v["cache"]}
	w := way{v["impl"], v["algo"], v["isa"]}
	switch string(base) {
	case "Conv":
		if t.layers[s] == nil {
			t.settings = append(t.settings, s)
			t.layers[s] = map[way]map[string][]float64{}
		}
		if t.layers[s][w] == nil {
			t.ways[s] = append(t.ways[s], w)
			t.layers[s][w] = map[string][]float64{}
		}
		t.layers[s][w][v["layer"]] = append(t.layers[s][w][v["layer"]], seconds)
	case "Net":
		if t.wholes[s] == nil {
			t.wholes[s] = map[way][]float64{}
		}
		t.wholes[s][w] = append(t.wholes[s][w], seconds)
	}
	return nil
}

// known reports a layer that a network does not have.
func (t *table) known(s setting, layers []shapes.Layer) error {
	for _, w := range t.ways[s] {
		for name := range t.layers[s][w] {
			if !slices.ContainsFunc(layers, func(l shapes.Layer) bool { return l.Name == name }) {
				return fmt.Errorf("%s has no layer %q", s.net, name)
			}
		}
	}
	return nil
}

// write prints one block for each setting, and one for training where all its
// passes are there.
func (t *table) write(out io.Writer) error {
	if len(t.settings) == 0 {
		return errors.New("no results of BenchmarkConv")
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	for i, s := range append(t.settings, t.training()...) {
		if i > 0 {
			fmt.Fprintln(w)
		}
		layers, err := shapes.Layers(s.net)
		if err != nil {
			return err
		}
		if err := t.known(s, layers); err != nil {
			return err
		}
		fmt.Fprintln(w, s)
		fmt.Fprint(w, "library\talgorithm\tisa\tms\tof simdconv's auto\t\n")
		t.block(w, s, t.parts(s, layers))
	}
	return w.Flush()
}

// training returns the settings of which all three passes were measured.
func (t *table) training() (all []setting) {
	for _, s := range t.settings {
		if s.pass != fwd {
			continue
		}
		s.pass = train
		if !slices.ContainsFunc(t.parts(s, nil), func(p part) bool { return t.layers[p.setting] == nil }) {
			all = append(all, s)
		}
	}
	return all
}

// A part is one pass over some layers.
type part struct {
	setting
	layers []shapes.Layer
}

// parts returns what a setting is the sum of. Training needs no gradient with
// respect to the first layer's input, and packs no weights for their gradient.
func (t *table) parts(s setting, layers []shapes.Layer) []part {
	if s.pass != train {
		return []part{{s, layers}}
	}
	forward, data, weights := s, s, s
	forward.pass, data.pass, weights.pass = fwd, bwdData, bwdWeights
	weights.pack = ""
	return []part{{forward, layers}, {data, layers[min(1, len(layers)):]}, {weights, layers}}
}

// A line is one way's sum, or what it lacks.
type line struct {
	way
	sum     float64
	missing []string
}

// block prints the sums of one setting, those of each library's best last, and
// the measured whole.
func (t *table) block(w io.Writer, s setting, parts []part) {
	var ways []way
	var impls []string
	for _, p := range parts {
		for _, way := range t.ways[p.setting] {
			if !slices.Contains(ways, way) {
				ways = append(ways, way)
			}
			if !slices.Contains(impls, way.impl) {
				impls = append(impls, way.impl)
			}
		}
	}
	var lines []line
	for _, way := range ways {
		lines = append(lines, t.sum(way, parts, func(p part, layer string) (float64, bool) {
			times := t.layers[p.setting][way][layer]
			return roof.Median(times), times != nil
		}))
	}
	for _, impl := range impls {
		lines = append(lines, t.sum(way{impl: impl, algo: "best of each layer"}, parts, func(p part, layer string) (least float64, ok bool) {
			for way, layers := range t.layers[p.setting] {
				if times := layers[layer]; way.impl == impl && times != nil && (!ok || roof.Median(times) < least) {
					least, ok = roof.Median(times), true
				}
			}
			return least, ok
		}))
	}
	own := 0.0
	for _, l := range lines {
		if l.impl == suite.Impl && l.algo == "auto" && l.missing == nil {
			own = l.sum
			break
		}
	}
	for _, l := range lines {
		if l.missing != nil {
			fmt.Fprintf(w, "%s\t%s\t%s\tno %s\t\t\n", l.impl, l.algo, l.isa, strings.Join(l.missing, ", "))
			continue
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t\n", l.impl, l.algo, l.isa, milli(l.sum), share(l.sum, own))
	}
	pass := map[string]string{fwd: "infer", train: train}[s.pass]
	whole := t.wholes[setting{net: s.net, pass: pass, n: s.n, threads: s.threads, cache: s.cache}]
	for _, k := range slices.SortedFunc(maps.Keys(whole), func(a, b way) int { return strings.Compare(a.impl+a.isa, b.impl+b.isa) }) {
		time := roof.Median(whole[k])
		fmt.Fprintf(w, "%s\twhole network\t%s\t%s\t%s\t\n", k.impl, k.isa, milli(time), share(time, own))
	}
}

// sum adds up all layers of some parts.
func (t *table) sum(w way, parts []part, seconds func(p part, layer string) (float64, bool)) line {
	l := line{way: w}
	for _, p := range parts {
		for _, layer := range p.layers {
			time, ok := seconds(p, layer.Name)
			switch {
			case ok:
				l.sum += float64(layer.Times) * time
			case len(parts) > 1:
				l.missing = append(l.missing, p.pass+" of "+layer.Name)
			default:
				l.missing = append(l.missing, layer.Name)
			}
		}
	}
	return l
}

func milli(seconds float64) string { return strconv.FormatFloat(1e3*seconds, 'f', 2, 64) }

func share(sum, own float64) string {
	if own == 0 {
		return ""
	}
	return strconv.FormatFloat(sum/own, 'f', 2, 64)
}
