package net

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"maps"
	"math"
	"slices"

	"github.com/simdconv/simdconv/net/safetensors"
)

// sumKey is the metadata that holds the checksum of all others and of the tensors:
// safetensors have none, and a bit that is wrong in a weight looks like any other.
const sumKey = "crc32c"

// checksum returns the CRC-32 (Castagnoli) of metadata, but for the checksum, and of
// tensors, by name.
func checksum(metadata map[string]string, tensors []safetensors.Tensor) string {
	sum := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	for _, k := range slices.Sorted(maps.Keys(metadata)) {
		if k != sumKey {
			fmt.Fprintf(sum, "%q: %q\n", k, metadata[k])
		}
	}
	tensors = slices.Clone(tensors)
	slices.SortFunc(tensors, func(a, b safetensors.Tensor) int { return cmp.Compare(a.Name, b.Name) })
	const block = 1 << 12
	buf := make([]byte, 0, 4*block)
	for _, t := range tensors {
		fmt.Fprintf(sum, "%q %v\n", t.Name, t.Shape)
		for values := range slices.Chunk(t.Data, block) {
			buf = buf[:0]
			for _, v := range values {
				buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(v))
			}
			sum.Write(buf)
		}
	}
	return fmt.Sprintf("%08x", sum.Sum32())
}
