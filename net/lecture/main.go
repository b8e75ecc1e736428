package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := interruptible()
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// interruptible returns a context that the first Ctrl-C ends, or the first
// SIGTERM. The second one finds the signals as they were before, and ends the
// process.
func interruptible() (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// Exit codes other than 0: what was asked for failed, could not be understood,
// or was interrupted.
const (
	exitFailure     = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// errInterrupted is how a command ends that was told to by a signal.
var errInterrupted = errors.New("interrupted")

// A usageError is a command line that makes no sense.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

// A command is one thing the program can do. Its run function defines its
// flags, parses the arguments behind the command's name and does it.
type command struct {
	name, arguments, about string
	run                    func(ctx context.Context, flags *flag.FlagSet, args []string, stdout io.Writer) error
}

var commands = []command{
	{"train", "", "train a network and print its test accuracy", train},
	{"evaluate", "", "print how well trained weights do on the test images, class by class", evaluate},
	{"predict", "FILE", "print what trained weights see in a PNG or JPEG image", predict},
	{"classify", "FILE", "print what a network trained on ImageNet sees in a PNG or JPEG image", classify},
	{"slides", "", "calculate the examples of the slides: filters, bias, padding, striding, pooling, channels", showSlides},
	{"filters", "FILE", "draw what convolutions with kernels set by hand make of an image", showFilters},
	{"featuremaps", "FILE", "draw what every layer of a trained network sees in an image", featuremaps},
	{"gradients", "", "draw how gradients vanish with depth, and do not around shortcuts", gradients},
	{"fcn-vs-cnn", "", "train a fully connected and convolutional networks on the same images", compare},
	{"summary", "", "print a network's layers", summary},
}

// run is the program without its process: it returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		usage(stderr)
		return exitUsage
	}
	for _, c := range commands {
		if args[0] == c.name {
			return c.exit(ctx, args[1:], stdout, stderr)
		}
	}
	if help := strings.TrimLeft(args[0], "-"); help == "help" || help == "h" {
		usage(stdout)
		return 0
	}
	fmt.Fprintf(stderr, "lecture: unknown command %q\n\n", args[0])
	usage(stderr)
	return exitUsage
}

func usage(w io.Writer) {
	fmt.Fprintf(w, "usage: lecture command [flags]\n\ncommands:\n")
	for _, c := range commands {
		fmt.Fprintf(w, "  %-11s %s\n", c.name, c.about)
	}
	fmt.Fprintf(w, "\nlecture command -h lists the flags of a command.\n")
}

// exit runs the command and makes an exit code of its error, which it reports.
func (c command) exit(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("lecture "+c.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard) // Parse would report its errors on its own
	help := func(w io.Writer) {
		fmt.Fprintf(w, "usage: %s\n", strings.TrimSpace(flags.Name()+" [flags] "+c.arguments))
		flags.SetOutput(w)
		flags.PrintDefaults()
	}
	err := c.run(ctx, flags, args, stdout)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, flag.ErrHelp):
		help(stdout)
		return 0
	case errors.Is(err, errInterrupted):
		fmt.Fprintf(stderr, "%s: %v\n", flags.Name(), err)
		return exitInterrupted
	}
	fmt.Fprintf(stderr, "%s: %v\n", flags.Name(), err)
	if errors.As(err, new(usageError)) {
		help(stderr)
		return exitUsage
	}
	return exitFailure
}
