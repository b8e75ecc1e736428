package main

import (
	"fmt"
	"math"
	"strconv"

	"gonum.org/v1/plot"
)

// wholeTicks are ticks at about ten whole numbers.
type wholeTicks struct{}

// Ticks implements plot.Ticker.
func (wholeTicks) Ticks(lo, hi float64) (ticks []plot.Tick) {
	step := 1.0
	for i := 0; (hi-lo)/step > 10; i++ {
		step *= [...]float64{2, 2.5, 2}[i%3] // 2, 5, 10, 20
	}
	for v := math.Ceil(lo/step) * step; v <= hi; v += step {
		ticks = append(ticks, plot.Tick{Value: v, Label: strconv.FormatFloat(v, 'f', -1, 64)})
	}
	return ticks
}

// decades are ticks at the powers of ten.
type decades struct{}

// Ticks implements plot.Ticker.
func (decades) Ticks(lo, hi float64) (ticks []plot.Tick) {
	const slack = 1e-9 // of a logarithm that is a whole number
	for e := math.Ceil(math.Log10(lo) - slack); e <= math.Log10(hi)+slack; e++ {
		v := math.Pow(10, e)
		label := fmt.Sprintf("%.0e", v)
		if e >= -3 && e <= 4 {
			label = strconv.FormatFloat(v, 'f', max(0, int(-e)), 64)
		}
		ticks = append(ticks, plot.Tick{Value: v, Label: label})
	}
	return ticks
}
