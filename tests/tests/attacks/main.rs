//! Attacks on decisions, with real components in the real sandbox: nothing that a plugin does reaches a member, what was
//! there stays, and other templates get what they would get without it. What a plugin may do to the sandbox itself is
//! tried there.

mod answers;
mod flapping;
mod hostile;
mod page;
mod setting;
mod stages;
