package safetensors

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

const (
	defaultMaxBytes = 4 << 30
	chunk           = 1 << 20 // bytes allocated ahead of what has been read, at most
	block           = 1 << 16 // bytes read or written at a time
)

// Options bound what is read.
type Options struct {
	MaxHeader int64 // bytes; 0 means 100 MB, and there is no more: the reference implementation's limit
	MaxBytes  int64 // of data; 0 means 4 GiB
}

func (o Options) check() (Options, error) {
	if o.MaxHeader < 0 || o.MaxHeader > maxHeader {
		return o, fmt.Errorf("safetensors: MaxHeader = %d, want 1 to %d, or 0 for that", o.MaxHeader, maxHeader)
	}
	if o.MaxBytes < 0 {
		return o, fmt.Errorf("safetensors: MaxBytes = %d, want at least 1, or 0 for %d", o.MaxBytes, int64(defaultMaxBytes))
	}
	if o.MaxHeader == 0 {
		o.MaxHeader = maxHeader
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = defaultMaxBytes
	}
	// Every length in bytes and in values must fit an int, as float32 too.
	o.MaxBytes = min(o.MaxBytes, math.MaxInt/4)
	return o, nil
}

// A Reader reads a file front to back: the header when it is made, then one
// tensor after another. It is not safe for concurrent use.
type Reader struct {
	r        io.Reader
	tensors  []Info
	metadata map[string]string
	whole    bool // the stream is known to hold all data

	next int   // tensor that Next returns
	pos  int64 // in the data
	buf  []byte
	err  error // of reading: it stays
}

// NewReader reads a header and checks all that can be known without the data.
func NewReader(r io.Reader, o Options) (*Reader, error) {
	o, err := o.check()
	if err != nil {
		return nil, err
	}
	rest, known, err := remaining(r)
	if err != nil {
		return nil, err
	}
	var word [8]byte
	if n, err := io.ReadFull(r, word[:]); err != nil {
		return nil, fmt.Errorf("safetensors: header length %w", short(int64(n), 8, err))
	}
	n := binary.LittleEndian.Uint64(word[:])
	if n < 2 || n > uint64(o.MaxHeader) {
		return nil, fmt.Errorf("safetensors: header of %d bytes, want 2 to %d (MaxHeader)", n, o.MaxHeader)
	}
	rest -= 8 + int64(n)
	if known && rest < 0 {
		return nil, fmt.Errorf("safetensors: header of %d bytes, but the file ends after %d of them: %w", n, int64(n)+rest, io.ErrUnexpectedEOF)
	}
	b, err := readHeader(r, int(n))
	if err != nil {
		return nil, err
	}
	x := &Reader{r: r, whole: known}
	if x.tensors, x.metadata, err = parse(b); err != nil {
		return nil, err
	}
	if err := check(x.tensors, o.MaxBytes); err != nil {
		return nil, err
	}
	if known {
		err = x.fits(rest)
	}
	if err != nil {
		return nil, err
	}
	return x, nil
}

// remaining returns how many bytes r has left, if it can tell. Devices say 0,
// which is not believed.
func remaining(r io.Reader) (n int64, known bool, err error) {
	s, ok := r.(io.Seeker)
	if !ok {
		return 0, false, nil
	}
	at, err := s.Seek(0, io.SeekCurrent)
	if err != nil {
		return 0, false, nil
	}
	end, err := s.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, false, nil
	}
	if _, err := s.Seek(at, io.SeekStart); err != nil {
		return 0, false, fmt.Errorf("safetensors: %w", err)
	}
	return end - at, end > at, nil
}

// readHeader reads n bytes. What it allocates is at most a chunk more than
// twice what it has read.
func readHeader(r io.Reader, n int) ([]byte, error) {
	b := make([]byte, 0, min(n, chunk))
	for len(b) < n {
		if len(b) == cap(b) {
			b = append(make([]byte, 0, min(n, 2*cap(b))), b...)
		}
		m, err := io.ReadFull(r, b[len(b):cap(b)])
		b = b[:len(b)+m]
		if err != nil {
			return nil, fmt.Errorf("safetensors: header %w", short(int64(len(b)), int64(n), err))
		}
	}
	return b, nil
}

