package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
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
	images                 int     // the first of the training images; 0: all
	validation             float64 // share of them
	weights, from          string  // files, or empty
	resume                 bool
	schedule               string
	patience               int
	checkpoint             string // files, or empty
	checkpointSteps        int
	log, curves            string

	out      io.Writer
	terminal bool
	now      func() time.Time
}

// optimizers are the values of -optimizer.
var optimizers = []struct {
	name string
	make func(rate float64, s net.Schedule) net.Optimizer
}{
	{"sgd", func(r float64, s net.Schedule) net.Optimizer {
		return net.SGD{LearningRate: r, Schedule: s, Momentum: 0.9}
	}},
	{"nesterov", func(r float64, s net.Schedule) net.Optimizer {
		return net.SGD{LearningRate: r, Schedule: s, Momentum: 0.9, Nesterov: true}
	}},
	{"adam", func(r float64, s net.Schedule) net.Optimizer {
		return net.Adam{LearningRate: r, Schedule: s}
	}},
	{"rmsprop", func(r float64, s net.Schedule) net.Optimizer {
		return net.RMSprop{LearningRate: r, Schedule: s}
	}},
	{"adamw", func(r float64, s net.Schedule) net.Optimizer {
		return net.AdamW{LearningRate: r, Schedule: s}
	}},
}

// train is the command train.
func train(ctx context.Context, flags *flag.FlagSet, args []string, stdout io.Writer) error {
	t := training{out: stdout, terminal: isTerminal(stdout), now: time.Now}
	t.define(flags)
	dataVar(flags, &t.data)
	flags.IntVar(&t.epochs, "epochs", 6, "times to see every training image")
	flags.IntVar(&t.images, "images", 0, "train on so many images, the first of the set; 0 means all")
	batchVar(flags, &t.batch)
	flags.Float64Var(&t.rate, "rate", 0, "learning rate; 0 means 0.01 for sgd and nesterov, 0.001 for the others")
	threadsVar(flags, &t.threads)
	flags.Uint64Var(&t.seed, "seed", 1, "of the first weights, dropout and shuffling")
	flags.StringVar(&t.optimizer, "optimizer", "adam", "sgd or nesterov (both with momentum 0.9), adam, rmsprop or adamw")
	flags.Float64Var(&t.validation, "validation", 0, "share of the training images, from their end, that is kept to validate with")
	flags.StringVar(&t.weights, "weights", "", "keep the weights in this safetensors `file`, written anew after each epoch")
	flags.StringVar(&t.from, "from", "", "begin with the weights of this `file`")
	flags.StringVar(&t.schedule, "schedule", "constant", scheduleUsage)
	flags.IntVar(&t.patience, "patience", 0, "stop after so many epochs in a row that do not validate better, with the weights\nof the best one; 0 means never")
	flags.StringVar(&t.checkpoint, "checkpoint", "", "keep all that training goes on from in this `file`, written anew after each epoch")
	flags.IntVar(&t.checkpointSteps, "checkpoint-steps", 0, "write the -checkpoint file after so many steps of an epoch, too; 0 means not")
	flags.BoolVar(&t.resume, "resume", false, "go on from the -checkpoint file, to the bit, or begin with the weights of the -weights file")
	flags.StringVar(&t.log, "log", "", "write a line for each epoch to this `file`: values in .csv, an object in .jsonl")
	flags.StringVar(&t.curves, "curves", "", "draw loss and accuracy, epoch by epoch, in this .png or .svg `file`")
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
	if t.images > images.len() {
		return usagef("-images is %d, want at most the %d of -data %s", t.images, images.len(), t.data)
	}
	if t.images > 0 {
		images = images.slice(0, t.images)
	}
	test, err := from.load("t10k")
	if err != nil {
		return err
	}
	return t.run(ctx, images, test)
}

