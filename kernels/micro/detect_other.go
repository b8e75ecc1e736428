//go:build !amd64 || purego

package micro

const detected = Generic
