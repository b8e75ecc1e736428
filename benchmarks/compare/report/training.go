package report

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// trainings are what the lecture's program printed, each file a run.
var trainings = []string{"train_mnist", "train_resnet34"}

// readTraining reads such a file: a header, an empty line, what was printed.
func readTraining(path string) (*file, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f := &file{name: filepath.Base(path), header: map[string]string{}, commands: commands(string(text))}
	head, said, _ := strings.Cut(string(text), "\n\n")
	for line := range strings.Lines(head) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), ": "); ok && !strings.HasPrefix(key, "#") {
			f.header[key] = value
		}
	}
	f.said = strings.Split(strings.TrimSpace(said), "\n")
	if len(f.commands) != 1 || !accuracy.MatchString(f.said[len(f.said)-1]) {
		return nil, fmt.Errorf("%s: %d commands and the last line %q, want one, and Test - accuracy", path, len(f.commands), f.said[len(f.said)-1])
	}
	return f, nil
}

// What the lecture's program prints after its epochs, and after each of them.
var (
	accuracy = regexp.MustCompile(`^Test - accuracy: ([0-9.]+) - loss: [0-9.]+$`)
	duration = regexp.MustCompile(` ([0-9]+)s .*/step - accuracy`)
)

// trainingText lists the runs, each with its command.
func (r results) trainingText(folder string) (string, error) {
	var b strings.Builder
	b.WriteString("Trained by the lecture's program (`go build -C net/lecture -o \"$PWD/bin/\" .`) on two threads:\n\n")
	for _, name := range trainings {
		f := r[name]
		if f == nil {
			continue
		}
		seconds := 0
		for _, line := range f.said {
			if m := duration.FindStringSubmatch(line); m != nil {
				seconds += number(m[1])
			}
		}
		last := accuracy.FindStringSubmatch(f.said[len(f.said)-1])
		right, err := strconv.ParseFloat(last[1], 64)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "- %.2f%% right after %.0f minutes, %s: `%s` (%s)\n", 100*right, float64(seconds)/60, f.said[0], f.commands[0], f.source(folder))
	}
	return b.String(), nil
}

// readTrainings adds the runs of a folder that are there.
func (r results) readTrainings(folder string) error {
	for _, name := range trainings {
		path := filepath.Join(folder, name+".txt")
		if _, err := os.Stat(path); err != nil {
			continue
		}
		f, err := readTraining(path)
		if err != nil {
			return err
		}
		r[name] = f
	}
	return nil
}
