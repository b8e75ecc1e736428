package models

// GoogLeNetWith is GoogLeNet with another last activation, and with dropout or
// without.
var GoogLeNetWith = googLeNet
