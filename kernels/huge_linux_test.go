package kernels_test

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"testing"
	"unsafe"

	"github.com/simdconv/simdconv/kernels"
)

// TestHugePages looks for the advice in the flags of the mapping.
func TestHugePages(t *testing.T) {
	if testing.Short() {
		t.Skip("emulators have other mappings")
	}
	if _, err := os.Stat("/sys/kernel/mm/transparent_hugepage"); err != nil {
		t.Skip(err)
	}
	s := kernels.AlignedFloats(8 << 20 / 4)
	maps, err := os.Open("/proc/self/smaps")
	if err != nil {
		t.Skip(err)
	}
	defer maps.Close()
	middle := uint64(uintptr(unsafe.Pointer(&s[len(s)/2])))
	inside := false
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		var from, to uint64
		if n, _ := fmt.Sscanf(lines.Text(), "%x-%x ", &from, &to); n == 2 {
			inside = from <= middle && middle < to
		}
		if flags, ok := strings.CutPrefix(lines.Text(), "VmFlags:"); ok && inside {
			if !strings.Contains(flags+" ", " hg ") {
				t.Errorf("8 MiB of floats are in a mapping with flags%s, want hg", flags)
			}
			return
		}
	}
	t.Skip("no flags of the mapping")
}
