package net

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// A kerasTraining is what testdata/keras/training.py wrote.
type kerasTraining struct {
	Steps     []int `json:"steps"`
	Schedules []struct {
		Class        string    `json:"class"`
		Boundaries   []int     `json:"boundaries"`
		Values       []float64 `json:"values"`
		LearningRate float64   `json:"initial_learning_rate"`
		DecaySteps   int       `json:"decay_steps"`
		DecayRate    float64   `json:"decay_rate"`
		Staircase    bool      `json:"staircase"`
		Alpha        float64   `json:"alpha"`
		WarmupTarget float64   `json:"warmup_target"`
		WarmupSteps  int       `json:"warmup_steps"`
		Rates        []float64 `json:"rates"`
	} `json:"schedules"`
	Stopping []struct {
		Monitor  string    `json:"monitor"`
		Patience int       `json:"patience"`
		MinDelta float64   `json:"min_delta"`
		Values   []float64 `json:"values"`
		Epochs   int       `json:"epochs"`
		Restored float32   `json:"restored"`
	} `json:"stopping"`
	Plateaus []struct {
		Monitor  string    `json:"monitor"`
		Factor   float64   `json:"factor"`
		Patience int       `json:"patience"`
		MinDelta float64   `json:"min_delta"`
		Cooldown int       `json:"cooldown"`
		MinRate  float64   `json:"min_lr"`
		Values   []float64 `json:"values"`
		Rates    []float64 `json:"rates"`
	} `json:"plateaus"`
}

func readTraining(t *testing.T) (k kerasTraining) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "keras", "training.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &k); err != nil {
		t.Fatal(err)
	}
	return k
}

// Keras's rates are float32.
func TestSchedules(t *testing.T) {
	k := readTraining(t)
	if len(k.Schedules) < 7 {
		t.Fatalf("%d schedules, want at least 7", len(k.Schedules))
	}
	for i, c := range k.Schedules {
		s, ok := map[string]Schedule{
			"PiecewiseConstantDecay": PiecewiseConstantDecay{Boundaries: c.Boundaries, Values: c.Values},
			"ExponentialDecay":       ExponentialDecay{c.LearningRate, c.DecaySteps, c.DecayRate, c.Staircase},
			"CosineDecay":            CosineDecay{c.LearningRate, c.DecaySteps, c.Alpha, c.WarmupSteps, c.WarmupTarget},
		}[c.Class]
		if !ok {
			t.Fatalf("schedule %q", c.Class)
		}
		if err := s.Check(); err != nil {
			t.Errorf("%+v: %v", s, err)
		}
		for j, step := range k.Steps {
			if got, want := s.Rate(step), c.Rates[j]; math.Abs(got-want) > 1e-6*want+1e-8 {
				t.Errorf("schedule %d, %T%+v: %v after %d steps, want %v", i, s, s, got, step, want)
			}
		}
	}
}

func TestScheduleCheck(t *testing.T) {
	for _, c := range []struct {
		s    Schedule
		want string
	}{
		{PiecewiseConstantDecay{}, "0 values for 0 boundaries"},
		{PiecewiseConstantDecay{Boundaries: []int{3, 3}, Values: []float64{1, 2, 3}}, "boundaries [3 3]"},
		{PiecewiseConstantDecay{Boundaries: []int{-1}, Values: []float64{1, 2}}, "boundaries [-1]"},
		{PiecewiseConstantDecay{Values: []float64{-1}}, "a value = -1"},
		{PiecewiseConstantDecay{Values: []float64{math.NaN()}}, "a value = NaN"},
		{ExponentialDecay{LearningRate: 1, DecayRate: 1}, "DecaySteps = 0"},
		{ExponentialDecay{LearningRate: 1, DecaySteps: 1}, "DecayRate = 0"},
		{ExponentialDecay{LearningRate: -1, DecaySteps: 1, DecayRate: 1}, "LearningRate = -1"},
		{CosineDecay{LearningRate: 1}, "DecaySteps = 0"},
		{CosineDecay{LearningRate: math.Inf(1), DecaySteps: 1}, "LearningRate = +Inf"},
		{CosineDecay{LearningRate: 1, DecaySteps: 1, Alpha: 1.5}, "Alpha = 1.5"},
		{CosineDecay{LearningRate: 1, DecaySteps: 1, WarmupSteps: -1}, "WarmupSteps = -1"},
		{CosineDecay{LearningRate: 1, DecaySteps: 1, WarmupTarget: -1}, "WarmupTarget = -1"},
	} {
		wantError(t, c.want, c.s.Check(), c.want)
		for _, o := range []Optimizer{SGD{Schedule: c.s}, Adam{Schedule: c.s}, AdamW{Schedule: c.s}, RMSprop{Schedule: c.s}} {
			wantError(t, c.want, o.Check(), c.want)
		}
	}
	s := ExponentialDecay{1, 10, 0.5, false}
	for _, o := range []Optimizer{
		SGD{LearningRate: 1, Schedule: s}, Adam{LearningRate: 1, Schedule: s}, AdamW{LearningRate: 1, Schedule: s}, RMSprop{LearningRate: 1, Schedule: s},
	} {
		wantError(t, "two rates", o.Check(), "both LearningRate = 1 and a Schedule")
	}
}

