package shapes

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

const (
	maxSize = 1 << 24 // of any number in a file
	maxRows = 1 << 12 // of a file
)

// A row is one line of a file, split into its columns.
type row struct {
	file    string
	line    int
	columns []string // their names
	fields  []string
}

// eachRow calls f with every row of a file, until f returns an error. A row has
// one field for each of columns.
func eachRow(file string, r io.Reader, columns []string, f func(row) error) error {
	in := bufio.NewScanner(r)
	line, rows := 0, 0
	for in.Scan() {
		line++
		text, _, _ := strings.Cut(in.Text(), "#")
		fields := strings.Fields(text)
		if len(fields) == 0 {
			continue
		}
		if len(fields) != len(columns) {
			return fmt.Errorf("%s:%d: %d columns, want %d: %s", file, line, len(fields), len(columns), strings.Join(columns, " "))
		}
		if rows++; rows > maxRows {
			return fmt.Errorf("%s:%d: more than %d rows", file, line, maxRows)
		}
		if err := f(row{file, line, columns, fields}); err != nil {
			return err
		}
	}
	if err := in.Err(); err != nil {
		return fmt.Errorf("%s:%d: %w", file, line+1, err)
	}
	if rows == 0 {
		return fmt.Errorf("%s: no rows, want at least one of %s", file, strings.Join(columns, " "))
	}
	return nil
}

// errorf returns an error that says where in the file column i stands.
func (r row) errorf(i int, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s is %q, want %s", r.file, r.line, r.columns[i], r.fields[i], fmt.Sprintf(format, args...))
}

// sizes parses the columns from the first on as integers of at least 1.
func (r row) sizes(first int, dst ...*int) error {
	for i, p := range dst {
		v, err := strconv.Atoi(r.fields[first+i])
		if err != nil || v < 1 || v > maxSize {
			return r.errorf(first+i, "an integer from 1 to %d", maxSize)
		}
		*p = v
	}
	return nil
}
