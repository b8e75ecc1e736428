package report

import (
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"time"

	"github.com/klauspost/cpuid/v2"

	"github.com/simdconv/simdconv/kernels"
)

// noise is what brand names say besides the brand.
var noise = regexp.MustCompile(`\((r|tm)\)|@.*$|\bcpu\b|\bprocessor\b|\b\d+-core\b`)

// slug returns the folder of a machine's results, such as
// amd-epyc-zen4-family25-model17-avx512.
func slug(c cpuid.CPUInfo, tier kernels.Tier) string {
	words := strings.Fields(noise.ReplaceAllString(strings.ToLower(c.BrandName), " "))
	if len(words) == 0 {
		words = []string{runtime.GOARCH}
	}
	if zen := generation(c); zen != "" {
		words = append(words, zen)
	}
	words = append(words, fmt.Sprintf("family%d", c.Family), fmt.Sprintf("model%d", c.Model), tier.String())
	return regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.Join(words, "-"), "-")
}

// generation returns AMD's name of a core, or "": families 25 and 26 have more
// than one (AMD, "Processor Programming Reference").
func generation(c cpuid.CPUInfo) string {
	if c.VendorID != cpuid.AMD {
		return ""
	}
	switch high := c.Model >> 4; {
	case c.Family == 23 && high >= 3:
		return "zen2"
	case c.Family == 25 && (high == 1 || high == 6 || high == 7 || high == 0xa):
		return "zen4"
	case c.Family == 25:
		return "zen3"
	case c.Family == 26:
		return "zen5"
	}
	return ""
}

// header returns the lines that begin a file of results: the command, when and on
// what it ran. They are keys of Go's benchmark format.
func header(ctx context.Context, root, command string) string {
	c := cpuid.CPU
	var b strings.Builder
	line := func(key, format string, args ...any) {
		fmt.Fprintf(&b, "%s: %s\n", key, fmt.Sprintf(format, args...))
	}
	line("command", "%s", command)
	line("date", "%s", time.Now().UTC().Format("2006-01-02 15:04"))
	line("commit", "%s", commit(ctx, root))
	line("machine", "%s, family %d, model %d, stepping %d", c.BrandName, c.Family, c.Model, c.Stepping)
	line("cores", "%d", runtime.NumCPU())
	line("caches", "L1 %s, L2 %s, L3 %s", kib(c.Cache.L1D), kib(c.Cache.L2), kib(c.Cache.L3))
	line("toolchain", "%s", runtime.Version())
	return b.String()
}

func kib(bytes int) string {
	if bytes < 0 {
		return "unknown"
	}
	return fmt.Sprintf("%d KiB", bytes>>10)
}

// commit returns what was measured, and says if files other than those of the
// report differ from it.
func commit(ctx context.Context, root string) string {
	git := func(args ...string) (string, error) {
		out, err := exec.CommandContext(ctx, "git", append([]string{"-C", root}, args...)...).Output()
		return strings.TrimSpace(string(out)), err
	}
	head, err := git("rev-parse", "--short=12", "HEAD")
	if err != nil {
		return "unknown"
	}
	changed, err := git("status", "--porcelain", "--", ".", ":!"+resultsFolder, ":!README.md")
	if err != nil || changed != "" {
		return head + ", changed since"
	}
	return head
}
