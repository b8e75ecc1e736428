package gate

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// A machine draws figures as a shared one with two cores and no fixed clock
// gives them. All its disturbances multiply, and times are those of the model:
//
//   - drift: a walk between half speed and full speed that sample and yardstick
//     share, 1% from one benchmark to the next, with a jump once in 200
//   - noise: lognormal, 2% in a sample and 1% in a yardstick, three times
//     as much in one of ten (the heavy tail)
//   - outliers: one sample of twelve up to 2x slower, one yardstick of fifty
//   - placement: three programs of ten have a benchmark 4% slower, until linked
//     again in another order
//
// A busy machine has more processes than cores: 35% of noise in both.
type machine struct {
	*rand.Rand
	drift float64
	busy  bool
}

func newMachine(seed uint64) *machine {
	return &machine{Rand: rand.New(rand.NewPCG(seed, 1))}
}

func (m *machine) noise(sigma float64) float64 {
	if m.busy {
		sigma = 0.35
	} else if m.Float64() < 0.1 {
		sigma *= 3
	}
	return sigma * m.NormFloat64()
}

func (m *machine) outlier(one float64) float64 {
	if m.Float64() < 1/one {
		return m.Float64() * math.Ln2
	}
	return 0
}

func (m *machine) step() {
	m.drift += 0.01 * m.NormFloat64()
	if m.Float64() < 0.005 {
		m.drift = -m.Float64() * math.Ln2
	}
	m.drift = min(max(m.drift, -math.Ln2), 0)
}

// figure runs a benchmark whose true cost is given, with a yardstick or without.
func (m *machine) figure(cost, roof float64) figure {
	m.step()
	log := math.Log(cost) + m.noise(0.02) + m.outlier(12)
	if m.Float64() < 0.3 {
		log += 0.04
	}
	if roof == 0 {
		return figure{unit: clock, seconds: math.Exp(log - m.drift)}
	}
	yard := math.Log(roof) + m.noise(0.01) - m.outlier(50)
	return figure{"%peak", 100 * math.Exp(-log-yard), math.Exp(yard + m.drift), math.Exp(log - m.drift)}
}

// A suite is some benchmarks and how much slower head is in each.
type suite struct {
	slowdown  []float64
	clockOnly bool
	headRoof  float64 // rate of head's yardstick; base's is 1
	changed   bool    // the yardstick's files say so
	busy      bool
}

// sample plays rounds of a suite's benchmarks, or of those named.
func (s suite) sample(m *machine, rounds int, names map[string]bool) *results {
	r := newResults()
	r.changed = s.changed
	m.busy = s.busy
	m.drift = -m.Float64() * math.Ln2
	for round := range rounds {
		order := [...]side{base, head}
		if round%2 == 1 {
			order = [...]side{head, base}
		}
		for _, side := range order {
			for i, slower := range s.slowdown {
				name := fmt.Sprintf("Conv/layer=%d", i)
				if names != nil && !names[name] {
					continue
				}
				cost, roof := 0.01*float64(i+1), 1.0
				if side == head {
					cost, roof = cost*(1+slower), s.headRoof
				}
				if s.clockOnly {
					roof = 0
				}
				r.add(name, "", side, m.figure(cost, roof))
			}
		}
	}
	return r
}

// run is a whole gate: some rounds, and the suspects again.
func (s suite) run(m *machine, r rule, rounds int) (suspects, slower []verdict) {
	if s.headRoof == 0 {
		s.headRoof = 1
	}
	all, _, err := s.sample(m, rounds, nil).costs()
	if err != nil {
		panic(err)
	}
	suspects = r.suspects(all)
	names := make(map[string]bool)
	for _, v := range suspects {
		names[v.name] = true
	}
	if len(names) == 0 {
		return nil, nil
	}
	again, _, err := s.sample(m, r.repeat(rounds, len(names)), names).costs()
	if err != nil {
		panic(err)
	}
	return suspects, r.confirmed(all, again)
}
