package report

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"
)

// decades marks 1, 2 and 5 of each power of ten.
type decades struct{}

// Ticks implements plot.Ticker.
func (decades) Ticks(least, most float64) (ticks []plot.Tick) {
	for e := math.Floor(math.Log10(least)); e <= math.Log10(most); e++ {
		for _, m := range []float64{1, 2, 5} {
			if v := m * math.Pow(10, e); v >= least*0.999 && v <= most*1.001 {
				ticks = append(ticks, plot.Tick{Value: v, Label: strconv.FormatFloat(v, 'f', -1, 64)})
			}
		}
	}
	return ticks
}

// every marks the multiples of a step.
type every float64

// Ticks implements plot.Ticker.
func (step every) Ticks(least, most float64) (ticks []plot.Tick) {
	for i := math.Ceil(least / float64(step)); i*float64(step) <= most; i++ {
		v := i * float64(step)
		ticks = append(ticks, plot.Tick{Value: v, Label: strconv.FormatFloat(v, 'f', -1, 64)})
	}
	return ticks
}
