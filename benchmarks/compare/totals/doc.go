// Package totals adds the layers of a network up: the sum of how often a layer
// occurs times its time, for each library, beside the measured whole where there
// is one.
//
//	Conv/impl=.../net=resnet34/layer=conv2_3x3   ns/op x 6  ─┐
//	Conv/impl=.../net=resnet34/layer=conv3_3x3   ns/op x 7  ─┼─► sum of the layers ─┐
//	...                                                     ─┘                      ├─► ratio
//	Net/impl=simdconv/net=resnet34/pass=infer    ns/op  ───────────────────────────┘
package totals
