package main

import (
	"context"
	"flag"
	"fmt"
	"io"

	"github.com/simdconv/simdconv/net"
)

// summary is the command summary.
func summary(_ context.Context, flags *flag.FlagSet, args []string, stdout io.Writer) error {
	var c choice
	var batch int
	c.define(flags)
	batchVar(flags, &batch)
	if _, err := parse(flags, args, 0); err != nil {
		return err
	}
	if err := firstError(c.check(), checkBatch(batch)); err != nil {
		return err
	}
	model, err := c.build()
	if err != nil {
		return err
	}
	training, err := model.Memory(batch, true)
	if err != nil {
		return err
	}
	inference, err := model.Memory(batch, false)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%s Peak memory of a batch of %d: training %s, inference %s\n",
		model.Summary(), batch, taken(training), taken(inference))
	return err
}

// taken says how much memory a plan takes, and how much buffers without a plan.
func taken(m net.Memory) string {
	const mega = 1 << 20
	return fmt.Sprintf("%.1f MB (%.1f MB if no buffer were used twice)", float64(m.Peak)/mega, float64(m.Naive)/mega)
}
