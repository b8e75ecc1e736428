package peers

import (
	"runtime"
	"sync"
)

// A thread runs functions one after the other on one operating-system thread.
// OpenMP keeps a pool of workers for each thread that calls it, and lets them spin
// between calls only while there are no more of them than processors.
type thread chan func()

// libraries is the thread that all libraries are called on.
var libraries = sync.OnceValue(func() thread {
	t := make(thread)
	go func() {
		runtime.LockOSThread()
		for f := range t {
			f()
		}
	}()
	return t
})

// do runs f and waits for it.
func (t thread) do(f func()) {
	done := make(chan struct{})
	t <- func() {
		defer close(done)
		f()
	}
	<-done
}
