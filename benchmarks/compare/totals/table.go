package totals

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"golang.org/x/perf/benchfmt"

	"github.com/simdconv/simdconv/benchmarks/roof"
	"github.com/simdconv/simdconv/benchmarks/shapes"
	"github.com/simdconv/simdconv/benchmarks/suite"
)

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

// add keeps a result of BenchmarkConv or BenchmarkNet.
func (t *table) add(r *benchfmt.Result) {
	base, parts := r.Name.Parts()
	seconds, ok := r.Value("sec/op")
	if !ok {
		return
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
}

// write prints one block for each setting.
func (t *table) write(out io.Writer) error {
	if len(t.settings) == 0 {
		return errors.New("no results of BenchmarkConv")
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	for i, s := range t.settings {
		if i > 0 {
			fmt.Fprintln(w)
		}
		layers, err := shapes.Layers(s.net)
		if err != nil {
			return err
		}
		fmt.Fprintln(w, s)
		fmt.Fprint(w, "library\talgorithm\tisa\tms\tof simdconv's auto\t\n")
		t.block(w, s, layers)
	}
	return w.Flush()
}

// block prints the sums of one setting, those of each library's best last.
func (t *table) block(w io.Writer, s setting, layers []shapes.Layer) {
	type line struct {
		way
		sum     float64
		missing []string
	}
	var lines []line
	best := map[string]map[string]float64{} // by impl and layer
	var impls []string
	for _, way := range t.ways[s] {
		l := line{way: way}
		if best[way.impl] == nil {
			best[way.impl] = map[string]float64{}
			impls = append(impls, way.impl)
		}
		for _, layer := range layers {
			times := t.layers[s][way][layer.Name]
			if times == nil {
				l.missing = append(l.missing, layer.Name)
				continue
			}
			median := roof.Median(times)
			l.sum += float64(layer.Times) * median
			if least, ok := best[way.impl][layer.Name]; !ok || median < least {
				best[way.impl][layer.Name] = median
			}
		}
		lines = append(lines, l)
	}
	for _, impl := range impls {
		l := line{way: way{impl: impl, algo: "best of each layer"}}
		for _, layer := range layers {
			least, ok := best[impl][layer.Name]
			if !ok {
				l.missing = append(l.missing, layer.Name)
			}
			l.sum += float64(layer.Times) * least
		}
		lines = append(lines, l)
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
	// A whole inference is compared with the forward pass; a training step has all three.
	pass := map[string]string{"fwd": "infer"}[s.pass]
	whole := t.wholes[setting{net: s.net, pass: pass, n: s.n, threads: s.threads, cache: s.cache}]
	for _, k := range slices.SortedFunc(maps.Keys(whole), func(a, b way) int { return strings.Compare(a.impl+a.isa, b.impl+b.isa) }) {
		time := roof.Median(whole[k])
		fmt.Fprintf(w, "%s\twhole network\t%s\t%s\t%s\t\n", k.impl, k.isa, milli(time), share(time, own))
	}
}

func milli(seconds float64) string { return strconv.FormatFloat(1e3*seconds, 'f', 2, 64) }

func share(sum, own float64) string {
	if own == 0 {
		return ""
	}
	return strconv.FormatFloat(sum/own, 'f', 2, 64)
}