// Steps with a schedule are steps with the rates that it gives.
func TestScheduledSteps(t *testing.T) {
	d := toy(8, Shape{8, 8, 1}, 4)
	s := CosineDecay{LearningRate: 0.001, DecaySteps: 3, WarmupSteps: 2, WarmupTarget: 0.01}
	for _, c := range []struct{ scheduled, plain Optimizer }{
		{SGD{Schedule: s, Momentum: 0.9}, SGD{Momentum: 0.9}}, {SGD{Schedule: s}, SGD{}}, {SGD{Schedule: s, Momentum: 0.9, Nesterov: true}, SGD{Momentum: 0.9, Nesterov: true}},
		{Adam{Schedule: s}, Adam{}}, {AdamW{Schedule: s}, AdamW{}}, {RMSprop{Schedule: s}, RMSprop{}},
	} {
		o := Options{Batch: 8, Seed: 1}
		a, b := compiled(t, c.scheduled, o, toyNetwork()...), compiled(t, c.plain, o, toyNetwork()...)
		for step := range 6 {
			want := s.Rate(step)
			if got := a.LearningRate(); got != want {
				t.Errorf("%T: rate %v after %d steps, want %v", c.plain, got, step, want)
			}
			if err := b.SetLearningRate(want); err != nil {
				t.Fatal(err)
			}
			if la, lb := mustStep(t, a, d), mustStep(t, b, d); la != lb {
				t.Errorf("%T: loss %v in step %d, want %v", c.plain, la, step, lb)
			}
		}
		wantError(t, "a schedule", a.SetLearningRate(1), "follows the optimizer's Schedule")
		wantError(t, "a negative rate", b.SetLearningRate(-1), "rate = -1")
		if got := b.LearningRate(); got != s.Rate(5) {
			t.Errorf("%T: rate %v, want what was set last, %v", c.plain, got, s.Rate(5))
		}
	}
	m := compiled(t, nil, Options{}, toyNetwork()...)
	if err := m.SetLearningRate(1); err != errNoTraining {
		t.Errorf("without an optimizer: %v", err)
	}
}

// A badSchedule has no rate for the second step.
type badSchedule struct{}

func (badSchedule) Check() error          { return nil }
func (badSchedule) Rate(done int) float64 { return 1 / (1 - float64(done)) }

func TestBadRate(t *testing.T) {
	d := toy(8, Shape{8, 8, 1}, 4)
	m := compiled(t, SGD{Schedule: badSchedule{}}, Options{Batch: 8, Seed: 1}, toyNetwork()...)
	mustStep(t, m, d)
	_, _, err := m.TrainStep(d.X, d.Y)
	wantError(t, "a bad rate", err, "the learning rate = +Inf")
	if m.steps != 1 {
		t.Errorf("%d steps, want 1", m.steps)
	}
}

func mustStep(t testing.TB, m *Model, d *Dataset) float64 {
	t.Helper()
	loss, _, err := m.TrainStep(d.X, d.Y)
	if err != nil {
		t.Fatal(err)
	}
	return loss
}
