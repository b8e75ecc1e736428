package kerneltest

import (
	"fmt"
	"strings"
	"testing"
)

// A fakeTB records failures instead of failing.
type fakeTB struct {
	testing.TB
	failures []string
	cleanups []func()
}

func (f *fakeTB) Helper() {}

func (f *fakeTB) Errorf(format string, args ...any) {
	f.failures = append(f.failures, fmt.Sprintf(format, args...))
}

func (f *fakeTB) Cleanup(c func()) { f.cleanups = append(f.cleanups, c) }

// finish ends the fake test.
func (f *fakeTB) finish() {
	for _, c := range f.cleanups {
		c()
	}
}

// check fails t unless the fake test failed just once with a message that
// contains all of want, or passed if want is empty.
func (f *fakeTB) check(t *testing.T, want ...string) {
	t.Helper()
	if len(want) == 0 {
		if len(f.failures) > 0 {
			t.Errorf("failed with %q, want a pass", f.failures)
		}
		return
	}
	if len(f.failures) != 1 {
		t.Errorf("failed with %q, want one failure", f.failures)
		return
	}
	for _, w := range want {
		if !strings.Contains(f.failures[0], w) {
			t.Errorf("failed with %q, want %q in it", f.failures[0], w)
		}
	}
}
