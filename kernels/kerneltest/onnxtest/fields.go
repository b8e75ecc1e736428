package onnxtest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// Wire types of protocol buffers.
const (
	varint  = 0
	fixed64 = 1
	bytes   = 2
	fixed32 = 5
)

var errShort = errors.New("message ends in the middle of a field")

// eachField calls f for every field of a message: v is the value of a number,
// data the content of anything with a length.
func eachField(msg []byte, f func(field, wire int, v uint64, data []byte) error) error {
	for len(msg) > 0 {
		key, n := binary.Uvarint(msg)
		if n <= 0 {
			return errShort
		}
		msg = msg[n:]
		var v uint64
		var data []byte
		switch wire := key & 7; wire {
		case varint:
			if v, n = binary.Uvarint(msg); n <= 0 {
				return errShort
			}
		case fixed64:
			if n = 8; len(msg) < n {
				return errShort
			}
			v = binary.LittleEndian.Uint64(msg)
		case fixed32:
			if n = 4; len(msg) < n {
				return errShort
			}
			v = uint64(binary.LittleEndian.Uint32(msg))
		case bytes:
			size, k := binary.Uvarint(msg)
			if k <= 0 || size > uint64(len(msg)-k) {
				return errShort
			}
			n = k + int(size)
			data = msg[k:n]
		default:
			return fmt.Errorf("field %d has wire type %d, want 0, 1, 2 or 5", key>>3, wire)
		}
		msg = msg[n:]
		if err := f(int(key>>3), int(key&7), v, data); err != nil {
			return err
		}
	}
	return nil
}

// appendInts appends a repeated integer field, packed or not.
func appendInts(dst []int, wire int, v uint64, data []byte) ([]int, error) {
	if wire != bytes {
		return append(dst, int(v)), nil
	}
	for len(data) > 0 {
		v, n := binary.Uvarint(data)
		if n <= 0 {
			return nil, errShort
		}
		dst, data = append(dst, int(v)), data[n:]
	}
	return dst, nil
}

// appendFloats appends a repeated float field, packed or not.
func appendFloats(dst []float32, wire int, v uint64, data []byte) ([]float32, error) {
	if wire != bytes {
		return append(dst, math.Float32frombits(uint32(v))), nil
	}
	return littleEndianFloats(dst, data)
}

func littleEndianFloats(dst []float32, data []byte) ([]float32, error) {
	if len(data)%4 != 0 {
		return nil, fmt.Errorf("%d bytes of float32, want a multiple of 4", len(data))
	}
	for ; len(data) > 0; data = data[4:] {
		dst = append(dst, math.Float32frombits(binary.LittleEndian.Uint32(data)))
	}
	return dst, nil
}
