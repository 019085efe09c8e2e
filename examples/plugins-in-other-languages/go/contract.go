package main

// Manifest says who a plugin is: `manifest` in the contract, without the kinds, which are for interpreters.
type Manifest struct {
	Name, Version, Summary, ConfigSchema string
}

// Refusal leaves clusters out, with the one reason that they share.
type Refusal struct {
	Reason   string
	Clusters []uint32
}

// Fleet answers questions about the clusters on offer. The host does; in a test anything may.
type Fleet interface {
	// Column gives the same field of every cluster as one JSON array, null where it is missing.
	Column(at string) string
}
