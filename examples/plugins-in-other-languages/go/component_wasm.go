package main

// What a bindings generator would write for the world `filter-plugin`, by hand, because none writes it for Go's own
// compiler: to it a pointer has 8 bytes, and to the contract 4. So addresses are uint32 here, and what the contract lays
// out in memory is written word by word.

import (
	"fmt"
	"unsafe"
)

// Internal is the place of `internal` among the cases of the contract's `fault`.
const internal = 3

// Kept holds on to everything whose address went out, or it would be collected while the host reads it. An instance
// serves one call, so it is never cleared.
var kept []any

//go:wasmimport portolan:policy/fleet@0.1.0 column
func column(at, length, answer uint32)

type host struct{}

func (host) Column(at string) string {
	answer := reserve(2)
	address, length := lower(at)
	column(address, length, addressOf(answer))
	return lift(answer[0], answer[1])
}

//go:wasmexport portolan:policy/info@0.1.0#describe
func describeExport() uint32 {
	answer := reserve(10)
	answer[0], answer[1] = lower(manifest.Name)
	answer[2], answer[3] = lower(manifest.Version)
	answer[4], answer[5] = lower(manifest.Summary)
	answer[6], answer[7] = lower(manifest.ConfigSchema)
	// 8 and 9 are an empty list of kinds.
	return addressOf(answer)
}

//go:wasmexport portolan:policy/filter@0.1.0#filter
func filterExport(config, length uint32) uint32 {
	answer := reserve(4)
	refusals, err := answered(lift(config, length))
	if err != nil {
		answer[0], answer[1] = 1, internal
		answer[2], answer[3] = lower(err.Error())
		return addressOf(answer)
	}
	list := reserve(4 * len(refusals))
	for place, refusal := range refusals {
		words := list[4*place:]
		words[0], words[1] = lower(refusal.Reason)
		clusters := reserve(len(refusal.Clusters))
		copy(clusters, refusal.Clusters)
		words[2], words[3] = addressOf(clusters), uint32(len(refusal.Clusters))
	}
	answer[1], answer[2] = addressOf(list), uint32(len(refusals))
	return addressOf(answer)
}

// A panic that leaves here is a trap without its message.
func answered(config string) (refusals []Refusal, err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			err = fmt.Errorf("panic: %v", panicked)
		}
	}()
	return filter(config, host{})
}

// The host calls it for room to put its answers. It never has anything to move: what it gave is never grown.
//
//go:wasmexport cabi_realloc
func room(_, _, _, size uint32) uint32 {
	// Words of 8 bytes, because no type of the contract asks for more alignment.
	words := make([]uint64, size/8+1)
	kept = append(kept, words)
	return uint32(uintptr(unsafe.Pointer(&words[0])))
}

// Reserve gives so many words, at least one, so that they have an address.
func reserve(words int) []uint32 {
	reserved := make([]uint32, max(words, 1))
	kept = append(kept, reserved)
	return reserved
}

func addressOf(words []uint32) uint32 {
	return uint32(uintptr(unsafe.Pointer(&words[0])))
}

func lower(text string) (address, length uint32) {
	kept = append(kept, text)
	return uint32(uintptr(unsafe.Pointer(unsafe.StringData(text)))), uint32(len(text))
}

func lift(address, length uint32) string {
	if length == 0 {
		return ""
	}
	return string(unsafe.Slice((*byte)(unsafe.Pointer(uintptr(address))), length))
}
