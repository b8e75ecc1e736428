package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/simdconv/simdconv/net"
)

const barWidth = 20

// A progress shows one epoch as Keras does. On a terminal a bar moves while it
// lasts; a file or a pipe gets the closing line alone.
type progress struct {
	out   io.Writer
	steps int
	now   func() time.Time
	start time.Time
	bar   *progressbar.ProgressBar // nil: not a terminal
	width func() int               // of the terminal in characters

	first   int           // steps that were done before
	done    int           // steps
	elapsed time.Duration // at the last of them
	metrics string
}

// newProgress starts the clock of an epoch of the given number of steps.
func newProgress(out io.Writer, terminal bool, steps int, now func() time.Time) *progress {
	p := &progress{out: out, steps: steps, now: now, start: now(), width: func() int { return columns(out) }}
	if terminal {
		p.bar = progressbar.NewOptions(steps,
			progressbar.OptionSetWriter(out),
			progressbar.OptionSetWidth(barWidth),
			progressbar.OptionSetTheme(progressbar.Theme{Saucer: "━", SaucerPadding: "─"}),
			progressbar.OptionShowDescriptionAtLineEnd(),
			progressbar.OptionSetPredictTime(false),
			progressbar.OptionThrottle(100*time.Millisecond),
		)
	}
	return p
}

// step shows the means of loss and accuracy after step number done, from 1, and the
// loss of each output where there are several. The moving line has those that fit: a
// longer one would begin a new line of the terminal each time.
func (p *progress) step(done int, loss, accuracy float64, outputs ...net.OutputMetrics) error {
	p.done, p.elapsed = done, p.now().Sub(p.start)
	p.metrics = fmt.Sprintf("%s/step - accuracy: %.4f - loss: %.4f",
		stepTime(p.elapsed/time.Duration(done-p.first)), accuracy, loss)
	moving := fmt.Sprintf("%d/%d %s", done, p.steps, p.metrics)
	const others = 10 // characters beside a bar of none
	room := 0
	if p.bar != nil {
		room = p.width() - others - utf8.RuneCountInString(moving)
	}
	for _, o := range outputs {
		more := fmt.Sprintf(" - %s_loss: %.4f", o.Name, o.Loss)
		p.metrics += more
		if room -= utf8.RuneCountInString(more); room >= 0 {
			moving += more
		}
	}
	if p.bar == nil {
		return nil
	}
	p.bar.Describe(moving)
	return p.bar.Set(done)
}

// columns returns the width of a terminal, or what is as good as no bound.
func columns(w io.Writer) int {
	if f, ok := w.(*os.File); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
			return width
		}
	}
	return math.MaxInt32
}

// close ends the line after the last step. Validation may be nil.
func (p *progress) close(validation *score, outputs ...net.OutputMetrics) error {
	line := fmt.Sprintf("%d/%d %s %.0fs %s", p.steps, p.steps, strings.Repeat("━", barWidth), p.elapsed.Seconds(), p.metrics)
	if validation != nil {
		line += fmt.Sprintf(" - val_accuracy: %.4f - val_loss: %.4f", validation.accuracy, validation.loss)
		for _, o := range outputs {
			line += fmt.Sprintf(" - val_%s_loss: %.4f", o.Name, o.ValidationLoss)
		}
	}
	return p.end(line + "\n")
}

// abandon ends the line of an epoch that does not come to its end.
func (p *progress) abandon() error {
	if p.done == 0 {
		return p.end("")
	}
	return p.end(fmt.Sprintf("%d/%d %.0fs %s\n", p.done, p.steps, p.elapsed.Seconds(), p.metrics))
}

// end puts a text in the place of the bar.
func (p *progress) end(text string) error {
	if p.bar != nil {
		if err := p.bar.Clear(); err != nil {
			return err
		}
	}
	_, err := io.WriteString(p.out, text)
	return err
}

// stepTime rounds a duration to whole seconds, milliseconds or microseconds.
func stepTime(d time.Duration) string {
	switch s := d.Seconds(); {
	case s >= 1:
		return fmt.Sprintf("%.0fs", s)
	case math.Round(s*1e3) >= 1:
		return fmt.Sprintf("%.0fms", s*1e3)
	default:
		return fmt.Sprintf("%.0fus", s*1e6)
	}
}
