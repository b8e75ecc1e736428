package gate

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"golang.org/x/perf/benchmath"
)

// A rule says when a benchmark counts as slower.
type rule struct {
	threshold float64 // 0.05: head costs over 5% more
	alpha     float64
}

// costs are what a benchmark is judged by. Those by clock drift with the
// machine, and base[i] and head[i] together, as they are of the same round;
// others are samples that do not depend on each other.
type costs struct {
	name, unit string
	base, head []float64
}

// A verdict compares the costs of one benchmark at base and head.
type verdict struct {
	name, unit string
	ratio      float64 // head to base
	p          float64 // of equal distributions, two-sided
	n          int     // samples of each
}

func (v verdict) String() string {
	return fmt.Sprintf("%s %+.1f%% (p=%.2g n=%d, by %s)", v.name, 100*(v.ratio-1), v.p, v.n, v.unit)
}

// ratio estimates head/base.
func (c costs) ratio() float64 {
	if c.unit == clock {
		return pairShift(c.base, c.head)
	}
	return shift(c.base, c.head)
}

// p is that of the Mann-Whitney U test, or, if drift is in the costs, of
// Wilcoxon's signed ranks.
func (c costs) p() float64 {
	if c.unit == clock {
		return signedRanks(c.base, c.head)
	}
	sample := func(values []float64) *benchmath.Sample {
		return benchmath.NewSample(slices.Clone(values), &benchmath.DefaultThresholds)
	}
	return benchmath.AssumeNothing.Compare(sample(c.base), sample(c.head)).P
}

func judge(c costs) verdict {
	return verdict{c.name, c.unit, c.ratio(), c.p(), len(c.head)}
}

// suspects returns the benchmarks that seem slower: by more than half the
// threshold, so that few samples do not lose what is slower by a little more
// than all of it, and with less confidence. Of many equal ones some may be among
// them.
func (r rule) suspects(all []costs) []verdict {
	var slower []verdict
	for _, c := range all {
		if c.ratio() <= 1+r.threshold/2 {
			continue
		}
		if v := judge(c); v.p <= doubt*r.alpha {
			slower = append(slower, v)
		}
	}
	return slower
}

// doubt is how much easier than convicted a benchmark is suspected.
const doubt = 5

// blind returns how many benchmarks are too noisy for a slowdown of twice the
// threshold to make suspects of them.
func (r rule) blind(all []costs) int {
	n := 0
	for _, c := range all {
		slower := costs{unit: c.unit, base: c.base}
		by := (1 + 2*r.threshold) / c.ratio()
		for _, h := range c.head {
			slower.head = append(slower.head, h*by)
		}
		if slower.p() > doubt*r.alpha {
			n++
		}
	}
	return n
}

// confirmed returns the suspects that are slower by more than the threshold in
// fresh samples, significantly, and in all samples together. Alpha bounds the
// probability that any of equal ones is among them (Holm, Scand. J. Stat. 6(2),
// 1979), however many the suspects were chosen from.
func (r rule) confirmed(first, fresh []costs) []verdict {
	verdicts := make([]verdict, len(fresh))
	for i, c := range fresh {
		verdicts[i] = judge(c)
	}
	slices.SortFunc(verdicts, func(a, b verdict) int { return cmp.Compare(a.p, b.p) })
	var slower []verdict
	for i, v := range verdicts {
		if v.p > r.alpha/float64(len(verdicts)-i) {
			break
		}
		if v.ratio > 1+r.threshold && together(v.name, first, fresh).ratio() > 1+r.threshold {
			slower = append(slower, v)
		}
	}
	return slower
}

// together returns a benchmark's costs in both runs.
func together(name string, first, fresh []costs) costs {
	all := costs{name: name}
	for _, run := range [][]costs{first, fresh} {
		for _, c := range run {
			if c.name == name {
				all.unit = c.unit
				all.base, all.head = append(all.base, c.base...), append(all.head, c.head...)
			}
		}
	}
	return all
}

// rounds returns the smallest number of rounds from n up that can convict all of
// some suspects.
func (r rule) rounds(n, suspects int) int {
	for leastP(n) > r.alpha/float64(max(suspects, 1)) {
		n++
	}
	return n
}

// least returns the smallest number of rounds that can make a suspect of a
// benchmark by clock, slower in each of them, and convict one by another unit.
func (r rule) least() int {
	n := r.rounds(1, 1)
	for 2/math.Exp2(float64(n)) > doubt*r.alpha {
		n++
	}
	return n
}

// repeat returns the number of rounds for suspects found in n: more, as their
// verdict is final and they are few.
func (r rule) repeat(n, suspects int) int { return r.rounds(3*n, suspects) }
