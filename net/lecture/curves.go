package main

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"github.com/simdconv/simdconv/net"
)

// A curves is a callback that draws loss and accuracy after each epoch.
type curves struct {
	path   string
	epochs []net.Progress
}

// OnBegin draws the epochs before a checkpoint, which may be all.
func (c *curves) OnBegin(m *net.Model) error {
	if c.epochs = m.History(); len(c.epochs) == 0 {
		return nil
	}
	return c.draw()
}

// OnBatch does nothing.
func (c *curves) OnBatch(net.Progress) error { return nil }

// OnEpoch draws the curves anew.
func (c *curves) OnEpoch(p net.Progress) error {
	c.epochs = append(c.epochs, p)
	return c.draw()
}

func (c *curves) draw() error {
	loss, err := c.diagram("Loss", func(p net.Progress) (train, validation float64) { return p.Loss, p.ValidationLoss })
	if err != nil {
		return err
	}
	loss.Y.Min = 0
	accuracy, err := c.diagram("Accuracy", func(p net.Progress) (train, validation float64) { return p.Accuracy, p.ValidationAccuracy })
	if err != nil {
		return err
	}
	accuracy.Y.Max = 1
	accuracy.Legend.Top = false // above a curve that rises there is no room
	return save(c.path, 5*vg.Inch, 3.6*vg.Inch, loss, accuracy)
}

// OnEnd does nothing.
func (c *curves) OnEnd() error { return nil }

// diagram draws what of returns for each epoch. A plot has no place for values
// that are no numbers.
func (c *curves) diagram(title string, of func(net.Progress) (train, validation float64)) (*plot.Plot, error) {
	train, validation := series{name: "training", color: blue}, series{name: "validation", color: orange}
	add := func(s *series, p net.Progress, v float64) {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			s.points = append(s.points, plotter.XY{X: float64(p.Epoch), Y: v})
		}
	}
	for _, p := range c.epochs {
		t, v := of(p)
		add(&train, p, t)
		if p.Validated {
			add(&validation, p, v)
		}
	}
	lines := []series{train}
	if len(validation.points) > 0 {
		lines = append(lines, validation)
	}
	d, err := diagram(title, "epoch", "", lines...)
	if err != nil {
		return nil, err
	}
	d.X.Tick.Marker = wholeTicks{}
	return d, nil
}
