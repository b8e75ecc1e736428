// Package onnxtest reads the test data of the ONNX backends: for each case a
// model of one operator, its inputs, and the outputs that every runtime is held
// to (Debian and Ubuntu: libonnx-testdata). Only tests import it.
//
//	<Dir>/node/test_basic_conv_with_padding/
//	    model.onnx                     Node: Conv, pads = 1 1 1 1
//	    test_data_set_0/input_0.pb     Tensor x
//	                    input_1.pb     Tensor w
//	                    output_0.pb    Tensor y
//
// The files are protocol buffers (onnx.proto3 of the ONNX project); fields.go
// reads the few kinds of fields that these have.
package onnxtest