// check reports the first flag with a value that makes no sense.
func (t *training) check() error {
	err := firstError(t.choice.check(), atLeast(1, "epochs", t.epochs, ""), atLeast(0, "images", t.images, ", or 0 for all"), checkBatch(t.batch), checkThreads(t.threads))
	switch {
	case err != nil:
		return err
	case !(t.rate >= 0) || math.IsInf(t.rate, 0):
		return usagef("-rate is %v, want a positive number, or 0 for the default", t.rate)
	case t.newOptimizer(0, nil) == nil:
		var names []string
		for _, o := range optimizers {
			names = append(names, o.name)
		}
		return usagef("-optimizer is %q, want %s", t.optimizer, strings.Join(names, ", "))
	case !(t.validation >= 0 && t.validation < 1):
		return usagef("-validation is %v, want at least 0 and below 1", t.validation)
	case !slices.Contains(scheduleNames(), t.schedule):
		return usagef("-schedule is %q, want %s", t.schedule, strings.Join(scheduleNames(), ", "))
	case t.patience < 0:
		return usagef("-patience is %d, want at least 1, or 0 for never", t.patience)
	case t.validation == 0 && (t.patience > 0 || t.schedule == "plateau"):
		return usagef("-patience and -schedule plateau look at validation images: give their share with -validation")
	case t.checkpointSteps < 0 || t.checkpointSteps > 0 && t.checkpoint == "":
		return usagef("-checkpoint-steps is %d, want at least 1 and a -checkpoint, or 0", t.checkpointSteps)
	case t.log != "" && logs[extension(t.log)] == nil:
		return usagef("-log is %q, want a name that ends in .csv or .jsonl", t.log)
	case t.curves != "" && !drawable(t.curves):
		return usagef("-curves is %q, want a name that ends in .png or .svg", t.curves)
	case t.resume && t.weights == "" && t.checkpoint == "":
		return usagef("-resume without -weights or -checkpoint, which say what to go on from")
	case t.resume && t.from != "":
		return usagef("both -resume and -from, want one of them")
	}
	return t.checkFiles()
}

// newOptimizer returns the optimizer of -optimizer, or nil.
func (t *training) newOptimizer(rate float64, s net.Schedule) net.Optimizer {
	for _, o := range optimizers {
		if o.name == t.optimizer {
			return o.make(rate, s)
		}
	}
	return nil
}

// planned returns the optimizer with its schedule for a number of images.
func (t *training) planned(batch, images int) net.Optimizer {
	opt := t.newOptimizer(t.rate, nil)
	rate, _ := opt.Rate(1)
	if s := t.newSchedule(rate, t.epochs*((images+batch-1)/batch)); s != nil {
		return t.newOptimizer(0, s)
	}
	return opt
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

// begin returns the model to train, compiled, with its first weights, or where
// a checkpoint left it.
func (t *training) begin(batch, images int) (*net.Model, error) {
	for _, path := range []string{t.weights, t.checkpoint, t.log, t.curves} {
		if path == "" {
			continue
		}
		if err := writable(path); err != nil {
			return nil, err
		}
	}
	model, err := t.build()
	if err != nil {
		return nil, err
	}
	from := t.from
	if t.resume && !t.goesOn() {
		from = t.weights
	}
	if from != "" {
		if err := model.LoadWeights(from); err != nil {
			return nil, err
		}
	}
	if err := checkRoom(model, batch, true, freeMemory()); err != nil {
		return nil, err
	}
	if err := model.Compile(t.planned(batch, images), net.SparseCategoricalCrossentropy{},
		net.Options{Batch: batch, Seed: t.seed, Threads: t.threads, LossWeights: t.lossWeights}); err != nil {
		return nil, err
	}
	if t.goesOn() {
		return model, model.LoadCheckpoint(t.checkpoint)
	}
	return model, nil
}

// goesOn reports whether training goes on from a checkpoint.
func (t *training) goesOn() bool { return t.resume && t.checkpoint != "" }

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
