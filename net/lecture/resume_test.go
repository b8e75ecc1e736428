package main

import (
	"bytes"
	"strings"
	"testing"
)

// Training goes on from a checkpoint with what it was made with, or not at all.
func TestResumeRefusesOther(t *testing.T) {
	train := bright(60, 28, 28)
	dir, path := folder(t, train, bright(10, 28, 28)), t.TempDir()+"/c"
	args := strings.Fields("train -model dense -epochs 2 -batch 8 -images 50 -validation 0.2 -data " + dir + " -checkpoint " + path)
	lecture(t, 0, args...)
	made := readFile(t, path)
	train.pixels[0]++
	other := folder(t, train, bright(10, 28, 28))
	for flags, want := range map[string]string{
		"-batch 9":                    "made with 8 images in a batch, not 9",
		"-images 60 -validation 0.34": "made with 40 images to train on, not 39",
		"-images 0":                   "made with 40 images to train on, not 48",
		"-images 40 -validation 0":    "made with 10 images to validate with, not 0",
		"-data " + other:              "as the checksum of the images, not ",
	} {
		for _, epochs := range []string{"2", "3"} {
			_, errs := lecture(t, exitFailure, append(append(args, strings.Fields(flags)...), "-resume", "-epochs", epochs)...)
			if !strings.Contains(errs, want) {
				t.Errorf("%s: %q, want %q in it", flags, errs, want)
			}
			if !bytes.Equal(readFile(t, path), made) {
				t.Errorf("%s: the checkpoint has changed", flags)
			}
		}
	}
	if out, _ := lecture(t, 0, append(args, "-resume", "-epochs", "3", "-threads", "1", "-rate", "0.01")...); !strings.Contains(out, "Epoch 3/3") {
		t.Errorf("printed %q, want one more epoch", out)
	}
}
