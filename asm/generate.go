package asm

//go:generate go run -C ../gen .
