package net

import (
	"fmt"
	"io"
	"math"
	"strconv"
)

// CSVLog returns a Callback that writes a line of comma-separated values to w
// after each epoch, below one with their names:
//
//	epoch,loss,accuracy,val_loss,val_accuracy,learning_rate
//
// Values of validation are empty where there is none. Numbers are the shortest
// that give the value back. Fit goes on from a checkpoint with the lines of
// the epochs before it, so that w should begin empty.
func CSVLog(w io.Writer) Callback {
	return &epochLog{w: w, header: "epoch,loss,accuracy,val_loss,val_accuracy,learning_rate\n", line: csvLine}
}

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
	header string
	line   func(Progress) string
}

func (l *epochLog) OnBegin(m *Model) error {
	if _, err := io.WriteString(l.w, l.header); err != nil {
		return fmt.Errorf("net: log: %w", err)
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

func csvLine(p Progress) string {
	validation := ","
	if p.Validated {
		validation = shortest(p.ValidationLoss) + "," + shortest(p.ValidationAccuracy)
	}
	return fmt.Sprintf("%d,%s,%s,%s,%s\n", p.Epoch, shortest(p.Loss), shortest(p.Accuracy), validation, shortest(p.LearningRate))
}

func jsonLine(p Progress) string {
	number := func(v float64) string {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return "null"
		}
		return shortest(v)
	}
	validation := ""
	if p.Validated {
		validation = fmt.Sprintf(`,"val_loss":%s,"val_accuracy":%s`, number(p.ValidationLoss), number(p.ValidationAccuracy))
	}
	return fmt.Sprintf(`{"epoch":%d,"loss":%s,"accuracy":%s%s,"learning_rate":%s}`+"\n",
		p.Epoch, number(p.Loss), number(p.Accuracy), validation, number(p.LearningRate))
}
