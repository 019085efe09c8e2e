//! Answers from memory, for tests.
