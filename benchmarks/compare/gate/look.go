package gate

import (
	"bytes"
	"context"
	"fmt"
	"slices"
)

// look samples both programs and prints benchstat's table of what it saw.
func (g *gate) look(ctx context.Context, p plan, folder string) ([]costs, error) {
	r, err := g.sample(ctx, p, folder)
	if err != nil {
		return nil, err
	}
	r.changed = g.changed
	if err := g.table(ctx, folder); err != nil {
		return nil, err
	}
	if _, baseOnly, headOnly := r.common(); baseOnly+headOnly > 0 {
		g.printf("%d benchmarks are at base alone, %d at head alone: not compared\n", baseOnly, headOnly)
	}
	all, notes, err := r.costs()
	for _, n := range notes {
		g.printf("%s\n", n)
	}
	if n := g.rule().blind(all); n > 0 {
		g.printf("%d of %d benchmarks were too noisy to suspect a slowdown of %v: is the machine busy?\n", n, len(all), 2*g.threshold)
	}
	return all, err
}

// table prints benchstat's table of a folder's base.txt and head.txt.
func (g *gate) table(ctx context.Context, folder string) error {
	filter := clock
	for _, y := range yardsticks {
		filter += " OR " + y.share
	}
	var stderr bytes.Buffer
	c := command(ctx, "go", "tool", "benchstat", fmt.Sprint("-alpha=", g.alpha), "-table=pkg", "-ignore=.config",
		"-filter=.unit:("+filter+")", "base="+folder+"/base.txt", "head="+folder+"/head.txt")
	c.Dir = g.module
	c.Stdout, c.Stderr = g.stdout, &stderr
	if err := c.Run(); err != nil {
		return fmt.Errorf("benchstat: %w\n%s", err, excerpt(stderr.Bytes()))
	}
	return nil
}

// only returns the costs of the suspects.
func only(all []costs, suspects []verdict) []costs {
	return slices.DeleteFunc(all, func(c costs) bool {
		return !slices.ContainsFunc(suspects, func(v verdict) bool { return v.name == c.name })
	})
}
