package kerneltest

import (
	"math"
	"runtime/debug"
	"strings"
	"testing"
	"unsafe"
)

// faults reports whether f ends in a memory fault.
func faults(f func()) (fault bool) {
	done := make(chan bool)
	go func() {
		// The setting belongs to this goroutine.
		debug.SetPanicOnFault(true)
		defer func() {
			err, ok := recover().(error)
			done <- ok && strings.Contains(err.Error(), "address")
		}()
		f()
	}()
	return <-done
}

// sink keeps the compiler from dropping loads.
var sink byte

// at returns the address offset bytes after the start of a guarded buffer. Such
// memory is not Go's, which is why this is allowed.
func at(start unsafe.Pointer, offset int) *byte {
	return (*byte)(unsafe.Add(start, offset))
}

func TestGuardedFaults(t *testing.T) {
	if !guardsFault {
		t.Skip("no guard pages on this system")
	}
	for _, n := range []int{0, 1, 5, 1023, 1024, 1025, 5000} {
		for _, atEnd := range []bool{true, false} {
			s := Guarded(t, n, atEnd)
			start, past := unsafe.Pointer(unsafe.SliceData(s)), -1
			if atEnd {
				past = 4 * n
			}
			if !faults(func() { sink = *at(start, past) }) {
				t.Errorf("n=%d atEnd=%v: reading past the edge did not fault", n, atEnd)
			}
			if !faults(func() { *at(start, past) = 1 }) {
				t.Errorf("n=%d atEnd=%v: writing past the edge did not fault", n, atEnd)
			}
			if faults(func() {
				for i := range s {
					s[i]++
				}
			}) {
				t.Errorf("n=%d atEnd=%v: using the slice faulted", n, atEnd)
			}
		}
	}
	b := GuardedBytes(t, 3, true)
	if !faults(func() { sink = *at(unsafe.Pointer(&b[0]), 3) }) {
		t.Error("reading past guarded bytes did not fault")
	}
}

func TestGuardedSlices(t *testing.T) {
	for _, n := range []int{0, 1, 7, 4096, 4097} {
		for _, atEnd := range []bool{true, false} {
			s, b := Guarded(t, n, atEnd), GuardedBytes(t, n, atEnd)
			if len(s) != n || cap(s) != n || len(b) != n || cap(b) != n {
				t.Errorf("n=%d atEnd=%v: lengths %d and %d, capacities %d and %d", n, atEnd, len(s), len(b), cap(s), cap(b))
			}
			for i := range s {
				if s[i] != 0 || b[i] != 0 {
					t.Fatalf("n=%d atEnd=%v: [%d] = %v, %d, want 0", n, atEnd, i, s[i], b[i])
				}
				s[i], b[i] = 1, 1
			}
		}
	}
}

func TestGuardedFindsStrayWrites(t *testing.T) {
	if !guardsFault {
		t.Skip("no guard pages on this system")
	}
	for _, atEnd := range []bool{true, false} {
		fake := &fakeTB{}
		s := Guarded(fake, 5, atEnd)
		start, stray := unsafe.Pointer(&s[0]), 4*len(s)
		if atEnd {
			stray = -1
		}
		*at(start, stray) = 1
		fake.finish()
		fake.check(t, "stray write")

		fake = &fakeTB{}
		Guarded(fake, 5, atEnd)[4] = 1
		fake.finish()
		fake.check(t)
	}
}

func TestCanary(t *testing.T) {
	const n = 3
	fake := &fakeTB{}
	s, check := Canary(fake, n)
	if len(s) != n || cap(s) != n {
		t.Fatalf("length %d, capacity %d, want %d", len(s), cap(s), n)
	}
	for i := range s {
		if s[i] == s[i] {
			t.Errorf("[%d] = %v, want NaN", i, s[i])
		}
		s[i] = 0
	}
	check()
	fake.check(t)
}

func TestCanaryFindsStrayWrites(t *testing.T) {
	const n = 3
	for _, c := range []struct {
		index int
		where string
	}{
		{-canaryMargin, "index -256"},
		{-1, "index -1"},
		{n, "index 3"},
		{n + canaryMargin - 1, "index 258"},
	} {
		for _, v := range []float32{0, float32(math.NaN())} {
			fake := &fakeTB{}
			s, check := Canary(fake, n)
			// The neighbours belong to the same array.
			*(*float32)(unsafe.Add(unsafe.Pointer(&s[0]), 4*c.index)) = v
			check()
			fake.check(t, c.where, "length 3")
		}
	}
}
