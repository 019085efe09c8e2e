module residency

// The first version whose functions can be exported to WebAssembly.
go 1.24
