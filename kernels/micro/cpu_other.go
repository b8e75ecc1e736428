//go:build !amd64

package micro

import "runtime"

// CPU names the processor: on other architectures than amd64 just that.
func CPU() string { return runtime.GOARCH }
