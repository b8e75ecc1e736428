package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/simdconv/simdconv/benchmarks/shapes"
)

// A table is one of Markdown's. The first column names the row.
type table struct {
	head []string
	rows [][]string
}

// String leaves out columns without figures.
func (t table) String() string {
	keep := make([]bool, len(t.head))
	for _, r := range t.rows {
		for i, cell := range r {
			keep[i] = keep[i] || i == 0 || cell != ""
		}
	}
	var b strings.Builder
	write := func(cells []string) {
		b.WriteString("|")
		for i, c := range cells {
			if keep[i] {
				fmt.Fprintf(&b, " %s |", c)
			}
		}
		b.WriteString("\n")
	}
	write(t.head)
	dashes := make([]string, len(t.head))
	for i := range dashes {
		dashes[i] = "---"
		if i > 0 {
			dashes[i] = "--:"
		}
	}
	write(dashes)
	for _, r := range t.rows {
		write(r)
	}
	return b.String()
}

// figure prints three digits at most: 1.4, 14, 314.
func figure(v float64) string {
	digits := 0
	if v < 9.95 {
		digits = 1
	}
	return strconv.FormatFloat(v, 'f', digits, 64)
}

// A column is a series in one file, under conditions that its rows share.
type column struct {
	title, piece string
	series       string // a query
	where        string // a query
}

// layerTable has the %peak of a network's layers, those named or all, and how long
// all layers take together relative to those of the column "auto" of the same
// file.
func (r results) layerTable(net string, only []string, columns []column) (table, error) {
	layers, err := shapes.Layers(net)
	if err != nil {
		return table{}, err
	}
	t := table{head: []string{networkTitle(net) + ", % of the FMA peak"}}
	for _, c := range columns {
		t.head = append(t.head, c.title)
	}
	for _, l := range layers {
		if only != nil && !slices.Contains(only, l.Name) {
			continue
		}
		cells := []string{describe(l)}
		found := false
		for _, c := range columns {
			cell := ""
			if v, ok := r[c.piece].value("%peak", "net="+net+" layer="+l.Name+" "+c.series+" "+c.where); ok {
				cell, found = figure(v), true
			}
			cells = append(cells, cell)
		}
		if found {
			t.rows = append(t.rows, cells)
		}
	}
	sums := []string{"all layers, time relative to simdconv auto's"}
	found := false
	for _, c := range columns {
		own, ok1 := r.sum(c.piece, layers, "net="+net+" impl=simdconv algo=auto "+c.where)
		sum, ok2 := r.sum(c.piece, layers, "net="+net+" "+c.series+" "+c.where)
		cell := ""
		if ok1 && ok2 {
			cell, found = strconv.FormatFloat(sum/own, 'f', 2, 64), true
		}
		sums = append(sums, cell)
	}
	if found {
		t.rows = append(t.rows, sums)
	}
	return t, nil
}

// sum adds up the time of a network's layers as often as it has them, in units of
// operations at the peak's rate, so that clocks cancel. It is false if a layer is
// missing.
func (r results) sum(piece string, layers []shapes.Layer, query string) (float64, bool) {
	sum := 0.0
	for _, l := range layers {
		v, ok := r[piece].value("%peak", "layer="+l.Name+" "+query)
		if !ok || v <= 0 {
			return 0, false
		}
		sum += float64(l.Times) * l.FLOP(1) / v
	}
	return sum, true
}

func networkTitle(net string) string {
	if t := networkTitles[net]; t != "" {
		return t
	}
	return net
}

// gemmTable has the products by every library.
func (r results) gemmTable(threads string) table {
	t := table{head: []string{"m x n x k, % of the FMA peak"}}
	var impls []series
	for _, s := range allSeries {
		if s.impl == "simdconv" || slices.ContainsFunc(impls, func(o series) bool { return o.impl == s.impl }) {
			continue
		}
		impls = append(impls, s)
	}
	impls = append([]series{{impl: "simdconv", title: "simdconv"}}, impls...)
	for _, s := range impls {
		t.head = append(t.head, strings.TrimSuffix(s.title, " NHWC"))
	}
	for _, own := range r["gemm"].find("impl=simdconv cache= threads=" + threads) {
		size := fmt.Sprintf("m=%s n=%s k=%s", own.keys["m"], own.keys["n"], own.keys["k"])
		cells := []string{fmt.Sprintf("%s x %s x %s", own.keys["m"], own.keys["n"], own.keys["k"])}
		for _, s := range impls {
			cell := ""
			if v, ok := r["gemm"].value("%peak", size+" cache= threads="+threads+" impl="+s.impl); ok {
				cell = figure(v)
			}
			cells = append(cells, cell)
		}
		t.rows = append(t.rows, cells)
	}
	return t
}

// memoryTable has the operations that memory bounds.
func (r results) memoryTable() table {
	t := table{head: []string{"operation", "GB/s", "% of a copy loop with its traffic"}}
	for _, m := range r["memory"].find("threads=1 cache=") {
		var words []string
		for _, key := range []string{"op", "window", "h", "pass", "elements"} {
			if v := m.keys[key]; v != "" {
				if key == "h" {
					v += "x" + v + "x" + m.keys["c"]
				}
				words = append(words, v)
			}
		}
		name := strings.ToLower(m.bench) + " " + strings.Join(words, " ")
		t.rows = append(t.rows, []string{name, figure(m.values["GB/s"]), figure(m.values["%stream"])})
	}
	return t
}

// netTable has whole networks.
func (r results) netTable() table {
	t := table{head: []string{"network", "images", "threads", "inference, ms", "% of the peak", "step of training, ms", "% of the peak"}}
	for _, n := range r["net"].find("pass=infer cache=") {
		where := fmt.Sprintf("net=%s n=%s threads=%s cache= pass=", n.keys["net"], n.keys["n"], n.keys["threads"])
		cells := []string{n.keys["net"], n.keys["n"], n.keys["threads"]}
		for _, pass := range []string{"infer", "train"} {
			for _, unit := range []string{"sec/op", "%peak"} {
				cell := ""
				if v, ok := r["net"].value(unit, where+pass); ok {
					if unit == "sec/op" {
						v *= 1e3
					}
					cell = figure(v)
				}
				cells = append(cells, cell)
			}
		}
		t.rows = append(t.rows, cells)
	}
	return t
}
