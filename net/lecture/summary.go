package main

import (
	"context"
	"flag"
	"io"
)

// summary is the command summary.
func summary(_ context.Context, flags *flag.FlagSet, args []string, stdout io.Writer) error {
	var c choice
	c.define(flags)
	if _, err := parse(flags, args, 0); err != nil {
		return err
	}
	if err := c.check(); err != nil {
		return err
	}
	model, err := c.build()
	if err != nil {
		return err
	}
	_, err = io.WriteString(stdout, model.Summary())
	return err
}
