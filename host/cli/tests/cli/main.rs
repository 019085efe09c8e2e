//! The binary, as people and scripts call it. What it prints is tried by the transcripts beside this.

mod deploy;
mod faults;
mod place;
mod policytest;
mod promises;
mod record;
mod trial;
mod watch;
mod writing;
