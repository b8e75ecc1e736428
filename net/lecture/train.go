package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/simdconv/simdconv/net"
)

// A training is how one run of the command train was asked for.
type training struct {
	choice
	data                   string
	epochs, batch, threads int
	rate                   float64 // 0: the optimizer's default
	seed                   uint64
	optimizer              string
	validation             float64 // share of the training images
	weights, from          string  // files, or empty
	resume                 bool

	out      io.Writer
	terminal bool
	now      func() time.Time
}

// optimizers are the values of -optimizer.
var optimizers = []struct {
	name string
	make func(rate float64) net.Optimizer
}{
	{"sgd", func(r float64) net.Optimizer { return net.SGD{LearningRate: r, Momentum: 0.9} }},
	{"nesterov", func(r float64) net.Optimizer { return net.SGD{LearningRate: r, Momentum: 0.9, Nesterov: true} }},
	{"adam", func(r float64) net.Optimizer { return net.Adam{LearningRate: r} }},
	{"rmsprop", func(r float64) net.Optimizer { return net.RMSprop{LearningRate: r} }},
	{"adamw", func(r float64) net.Optimizer { return net.AdamW{LearningRate: r} }},
}

// train is the command train.
func train(ctx context.Context, flags *flag.FlagSet, args []string, stdout io.Writer) error {
	t := training{out: stdout, terminal: isTerminal(stdout), now: time.Now}
	t.define(flags)
	dataVar(flags, &t.data)
	flags.IntVar(&t.epochs, "epochs", 6, "times to see every training image")
	batchVar(flags, &t.batch)
	flags.Float64Var(&t.rate, "rate", 0, "learning rate; 0 means 0.01 for sgd and nesterov, 0.001 for the others")
	threadsVar(flags, &t.threads)
	flags.Uint64Var(&t.seed, "seed", 1, "of the first weights, dropout and shuffling")
	flags.StringVar(&t.optimizer, "optimizer", "adam", "sgd or nesterov (both with momentum 0.9), adam, rmsprop or adamw")
	flags.Float64Var(&t.validation, "validation", 0, "share of the training images, from their end, that is kept to validate with")
	flags.StringVar(&t.weights, "weights", "", "keep the weights in this safetensors `file`, written anew after each epoch")
	flags.StringVar(&t.from, "from", "", "begin with the weights of this `file`")
	flags.BoolVar(&t.resume, "resume", false, "begin with the weights of the -weights file")
	if _, err := parse(flags, args, 0); err != nil {
		return err
	}
	if err := t.check(); err != nil {
		return err
	}
	from, err := openStore(t.data)
	if err != nil {
		return err
	}
	images, err := from.load("train")
	if err != nil {
		return err
	}
	test, err := from.load("t10k")
	if err != nil {
		return err
	}
	return t.run(ctx, images, test)
}

// check reports the first flag with a value that makes no sense.
func (t *training) check() error {
	err := firstError(t.choice.check(), atLeast(1, "epochs", t.epochs, ""), checkBatch(t.batch), checkThreads(t.threads))
	switch {
	case err != nil:
		return err
	case !(t.rate >= 0) || math.IsInf(t.rate, 0):
		return usagef("-rate is %v, want a positive number, or 0 for the default", t.rate)
	case t.newOptimizer() == nil:
		var names []string
		for _, o := range optimizers {
			names = append(names, o.name)
		}
		return usagef("-optimizer is %q, want %s", t.optimizer, strings.Join(names, ", "))
	case !(t.validation >= 0 && t.validation < 1):
		return usagef("-validation is %v, want at least 0 and below 1", t.validation)
	case t.resume && t.weights == "":
		return usagef("-resume without -weights, which says what to go on from")
	case t.resume && t.from != "":
		return usagef("both -resume and -from, want one of them")
	}
	return nil
}

func (t *training) newOptimizer() net.Optimizer {
	for _, o := range optimizers {
		if o.name == t.optimizer {
			return o.make(t.rate)
		}
	}
	return nil
}

// split takes the validation images from the end, as Keras does.
func (t *training) split(images *imageSet) (train, validation *imageSet, err error) {
	n := images.len()
	at := int(float64(n) * (1 - t.validation))
	if t.validation == 0 {
		return images, nil, nil
	}
	if at == 0 || at == n {
		return nil, nil, fmt.Errorf("-validation %v of %d images leaves %d to train on and %d to validate with, want some of both", t.validation, n, at, n-at)
	}
	return images.slice(0, at), images.slice(at, n), nil
}

// begin returns the model to train, compiled, with its first weights.
func (t *training) begin(batch int) (*net.Model, error) {
	if t.weights != "" {
		if err := writable(t.weights); err != nil {
			return nil, err
		}
	}
	model, err := t.build()
	if err != nil {
		return nil, err
	}
	from := t.from
	if t.resume {
		from = t.weights
	}
	if from != "" {
		if err := model.LoadWeights(from); err != nil {
			return nil, err
		}
	}
	return model, model.Compile(t.newOptimizer(), net.SparseCategoricalCrossentropy{},
		net.Options{Batch: batch, Seed: t.seed, Threads: t.threads})
}

// writable reports, before hours of training, that a file could not be saved.
func writable(path string) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a regular file", path)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".lecture-*.tmp")
	if err != nil {
		return err
	}
	return firstError(f.Close(), os.Remove(f.Name()))
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
