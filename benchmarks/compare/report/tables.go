package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/simdconv/simdconv/benchmarks/shapes"
	"github.com/simdconv/simdconv/benchmarks/suite"
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

// ratio prints two digits after the point where they say something.
func ratio(v float64) string {
	if v < 9.95 {
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return figure(v)
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
			cell, found = ratio(sum/own), true
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

// libraries are what products and memory's operations are compared over.
func libraries() []series {
	all := []series{{impl: suite.Impl, title: suite.Impl}}
	for _, s := range allSeries {
		if !slices.ContainsFunc(all, func(o series) bool { return o.impl == s.impl }) {
			s.title = strings.TrimSuffix(s.title, " NHWC")
			all = append(all, s)
		}
	}
	return all
}

// libraryTable has a unit of each row of this library, and of the same row by the
// others. Its first column is what name makes of a row.
func (f *file) libraryTable(head, unit string, rows []row, keys []string, name func(row) string) table {
	t := table{head: []string{head}}
	for _, s := range libraries() {
		t.head = append(t.head, s.title)
	}
	for _, own := range rows {
		var same []string
		for _, key := range keys {
			same = append(same, key+"="+own.keys[key])
		}
		cells := []string{name(own)}
		for _, s := range libraries() {
			cell := ""
			for _, r := range f.find("impl=" + s.impl + " " + strings.Join(same, " ")) {
				if r.bench == own.bench {
					cell = figure(r.values[unit])
				}
			}
			cells = append(cells, cell)
		}
		t.rows = append(t.rows, cells)
	}
	return t
}

// gemmTable has the products by every library.
func (r results) gemmTable(threads string) table {
	f := r["gemm"]
	return f.libraryTable("m x n x k, % of the FMA peak", "%peak", f.find("impl=simdconv cache= threads="+threads),
		[]string{"m", "n", "k", "threads", "cache"},
		func(r row) string { return fmt.Sprintf("%s x %s x %s", r.keys["m"], r.keys["n"], r.keys["k"]) })
}

// memoryTable has the operations that memory bounds.
func (r results) memoryTable() table {
	f := r["memory"]
	return f.libraryTable("operation, % of a copy loop with its traffic", "%stream", f.find("impl=simdconv threads=1 cache="),
		[]string{"op", "window", "h", "c", "pass", "elements", "n", "threads", "cache"}, func(r row) string {
			var words []string
			for _, key := range []string{"op", "window", "h", "pass", "elements"} {
				switch v := r.keys[key]; {
				case v == "":
				case key == "h":
					words = append(words, v+"x"+v+"x"+r.keys["c"])
				default:
					words = append(words, v)
				}
			}
			return strings.ToLower(r.bench) + " " + strings.Join(words, " ")
		})
}

// netTable has whole networks.
func (r results) netTable() table {
	t := table{head: []string{"network", "images", "threads", "inference, ms", "% of the peak", "step of training, ms", "% of the peak"}}
	for _, n := range r["net"].find("pass=infer cache=") {
		where := fmt.Sprintf("net=%s n=%s threads=%s cache= pass=", n.keys["net"], n.keys["n"], n.keys["threads"])
		cells := []string{networkTitle(n.keys["net"]), n.keys["n"], n.keys["threads"]}
		for _, pass := range []string{"infer", "train"} {
			for _, unit := range []string{"sec/op", "%peak"} {
				cell := ""
				if v, ok := r["net"].value(unit, where+pass); ok && unit == "sec/op" {
					cell = milliseconds(v)
				} else if ok {
					cell = figure(v)
				}
				cells = append(cells, cell)
			}
		}
		t.rows = append(t.rows, cells)
	}
	return t
}
