package kerneltest

import (
	"math"
	"testing"
)

var (
	nan32     = float32(math.NaN())
	inf32     = float32(math.Inf(1))
	negZero32 = float32(math.Copysign(0, -1))
)

func TestEqual(t *testing.T) {
	for _, c := range []struct {
		name      string
		got, want []float32
		message   []string // nil for a pass
	}{
		{"empty", nil, []float32{}, nil},
		{"same", []float32{1, -2, inf32}, []float32{1, -2, inf32}, nil},
		{"NaN of two kinds", []float32{math.Float32frombits(0x7fc00001)}, []float32{-nan32}, nil},
		{"one differs", []float32{1, 2, 3}, []float32{1, 5, 3}, []string{"one differs: 1 of 3", "[1] = 2 ", "want 5 "}},
		{"two differ", []float32{1, 2, 3}, []float32{1, 5, 6}, []string{"2 of 3", "[1] = 2 "}},
		{"last bit", []float32{1}, []float32{math.Nextafter32(1, 2)}, []string{"0x3f800000", "0x3f800001"}},
		{"sign of zero", []float32{0}, []float32{negZero32}, []string{"want -0"}},
		{"NaN instead of a number", []float32{nan32}, []float32{1}, []string{"[0] = NaN"}},
		{"number instead of NaN", []float32{1}, []float32{nan32}, []string{"want NaN"}},
		{"short", []float32{1}, []float32{1, 2}, []string{"length 1, want 2"}},
		{"long", []float32{1, 2}, []float32{1}, []string{"length 2, want 1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			fake := &fakeTB{}
			Equal(fake, c.name, c.got, c.want)
			fake.check(t, c.message...)
		})
	}
}

func TestClose(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		name    string
		got     []float32
		want    []float64
		bound   float64
		message []string // nil for a pass
	}{
		{"empty", nil, nil, 0, nil},
		{"exact", []float32{1, 2}, []float64{1, 2}, 0, nil},
		{"at the bound", []float32{3, 5}, []float64{3, 4}, 0.2, nil}, // 1/5
		{"above the bound", []float32{3, 5}, []float64{3, 4}, 0.19, []string{"rms error 0.2 ", "at most 0.19"}},
		{"all zero", []float32{0}, []float64{0}, 0, nil},
		{"want zero", []float32{1e-30}, []float64{0}, 1e6, []string{"+Inf"}},
		{"same infinity", []float32{inf32, 1}, []float64{inf, 1}, 0, nil},
		{"other infinity", []float32{-inf32, 1}, []float64{inf, 1}, 1e6, []string{"+Inf"}},
		{"same NaN", []float32{nan32, 1}, []float64{nan, 1}, 0, nil},
		{"NaN instead of a number", []float32{nan32}, []float64{1}, 1e6, []string{"+Inf"}},
		{"number instead of NaN", []float32{1}, []float64{nan}, 1e6, []string{"+Inf"}},
		{"number instead of infinity", []float32{1}, []float64{inf}, 1e6, []string{"+Inf"}},
		{"length", []float32{1}, []float64{1, 2}, 1e6, []string{"length 1, want 2"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			fake := &fakeTB{}
			Close(fake, c.name, c.got, c.want, c.bound)
			fake.check(t, c.message...)
		})
	}
}

func TestRMSError(t *testing.T) {
	// Errors 1 and 2 over values 3, 4 and 0: sqrt(5/25), and 2 over sqrt(25/3).
	rms, peak := RMSError([]float32{4, 2, 0}, []float64{3, 4, 0})
	if want := math.Sqrt(5.0 / 25); math.Abs(rms-want) > 1e-15 {
		t.Errorf("rms = %v, want %v", rms, want)
	}
	if want := 2 / math.Sqrt(25.0/3); math.Abs(peak-want) > 1e-15 {
		t.Errorf("max = %v, want %v", peak, want)
	}
}
