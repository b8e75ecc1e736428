package net

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// CSVLog returns a Callback that writes a line of comma-separated values to w
// after each epoch, below one with their names:
//
//	epoch,loss,accuracy,val_loss,val_accuracy,learning_rate
//
// and NAME_loss,NAME_accuracy,val_NAME_loss,val_NAME_accuracy for each output
// of a model that has several. Values of validation are empty where there is
// none. Numbers are the shortest that give the value back. Fit goes on from a
// checkpoint with the lines of the epochs before it, so that w should begin
// empty.
func CSVLog(w io.Writer) Callback { return &epochLog{w: w, header: csvHeader, line: csvLine} }

// JSONLog returns a Callback that writes one JSON object to w after each
// epoch, each on a line of its own (JSON Lines):
//
//	{"epoch":1,"loss":0.52,"accuracy":0.81,"val_loss":0.41,"val_accuracy":0.85,"learning_rate":0.001}
//
// Values of validation are left out where there is none, and numbers that JSON
// does not have are null. See CSVLog for the rest.
func JSONLog(w io.Writer) Callback { return &epochLog{w: w, line: jsonLine} }

type epochLog struct {
	w      io.Writer
	header func([]OutputMetrics) string // or nil
	line   func(Progress) string
}

func (l *epochLog) OnBegin(m *Model) error {
	if l.header != nil {
		if _, err := io.WriteString(l.w, l.header(m.outputMetrics())); err != nil {
			return fmt.Errorf("net: log: %w", err)
		}
	}
	for _, p := range m.History() {
		if err := l.OnEpoch(p); err != nil {
			return err
		}
	}
	return nil
}

func (l *epochLog) OnBatch(Progress) error { return nil }

func (l *epochLog) OnEpoch(p Progress) error {
	if _, err := io.WriteString(l.w, l.line(p)); err != nil {
		return fmt.Errorf("net: log: %w", err)
	}
	return nil
}

func (l *epochLog) OnEnd() error { return nil }

func shortest(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// A logged number has no value where there is no validation.
type logged struct {
	name  string
	value float64
	none  bool
}

// logged returns the numbers of an epoch.
func (p Progress) logged() []logged {
	n := []logged{
		{"loss", p.Loss, false}, {"accuracy", p.Accuracy, false},
		{"val_loss", p.ValidationLoss, !p.Validated}, {"val_accuracy", p.ValidationAccuracy, !p.Validated},
		{"learning_rate", p.LearningRate, false},
	}
	for _, o := range p.Outputs {
		n = append(n,
			logged{o.Name + "_loss", o.Loss, false}, logged{o.Name + "_accuracy", o.Accuracy, false},
			logged{"val_" + o.Name + "_loss", o.ValidationLoss, !p.Validated},
			logged{"val_" + o.Name + "_accuracy", o.ValidationAccuracy, !p.Validated})
	}
	return n
}

func csvHeader(outputs []OutputMetrics) string {
	fields := []string{"epoch"}
	for _, n := range (Progress{Outputs: outputs}).logged() {
		if strings.ContainsAny(n.name, "\",\r\n") {
			n.name = `"` + strings.ReplaceAll(n.name, `"`, `""`) + `"`
		}
		fields = append(fields, n.name)
	}
	return strings.Join(fields, ",") + "\n"
}

func csvLine(p Progress) string {
	fields := []string{strconv.Itoa(p.Epoch)}
	for _, n := range p.logged() {
		v := ""
		if !n.none {
			v = shortest(n.value)
		}
		fields = append(fields, v)
	}
	return strings.Join(fields, ",") + "\n"
}

func jsonLine(p Progress) string {
	var b strings.Builder
	fmt.Fprintf(&b, `{"epoch":%d`, p.Epoch)
	for _, n := range p.logged() {
		if n.none {
			continue
		}
		name, _ := json.Marshal(n.name) // a string has no error
		v := "null"
		if !math.IsNaN(n.value) && !math.IsInf(n.value, 0) {
			v = shortest(n.value)
		}
		fmt.Fprintf(&b, ",%s:%s", name, v)
	}
	return b.String() + "}\n"
}
