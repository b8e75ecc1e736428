package main

import (
	"context"
	"flag"
	"fmt"
	"io"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/net"
)

// evaluate is the command evaluate.
func evaluate(ctx context.Context, flags *flag.FlagSet, args []string, stdout io.Writer) error {
	var c choice
	var images, weights string
	var batch, threads int
	c.define(flags)
	dataVar(flags, &images)
	flags.StringVar(&weights, "weights", "", "the `file` with the trained weights (needed)")
	batchVar(flags, &batch)
	threadsVar(flags, &threads)
	if _, err := parse(flags, args, 0); err != nil {
		return err
	}
	if err := firstError(c.check(), needed("weights", weights), checkBatch(batch), checkThreads(threads)); err != nil {
		return err
	}
	tier, err := kernels.BestTier()
	if err != nil {
		return err
	}
	from, err := openStore(images)
	if err != nil {
		return err
	}
	test, err := from.load("t10k")
	if err != nil {
		return err
	}
	batch = min(batch, test.len())
	model, err := c.trained(weights, net.Options{Batch: batch, Threads: threads})
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(stdout, "%s: %s\n", c.header(model, tier), counted(test.len(), "test image")); err != nil {
		return err
	}
	s, err := measure(ctx, model, test, batch)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(stdout, "Test - accuracy: %.4f - loss: %.4f\n\n", s.accuracy, s.loss); err != nil {
		return err
	}
	return s.print(stdout, classNames(images))
}

// counted writes "1 image" or "2 images".
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// needed reports a flag that has no default and was not given.
func needed(name, value string) error {
	if value == "" {
		return usagef("-%s is needed", name)
	}
	return nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
