package benchmarks

import (
	"fmt"
	"math"
	"strings"

	"github.com/simdconv/simdconv/benchmarks/shapes"
	"github.com/simdconv/simdconv/conv"
	"github.com/simdconv/simdconv/kernels"
)

// Rows of more floating-point operations are left out, as plain Go would take
// too long. Only -slow lifts the last two.
const (
	naiveFLOP     = 0.5e9
	winograd2FLOP = 0.1e9
	genericFLOP   = 0.5e9
)

// A convRow is one row of BenchmarkConv.
type convRow struct {
	net            string
	layer          shapes.Layer
	pass           conv.Pass
	algo           string
	tier           kernels.Tier
	n, threads     int
	packEach, cold bool
}

// name returns the row's name below BenchmarkConv.
func (r convRow) name() string {
	name := fmt.Sprintf("impl=simdconv/net=%s/layer=%s/pass=%v/algo=%s/isa=%v/n=%d/threads=%d",
		r.net, r.layer.Name, r.pass, r.algo, r.tier, r.n, r.threads)
	if r.packEach {
		name += "/pack=each"
	}
	return name + cache(r.cold)
}

func cache(cold bool) string {
	if cold {
		return "/cache=cold"
	}
	return ""
}

func (r convRow) shape() conv.Shape {
	return conv.Shape{N: r.n, C: r.layer.C, K: r.layer.K, Window: r.layer.Window}
}

func (r convRow) flop() float64 { return r.layer.FLOP(r.n) }

// tooSlow reports whether plain Go would take too long over the row.
func (r convRow) tooSlow(slow bool) bool {
	most := math.Inf(1)
	switch {
	case r.algo == naive:
		most = naiveFLOP
	case slow:
	case r.algo == conv.Winograd2.String():
		most = winograd2FLOP
	case r.tier == kernels.TierGeneric:
		most = genericFLOP
	}
	return r.flop() >= most
}

// convRows returns the rows that the flags ask for, those of one layer and pass
// together. The naive loops have one row, as they know neither tiers nor
// threads.
func (t tour) convRows() ([]convRow, error) {
	var rows []convRow
	for _, net := range t.nets {
		layers, err := shapes.Layers(net)
		if err != nil {
			return nil, err
		}
		for _, layer := range layers {
			if !t.layers.MatchString(layer.Name) {
				continue
			}
			for _, n := range t.batches {
				for _, pass := range t.passes {
					rows = append(rows, t.passRows(convRow{net: net, layer: layer, pass: pass, n: n, cold: t.cold})...)
				}
			}
		}
	}
	if rows == nil {
		return nil, fmt.Errorf("no rows: -layers=%v matches no layer of %s, or all are too slow in plain Go (see -slow)",
			t.layers, strings.Join(t.nets, ", "))
	}
	return rows, nil
}

// passRows returns the rows of one pass of one layer.
func (t tour) passRows(r convRow) []convRow {
	var rows []convRow
	add := func(r convRow) {
		if !r.tooSlow(t.slow) {
			rows = append(rows, r)
		}
	}
	for _, r.algo = range t.algos {
		if r.algo == naive {
			r.tier, r.threads, r.packEach = kernels.TierGeneric, 1, false
			add(r)
			continue
		}
		r.packEach = t.packEach && r.pass != conv.BackwardWeights
		for _, r.tier = range t.tiers {
			for _, r.threads = range t.threads {
				add(r)
			}
		}
	}
	return rows
}

// A gemmRow is one row of BenchmarkGemm.
type gemmRow struct {
	shapes.Product
	tier    kernels.Tier
	threads int
	cold    bool
}

// name returns the row's name below BenchmarkGemm.
func (r gemmRow) name() string {
	return fmt.Sprintf("impl=simdconv/m=%d/n=%d/k=%d/isa=%v/threads=%d%s", r.M, r.N, r.K, r.tier, r.threads, cache(r.cold))
}

// gemmRows returns the products that the flags ask for.
func (t tour) gemmRows() ([]gemmRow, error) {
	products, err := shapes.Products()
	if err != nil {
		return nil, err
	}
	var rows []gemmRow
	for _, p := range products {
		for _, tier := range t.tiers {
			if tier == kernels.TierGeneric && p.FLOP() >= genericFLOP && !t.slow {
				continue
			}
			for _, threads := range t.threads {
				rows = append(rows, gemmRow{p, tier, threads, t.cold})
			}
		}
	}
	return rows, nil
}