// fits compares the tensors with the data that the file has.
func (r *Reader) fits(have int64) error {
	end, last := int64(0), ""
	for _, t := range r.tensors {
		if t.End > have {
			return tensorError(t.Name, "data_offsets [%d, %d], but the file has %d bytes of data: %w", t.Begin, t.End, have, io.ErrUnexpectedEOF)
		}
		end, last = t.End, t.Name
	}
	if end < have {
		return goesOn(have, end, last)
	}
	return nil
}

func goesOn(have, end int64, last string) error {
	if last == "" {
		return fmt.Errorf("safetensors: at least %d bytes of data, but the header has no tensors", have)
	}
	return tensorError(last, "the last tensor ends at %d, but there are at least %d bytes of data", end, have)
}

// short explains a stream that ended, or broke, after n bytes of something.
func short(n, want int64, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("ends after %d bytes, want %d: %w", n, want, err)
}

// Tensors returns all tensors of the file in the order of their data. It is
// the Reader's own slice: do not change it.
func (r *Reader) Tensors() []Info { return r.tensors }

// Metadata returns the strings under "__metadata__", nil if there are none. It
// is the Reader's own map.
func (r *Reader) Metadata() map[string]string { return r.metadata }

// Next goes to the next tensor, in the order of Tensors. After the last it
// makes sure that the stream ends there too, and returns io.EOF.
func (r *Reader) Next() (Info, error) {
	if r.err != nil {
		return Info{}, r.err
	}
	last := ""
	if r.next > 0 {
		t := r.tensors[r.next-1]
		last = t.Name
		n, err := io.CopyN(io.Discard, r.r, t.End-r.pos)
		if r.pos += n; err != nil {
			return Info{}, r.broken(t, err)
		}
	}
	if r.next < len(r.tensors) {
		r.next++
		return r.tensors[r.next-1], nil
	}
	var extra [1]byte
	switch _, err := io.ReadFull(r.r, extra[:]); {
	case err == nil:
		r.err = goesOn(r.pos+1, r.pos, last)
	case err != io.EOF:
		r.err = fmt.Errorf("safetensors: after the data: %w", err)
	default:
		r.err = io.EOF
	}
	return Info{}, r.err
}

// broken notes and returns the error of a stream that failed in a tensor.
func (r *Reader) broken(t Info, err error) error {
	r.err = tensorError(t.Name, "data %w", short(r.pos-t.Begin, t.End-t.Begin, err))
	return r.err
}

// Float32s reads the tensor that Next returned, once, into a new slice. A type
// that has no float32 is an error, after which Next still goes on.
func (r *Reader) Float32s() ([]float32, error) {
	if r.err != nil {
		return nil, r.err
	}
	if r.next == 0 {
		return nil, errors.New("safetensors: Float32s before Next")
	}
	t := r.tensors[r.next-1]
	if !t.DType.Float() {
		return nil, dtypeError(t)
	}
	if r.pos != t.Begin {
		return nil, tensorError(t.Name, "read already")
	}
	if r.buf == nil {
		r.buf = make([]byte, block)
	}
	n, width := t.Len(), t.DType.Bits()/8
	first := n
	if !r.whole {
		first = min(n, chunk/4)
	}
	data := make([]float32, 0, first)
	for len(data) < n {
		if len(data) == cap(data) {
			data = append(make([]float32, 0, min(n, 2*cap(data))), data...)
		}
		m := min(cap(data)-len(data), len(r.buf)/width)
		k, err := io.ReadFull(r.r, r.buf[:m*width])
		if r.pos += int64(k); err != nil {
			return nil, r.broken(t, err)
		}
		data = data[:len(data)+m]
		decode(data[len(data)-m:], r.buf, t.DType)
	}
	return data, nil
}

func dtypeError(t Info) error {
	return tensorError(t.Name, "dtype %s cannot be read as float32, want F32, F16, BF16 or F64", t.DType)
}
