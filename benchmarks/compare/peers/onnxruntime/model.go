package onnxruntime

import (
	"encoding/binary"
	"math"

	"github.com/simdconv/simdconv/conv"
)

// A message is a protocol buffer in the making: fields one after the other, each
// a number with a wire type and a value.
type message []byte

const (
	wireVarint = 0
	wireBytes  = 2
)

func (m message) integer(field, v int) message {
	m = binary.AppendUvarint(m, uint64(field<<3|wireVarint))
	return binary.AppendUvarint(m, uint64(v))
}

func (m message) bytes(field int, v []byte) message {
	m = binary.AppendUvarint(m, uint64(field<<3|wireBytes))
	m = binary.AppendUvarint(m, uint64(len(v)))
	return append(m, v...)
}

func (m message) text(field int, v string) message { return m.bytes(field, []byte(v)) }

// Numbers of onnx.proto, https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
const (
	irVersion = 8  // of ONNX 1.10 to 1.12
	opset     = 13 // has Conv-11 and MatMul-13

	modelIR, modelGraph, modelOpset, opsetVersion           = 1, 7, 8, 2
	graphNode, graphName, graphInit, graphInput, graphOut   = 1, 2, 5, 11, 12
	nodeInput, nodeOutput, nodeOp, nodeAttribute            = 1, 2, 4, 5
	attributeName, attributeInts, attributeType, typeOfInts = 1, 8, 20, 7
	tensorDims, tensorType, tensorName, tensorRaw, float    = 1, 2, 8, 9, 1
	valueName, valueType, typeTensor, elemType, elemShape   = 1, 2, 1, 1, 2
	shapeDim, dimValue                                      = 1, 1
)

// value describes an input or output.
func value(name string, dims ...int) message {
	var shape message
	for _, d := range dims {
		shape = shape.bytes(shapeDim, message{}.integer(dimValue, d))
	}
	tensor := message{}.integer(elemType, float).bytes(elemShape, shape)
	return message{}.text(valueName, name).bytes(valueType, message{}.bytes(typeTensor, tensor))
}

func ints(name string, v ...int) message {
	m := message{}.text(attributeName, name)
	for _, i := range v {
		m = m.integer(attributeInts, i)
	}
	return m.integer(attributeType, typeOfInts)
}

// constant holds a tensor's values.
func constant(name string, data []float32, dims ...int) message {
	var m message
	for _, d := range dims {
		m = m.integer(tensorDims, d)
	}
	raw := make([]byte, 0, 4*len(data))
	for _, v := range data {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	return m.integer(tensorType, float).text(tensorName, name).bytes(tensorRaw, raw)
}

// model wraps a graph.
func model(graph message) []byte {
	graph = graph.text(graphName, "peer")
	return message{}.integer(modelIR, irVersion).bytes(modelGraph, graph).
		bytes(modelOpset, message{}.integer(opsetVersion, opset))
}

// convModel is y = Conv(x, w), NCHW and OIHW.
func convModel(s conv.Shape, w []float32) []byte {
	oh, ow := s.Out()
	node := message{}.text(nodeInput, "x").text(nodeInput, "w").text(nodeOutput, "y").text(nodeOp, "Conv").
		bytes(nodeAttribute, ints("strides", s.StrideH, s.StrideW)).
		bytes(nodeAttribute, ints("dilations", s.DilationH, s.DilationW)).
		bytes(nodeAttribute, ints("pads", s.Top, s.Left, s.Bottom, s.Right))
	return model(message{}.bytes(graphNode, node).
		bytes(graphInit, constant("w", w, s.K, s.C, s.R, s.S)).
		bytes(graphInput, value("x", s.N, s.C, s.H, s.W)).
		bytes(graphOut, value("y", s.N, s.K, oh, ow)))
}

// gemmModel is c = MatMul(a, b).
func gemmModel(m, n, k int) []byte {
	node := message{}.text(nodeInput, "a").text(nodeInput, "b").text(nodeOutput, "c").text(nodeOp, "MatMul")
	return model(message{}.bytes(graphNode, node).
		bytes(graphInput, value("a", m, k)).bytes(graphInput, value("b", k, n)).
		bytes(graphOut, value("c", m, n)))
}
