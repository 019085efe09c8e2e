//! Watches a control plane, has plan decide, and writes what was decided.
