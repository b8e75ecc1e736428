package gate

import "testing"

// defaults returns the rule and the rounds of a gate without flags.
func defaults(t *testing.T) (rule, int) {
	t.Helper()
	o, err := parse(nil, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	return o.rule(), o.rounds
}

const (
	draws      = 1000
	benchmarks = 10 // of a draw
)

func TestDraws(t *testing.T) {
	r, rounds := defaults(t)
	for _, c := range []struct {
		name        string
		suite       suite
		least, most int
	}{
		{"identical", suite{slowdown: make([]float64, benchmarks)}, 0, 0},
		{"identical, no yardstick", suite{slowdown: make([]float64, benchmarks), clockOnly: true}, 0, 0},
		{"identical, faster yardstick", suite{slowdown: make([]float64, benchmarks), headRoof: 1.2, changed: true}, 0, 0},
		{"identical, busy", suite{slowdown: make([]float64, benchmarks), busy: true}, 0, 0},
		{"2% slower", suite{slowdown: planted(0.02)}, 0, 0},
		{"10% slower", suite{slowdown: planted(0.10)}, draws, draws},
		{"10% slower, no yardstick", suite{slowdown: planted(0.10), clockOnly: true}, 9 * draws / 10, draws},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			suspected, alarms := 0, 0
			for seed := range uint64(draws) {
				suspects, slower := c.suite.run(newMachine(seed), r, rounds)
				suspected += len(suspects)
				if len(slower) > 0 {
					alarms++
				}
			}
			t.Logf("%s: %d suspects, %d alarms in %d draws", c.name, suspected, alarms, draws)
			if alarms < c.least || alarms > c.most {
				t.Errorf("%d alarms in %d draws, want %d to %d", alarms, draws, c.least, c.most)
			}
		})
	}
}

func planted(slower float64) []float64 {
	s := make([]float64, benchmarks)
	s[benchmarks/2] = slower
	return s
}

// TestLeastRounds has a benchmark twice as slow in the fewest rounds that are
// allowed: it is convicted, by clock too.
func TestLeastRounds(t *testing.T) {
	for _, alpha := range []float64{0.5, 0.05, 0.01, 0.001, 1e-6} {
		r := rule{0.05, alpha}
		for _, unit := range []string{clock, "%peak"} {
			slower := func(rounds int) []costs {
				c := costs{name: "slow", unit: unit}
				for i := range rounds {
					c.base, c.head = append(c.base, 1+float64(i)/1e3), append(c.head, 2+float64(i)/1e3)
				}
				return []costs{c}
			}
			n := r.least()
			first := slower(n)
			if len(r.suspects(first)) == 0 {
				t.Errorf("alpha %v: %d rounds by %s make no suspect", alpha, n, unit)
			}
			if len(r.confirmed(first, slower(r.repeat(n, 1)))) == 0 {
				t.Errorf("alpha %v: a suspect of %d rounds by %s is not convicted", alpha, n, unit)
			}
		}
	}
}
