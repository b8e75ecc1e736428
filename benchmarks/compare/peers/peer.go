package peers

import (
	"errors"
	"fmt"

	"github.com/simdconv/simdconv/benchmarks/suite"
	"github.com/simdconv/simdconv/kernels"
)

// A Peer is another library. Its package registers nothing: whoever measures
// lists the peers.
type Peer struct {
	Name    string // the impl of its rows
	Tag     string // the build tag that compiles it in, or ""
	Install string // one line that gets it
	File    string // the shared library it loads unless told otherwise, or ""
	// Open loads the library from a file, held to a tier. It is called once. The
	// error is [ErrNotBuilt] without the build tag.
	Open func(t kernels.Tier, file string) (Library, error)
}

// ErrNotBuilt is why a peer cannot be opened without its build tag.
var ErrNotBuilt = errors.New("not built in")

// A TierError is why a peer that may well be here is left out: it has no setting
// for the tier.
type TierError struct {
	Tier kernels.Tier
	Has  string // what it has
}

func (e *TierError) Error() string {
	return fmt.Sprintf("cannot be held to tier %v: it has %s", e.Tier, e.Has)
}

// A Library is a peer that is ready to run.
type Library interface {
	// About returns its version, its settings and why, for the header.
	About() string
}

// A Convolver is a library that convolves.
type Convolver interface {
	Library
	// Algorithms returns what it offers for a row's layer and pass: direct on
	// NHWC, auto for its best setting.
	Algorithms(r suite.Conv) []string
	// Conv prepares a row on operands of its own, filled from o. It returns a
	// [suite.Refusal] if the library cannot do the row.
	Conv(r suite.Conv, o *suite.Operands) (Run, error)
}

// A Multiplier is a library that multiplies matrices.
type Multiplier interface {
	Library
	// Gemm prepares a row's product c = a*b. It returns a [suite.Refusal] if the
	// library cannot do the row.
	Gemm(r suite.Gemm, a, b, c []float32) (Run, error)
}

// A Streamer is a library that has operations which memory bounds.
type Streamer interface {
	Library
	// Memory prepares a row, which reads in and leaves its results in out, once
	// [Run.Result] was called. It returns a [suite.Refusal] if the library cannot do
	// the row.
	Memory(r suite.Memory, in, out [][]float32) (Run, error)
}

// A Run is one row, ready to be timed. All its functions are called on the
// same operating-system thread. Only Call must be there.
type Run struct {
	Call   func() error              // what is timed
	Result func() ([]float32, error) // of the last call, NHWC or HWIO; nil of a [Streamer]
	Begin  func() (end func())       // around a turn: settings of the whole process
	Close  func()                    // gives back what the run holds
	Kernel string                    // the library's name of what it runs
}

func (r Run) begin() func() {
	if r.Begin == nil {
		return func() {}
	}
	return r.Begin()
}

func (r Run) close() {
	if r.Close != nil {
		r.Close()
	}
}

// missing returns an error that says how to get a peer.
func (p Peer) missing(cause error) error {
	var tier *TierError
	switch {
	case errors.As(cause, &tier):
		return fmt.Errorf("%s: %w", p.Name, cause)
	case errors.Is(cause, ErrNotBuilt) && !hasCgo:
		return fmt.Errorf("%s: %w: cgo is off, as it is where Go finds no C compiler (apt-get install gcc) or CGO_ENABLED is 0; build with -tags=%s; to install: %s", p.Name, cause, p.Tag, p.Install)
	case errors.Is(cause, ErrNotBuilt):
		return fmt.Errorf("%s: %w: build with -tags=%s; to install: %s", p.Name, cause, p.Tag, p.Install)
	}
	return fmt.Errorf("%s: %w; to install: %s", p.Name, cause, p.Install)
}
