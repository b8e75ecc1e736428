package gate

import (
	"slices"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	o, err := parse(strings.Fields("-threshold 7.5% -bench Gemm -rounds 8 -base v1 -- -nets=all -cold"), t.Output())
	if err != nil || o.threshold != 0.075 || o.bench != "Gemm" || o.rounds != 8 || o.base != "v1" ||
		!slices.Equal(o.args, []string{"-nets=all", "-cold"}) {
		t.Errorf("%+v, error %v", o, err)
	}
	if o, err := parse([]string{"-threshold=0.2"}, t.Output()); err != nil || o.threshold != 0.2 || o.threshold.String() != "20%" {
		t.Errorf("%v, error %v", o.threshold, err)
	}
	for args, want := range map[string]string{
		"-rounds 4":              "-rounds 4, want 6 to 1000: fewer are never significant at -alpha 0.01",
		"-rounds 5 -alpha 0.001": "-rounds 5, want 9",
		"-alpha 0":               "-alpha 0, want a probability",
		"-threshold 0":           "want a percentage above 0",
		"-threshold x%":          "want a percentage above 0",
		"-layouts -1":            "-layouts -1",
		"-bench (":               `-bench "("`,
		"-bench=":                `-bench ""`,
		"Conv":                   `unexpected argument "Conv"`,
		"-fast":                  "flag provided but not defined: -fast",
	} {
		if _, err := parse(strings.Fields(args), t.Output()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", args, err, want)
		}
	}
}
