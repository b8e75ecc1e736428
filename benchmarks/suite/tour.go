package suite

import (
	"fmt"
	"math"
	"strings"

	"github.com/simdconv/simdconv/benchmarks/shapes"
	"github.com/simdconv/simdconv/conv"
	"github.com/simdconv/simdconv/kernels"
)

// genericFLOP is the floating-point operations from which rows of the generic
// tier are left out without -slow, as plain Go would take too long. Those of
// [Naive] are left out above [NaiveFLOP] always.
const genericFLOP = 0.5e9

// TooSlow reports whether plain Go would take too long over the row.
func TooSlow(r Conv, slow bool) bool {
	most := math.Inf(1)
	switch {
	case r.Algo == Naive:
		most = NaiveFLOP
	case slow:
	case r.Tier == kernels.TierGeneric:
		most = genericFLOP
	}
	return r.FLOP() >= most
}

// ConvRows returns the rows that the flags ask for, those of one layer and pass
// together. The naive loops have one row, as they know neither tiers nor
// threads.
func (t Tour) ConvRows() ([]Conv, error) {
	var rows []Conv
	for _, net := range t.Nets {
		layers, err := shapes.Layers(net)
		if err != nil {
			return nil, err
		}
		for _, layer := range layers {
			if !t.Layers.MatchString(layer.Name) {
				continue
			}
			for _, n := range t.Batches {
				for _, pass := range t.Passes {
					rows = append(rows, t.PassRows(Conv{Net: net, Layer: layer, Pass: pass, N: n, Cold: t.Cold})...)
				}
			}
		}
	}
	if rows == nil {
		return nil, fmt.Errorf("no rows: -layers=%v matches no layer of %s, or all are too slow in plain Go (see -slow)",
			t.Layers, strings.Join(t.Nets, ", "))
	}
	return rows, nil
}

// PassRows returns the rows of one pass of one layer, which r gives: its
// algorithms, tiers and numbers of threads.
func (t Tour) PassRows(r Conv) []Conv {
	var rows []Conv
	add := func(r Conv) {
		if !TooSlow(r, t.Slow) {
			rows = append(rows, r)
		}
	}
	for _, r.Algo = range t.Algos {
		if r.Algo == Naive {
			r.Tier, r.Threads, r.PackEach = kernels.TierGeneric, 1, false
			add(r)
			continue
		}
		r.PackEach = t.PackEach && r.Pass != conv.BackwardWeights
		for _, r.Tier = range t.Tiers {
			for _, r.Threads = range t.Threads {
				add(r)
			}
		}
	}
	return rows
}

// GemmRows returns the rows of gemm.txt that the flags ask for.
func (t Tour) GemmRows() ([]Gemm, error) {
	products, err := shapes.Products()
	if err != nil {
		return nil, err
	}
	var rows []Gemm
	for _, p := range products {
		for _, tier := range t.Tiers {
			if tier == kernels.TierGeneric && p.FLOP() >= genericFLOP && !t.Slow {
				continue
			}
			for _, threads := range t.Threads {
				rows = append(rows, Gemm{Product: p, Tier: tier, Threads: threads, Cold: t.Cold})
			}
		}
	}
	return rows, nil
}
