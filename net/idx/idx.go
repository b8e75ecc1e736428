package idx

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

const (
	unsignedByte = 0x08 // the only type read
	imagesMagic  = 0x00000803
	labelsMagic  = 0x00000801

	maxDims         = 8
	defaultMaxBytes = 256 << 20
	chunk           = 1 << 20 // allocated ahead of what has been read, at most
)

// An Array is the content of a file: Data has the product of Dims bytes, the
// last dimension running fastest.
type Array struct {
	Dims []int
	Data []uint8
}

// Options bound what is read.
type Options struct {
	MaxBytes int64 // of data, unpacked; 0 means 256 MiB
}

// ReadImages reads images: Dims is [n, rows, columns].
func ReadImages(r io.Reader, o Options) (*Array, error) { return read(r, o, imagesMagic) }

// ReadLabels reads labels: Dims is [n].
func ReadLabels(r io.Reader, o Options) (*Array, error) { return read(r, o, labelsMagic) }

// Read reads bytes in any number of dimensions from 1 to 8.
//
// The stream may be compressed with gzip. Every error says what was found and
// what was expected: a wrong magic number, a type other than bytes, sizes
// whose product is over MaxBytes, a stream that ends early or goes on.
func Read(r io.Reader, o Options) (*Array, error) { return read(r, o, 0) }

// OpenImages reads images from a file.
func OpenImages(path string, o Options) (*Array, error) { return open(path, o, imagesMagic) }

// OpenLabels reads labels from a file.
func OpenLabels(path string, o Options) (*Array, error) { return open(path, o, labelsMagic) }

// Open reads a file as Read does.
func Open(path string, o Options) (*Array, error) { return open(path, o, 0) }

func open(path string, o Options, magic uint32) (*Array, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	a, err := read(f, o, magic)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return a, nil
}

// read reads a file whose magic number is want, or any if want is 0.
func read(r io.Reader, o Options, want uint32) (*Array, error) {
	if o.MaxBytes < 0 {
		return nil, fmt.Errorf("idx: MaxBytes = %d, want at least 1, or 0 for %d", o.MaxBytes, defaultMaxBytes)
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = defaultMaxBytes
	}
	b := bufio.NewReader(r)
	r = b
	if start, _ := b.Peek(2); len(start) == 2 && start[0] == 0x1f && start[1] == 0x8b {
		z, err := gzip.NewReader(b)
		if err != nil {
			return nil, fmt.Errorf("idx: gzip: %w", err)
		}
		r = z
	}
	dims, size, err := header(r, want, o.MaxBytes)
	if err != nil {
		return nil, err
	}
	data, err := body(r, size)
	if err != nil {
		return nil, err
	}
	return &Array{Dims: dims, Data: data}, nil
}

// header returns the sizes and their product, which is at most limit.
func header(r io.Reader, want uint32, limit int64) ([]int, int, error) {
	var word [4]byte
	if n, err := io.ReadFull(r, word[:]); err != nil {
		return nil, 0, short("magic number", n, 4, err)
	}
	magic := binary.BigEndian.Uint32(word[:])
	if want != 0 && magic != want {
		return nil, 0, fmt.Errorf("idx: magic number %#08x, want %#08x", magic, want)
	}
	if magic>>16 != 0 {
		return nil, 0, fmt.Errorf("idx: magic number %#08x, want 0x0000 in its upper half", magic)
	}
	if t := magic >> 8; t != unsignedByte {
		return nil, 0, fmt.Errorf("idx: type %#02x, want %#02x (unsigned byte)", t, unsignedByte)
	}
	n := int(magic & 0xff)
	if n < 1 || n > maxDims {
		return nil, 0, fmt.Errorf("idx: %d dimensions, want 1 to %d", n, maxDims)
	}
	limit = min(limit, int64(^uint(0)>>1))
	dims, size := make([]int, n), int64(1)
	for i := range dims {
		if n, err := io.ReadFull(r, word[:]); err != nil {
			return nil, 0, short(fmt.Sprintf("size %d of %d", i+1, len(dims)), n, 4, err)
		}
		d := int64(binary.BigEndian.Uint32(word[:]))
		if d > limit || d > 0 && size > limit/d {
			return nil, 0, fmt.Errorf("idx: size %d of %d is %d after %v: more than %d bytes, want at most that (MaxBytes)", i+1, len(dims), d, dims[:i], limit)
		}
		dims[i] = int(d)
		size *= d
	}
	return dims, int(size), nil
}

// body reads size bytes and makes sure that nothing follows. What it allocates
// is at most a chunk more than twice what it has read.
func body(r io.Reader, size int) ([]byte, error) {
	data := make([]byte, 0, min(size, chunk))
	for len(data) < size {
		if len(data) == cap(data) {
			data = append(make([]byte, 0, min(size, 2*cap(data))), data...)
		}
		n, err := io.ReadFull(r, data[len(data):cap(data)])
		data = data[:len(data)+n]
		if err != nil {
			return nil, short("data", len(data), size, err)
		}
	}
	var extra [1]byte
	switch _, err := io.ReadFull(r, extra[:]); {
	case err == nil:
		return nil, fmt.Errorf("idx: data goes on after %d bytes, want its end there", size)
	case err != io.EOF:
		return nil, fmt.Errorf("idx: after the data: %w", err)
	}
	return data, nil
}

// short explains a stream that ended, or broke, n bytes into a part.
func short(part string, n, want int, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("idx: %s ends after %d bytes, want %d: %w", part, n, want, io.ErrUnexpectedEOF)
	}
	return fmt.Errorf("idx: %s: %w", part, err)
}
