package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

func TestRunRefuses(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"", "usage: lecture command"},
		{"fly", `unknown command "fly"`},
		{"-epochs 3", `unknown command "-epochs"`},
		{"train -epochs 0", "-epochs is 0, want at least 1"},
		{"train -epochs many", `invalid value "many" for flag -epochs`},
		{"train -batch -1", "-batch is -1, want at least 1"},
		{"train -rate -0.1", "-rate is -0.1, want a positive number"},
		{"train -rate NaN", "-rate is NaN, want a positive number"},
		{"train -rate +Inf", "-rate is +Inf, want a positive number"},
		{"train -threads -2", "-threads is -2, want at least 1"},
		{"train -seed -1", `invalid value "-1" for flag -seed`},
		{"train -optimizer lion", `-optimizer is "lion", want sgd, nesterov, adam, rmsprop, adamw`},
		{"train -model vgg", `-model is "vgg", want cnn, dense, resnet34`},
		{"train -size 32", "-size is 32, but cnn takes images of 28x28 only"},
		{"train -model resnet34 -size 2000", "-size is 2000, want 1 to 1024"},
		{"train -images -1", "-images is -1, want at least 1, or 0 for all"},
		{"train -images 2501", "-images is 2501, want at most the 2500 of -data embedded"},
		{"train -validation 1", "-validation is 1, want at least 0 and below 1"},
		{"train -validation NaN", "-validation is NaN, want at least 0 and below 1"},
		{"train -resume", "-resume without -weights"},
		{"train -resume -weights a -from b", "both -resume and -from"},
		{"evaluate", "-weights is needed"},
		{"evaluate -weights a -batch 0", "-batch is 0, want at least 1"},
		{"evaluate -weights a b", `unexpected argument "b"`},
		{"predict a.png", "-weights is needed"},
		{"predict -weights a", "no image"},
		{"predict a.png -weights a b.png", `unexpected argument "b.png"`},
		{"predict -weights a -threads -1 a.png", "-threads is -1, want at least 1"},
		{"summary -model", "flag needs an argument: -model"},
		{"summary -batch 0", "-batch is 0, want at least 1"},
		{"featuremaps -model googlenet -weights w a.png", "whose layers do not just follow one another"},
		{"summary -size -1 -model resnet34", "-size is -1, want 1 to 1024"},
		{"train -speed 9", "flag provided but not defined: -speed"},
		{"train faster", `unexpected argument "faster"`},
	} {
		var stdout, stderr bytes.Buffer
		code := run(context.Background(), strings.Fields(c.args), &stdout, &stderr)
		if code != exitUsage {
			t.Errorf("%q: exit code %d, want %d", c.args, code, exitUsage)
		}
		if message, _, _ := strings.Cut(stderr.String(), "\n"); !strings.Contains(message, c.want) {
			t.Errorf("%q: first line %q, want %q in it", c.args, message, c.want)
		}
		if !strings.Contains(strings.ToLower(stderr.String()), "usage") {
			t.Errorf("%q: no usage in %q", c.args, stderr.String())
		}
		if stdout.Len() > 0 {
			t.Errorf("%q: wrote %q to standard output", c.args, stdout.String())
		}
	}
}

func TestRunHelps(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"help", "train "},
		{"-h", "train "},
		{"--help", "train "},
		{"train -h", "-epochs"},
		{"predict -h", "usage: lecture predict [flags] FILE\n"},
		{"evaluate --help", "-weights file"},
	} {
		var stdout, stderr bytes.Buffer
		if code := run(context.Background(), strings.Fields(c.args), &stdout, &stderr); code != 0 {
			t.Errorf("%q: exit code %d, want 0", c.args, code)
		}
		if !strings.Contains(stdout.String(), c.want) || stderr.Len() > 0 {
			t.Errorf("%q: output %q and %q, want %q in the first alone", c.args, &stdout, &stderr, c.want)
		}
	}
}

// lecture runs the program and fails the test if it does not end with code.
func lecture(t *testing.T, code int, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	if got := run(context.Background(), args, &out, &errs); got != code {
		t.Fatalf("lecture %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), got, code, &out, &errs)
	}
	return out.String(), errs.String()
}

func TestSummary(t *testing.T) {
	for args, want := range map[string][]string{
		"summary":                           {"conv2d (Conv2D)", "Total params: 1,413,834 ", "\n Peak memory of a batch of 32: training ", " MB if no buffer were used twice)\n"},
		"summary -batch 1":                  {"\n Peak memory of a batch of 1: "},
		"summary -model alexnet":            {"local_response_normalization", "Total params: "},
		"summary -model googlenet":          {"inception_module_8", "Total params: "},
		"summary -model dense":              {"flatten (Flatten)", "Total params: 266,610 "},
		"summary -model resnet34":           {"(None, 112, 112, 64)", "residual_unit_15", "Non-trainable params: 17,024 "},
		"summary -model resnet34 -size 128": {"(None, 64, 64, 64)"},
		"summary -model vgg19":              {"block5_conv4 (Conv2D)", "Total params: 139,611,210 "},
		"summary -model resnet152":          {"conv4_block36_out", "Total params: 58,391,434 "},
	} {
		out, _ := lecture(t, 0, strings.Fields(args)...)
		for _, w := range want {
			if !strings.Contains(out, w) {
				t.Errorf("%s: no %q in\n%s", args, w, out)
			}
		}
	}
}
