//! Kubernetes API servers on this machine: found, started with a CA of their own, stopped with nothing left behind.
