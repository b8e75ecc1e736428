// Package safetensors reads and writes safetensors files, the format of
// weights of Hugging Face (https://github.com/huggingface/safetensors).
//
//	0         8                              8+n                        end
//	+---------+-------------------------- ... -+------------------- ... -+
//	| n       | {"__metadata__":{"k":"v"},     | a: 24 bytes | b: 8 |    |
//	| little- |  "a":{"dtype":"F32",           |                         |
//	| endian  |       "shape":[2,3],           | row-major, little-      |
//	| uint64  |       "data_offsets":[0,24]},  | endian, no gaps         |
//	|         |  "b":{...}}      and spaces    |                         |
//	+---------+-------------------------- ... -+------------------- ... -+
//	                                             offsets count from 8+n
//
// Input is not trusted. A file is refused unless its header is JSON of exactly
// this form, without duplicate names or unknown fields, its offsets cover the
// data from beginning to end without gaps or overlaps, each tensor has as many
// bytes as its shape and type need, and the data ends where the last tensor
// does. The error names the tensor and the numbers that do not fit.
//
// Nothing is allocated because a header says so: memory grows with what the
// stream has been seen to hold. Where the stream is an io.Seeker, as files are,
// its size is compared with the header's claims first; io.Readers that can seek
// must read the bytes between their position and their end.
package safetensors
