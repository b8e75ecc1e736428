package main

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"

	"github.com/simdconv/simdconv/net"
)

// assumedRoom is the memory, in bytes, of systems that do not tell what is free.
const assumedRoom = 16 << 30

// freeMemory returns how many bytes a batch may take: three quarters of those that
// can be had without driving out others', as kernels need some room, too.
func freeMemory() int64 {
	b, err := os.ReadFile("/proc/meminfo") // Linux
	if err != nil {
		return assumedRoom
	}
	return parseMemory(string(b)) / 4 * 3
}

func parseMemory(meminfo string) int64 {
	for line := range strings.Lines(meminfo) {
		f := strings.Fields(line)
		if len(f) < 2 || f[0] != "MemAvailable:" {
			continue
		}
		if kib, err := strconv.ParseInt(f[1], 10, 64); err == nil && kib >= 0 && kib <= math.MaxInt64>>10 {
			return kib << 10
		}
	}
	return assumedRoom
}

// checkRoom reports a batch whose input and values, as the model plans them, do not
// fit into that many free bytes beside the weights.
func checkRoom(m *net.Model, batch int, train bool, free int64) error {
	needs := func(batch int) (int64, error) {
		size, err := m.Memory(batch, train)
		n := size.Peak + 8*int64(batch)*int64(m.InputShape().Len()) // one batch ahead
		if train {
			n += 16 * int64(m.Size()) // with gradients and what an optimizer remembers
		}
		return n, err
	}
	n, err := needs(batch)
	if err == nil && n <= free {
		return nil
	}
	if err != nil && batch == 1 {
		return err
	}
	fits, fails := 0, batch
	for fits+1 < fails {
		if n, err := needs((fits + fails) / 2); err == nil && n <= free {
			fits = (fits + fails) / 2
		} else {
			fails = (fits + fails) / 2
		}
	}
	if fits == 0 {
		return fmt.Errorf("a batch of one image takes more than the %s of memory that are free", gigabytes(free))
	}
	return usagef("-batch is %d, want at most %d: more take more than the %s of memory that are free", batch, fits, gigabytes(free))
}

func gigabytes(n int64) string { return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30)) }
