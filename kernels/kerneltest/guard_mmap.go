//go:build darwin || linux

package kerneltest

import (
	"os"
	"syscall"
	"testing"
	"unsafe"
)

// guardsFault says whether Guarded protects its buffers on this system.
const guardsFault = true

// slackByte fills the unused part of the pages between the guards.
const slackByte = 0xA5

// guarded returns size zeroed bytes that touch an inaccessible page.
func guarded(t testing.TB, size int, atEnd bool) unsafe.Pointer {
	t.Helper()
	page := os.Getpagesize()
	room := (size + page - 1) / page * page
	mem, err := syscall.Mmap(-1, 0, room+2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatalf("kerneltest: mmap of %d bytes: %v", room+2*page, err)
	}
	for _, guard := range [][]byte{mem[:page], mem[page+room:]} {
		if err := syscall.Mprotect(guard, syscall.PROT_NONE); err != nil {
			t.Fatalf("kerneltest: mprotect: %v", err)
		}
	}
	start := page
	slack := mem[page+size : page+room]
	if atEnd {
		start = page + room - size
		slack = mem[page:start]
	}
	for i := range slack {
		slack[i] = slackByte
	}
	t.Cleanup(func() {
		for i, b := range slack {
			if b != slackByte {
				t.Errorf("kerneltest: stray write at byte %d of the %d opposite the guarded edge", i, len(slack))
				break
			}
		}
		if err := syscall.Munmap(mem); err != nil {
			t.Errorf("kerneltest: munmap: %v", err)
		}
	})
	return unsafe.Pointer(&mem[start])
}
