package net

import (
	"errors"
	"fmt"
)

// ErrStop, returned by a Callback, ends Fit early: Fit returns what it has
// done so far and no error.
var ErrStop = errors.New("net: stop training")

var (
	errEmptyShape  = errors.New("shape has no sizes, want at least one")
	errNotCompiled = errors.New("net: the model is not compiled: call Compile first")
	errNoTraining  = errors.New("net: the model was compiled without an optimizer and a loss: it can only predict")
	errRunning     = errors.New("net: Fit is running, and its callbacks can neither call it or Compile nor load a checkpoint")
	errAllFrozen   = errors.New("net: an optimizer for a model without trainable parameters")
	errNoLoss      = errors.New("net: the model was compiled without a loss: it can only predict")
)

func sizeError(s Shape) error {
	return fmt.Errorf("shape %v has a size below 1", s)
}

// layerError puts a layer's name before what went wrong in it.
func layerError(name string, err error) error {
	return fmt.Errorf("net: %s: %w", name, err)
}
