//! What tests on real API servers share.
