//! The embedded shell's edges: directories of YAML come in, directories of members go out.
//!
//! ```text
//!  files, directories, stdin ──► Inputs::read ──► templates, policies, clusters, plugins
//!                                     └─► problems: file, line, object, field, what would be valid
//!
//!  Session::deliver, remove, record ──► OUT/<cluster>/<namespace or _cluster>/<kind>[.<group>]/<name>.yaml
//!             └─► OUT/.portolan/: which files are ours, and what was decided last time
//!  Records::keep_transcript ──► DIR/transcripts/: decisions, whole
//! ```
//!
//! Whoever decides hands over values; this crate only acts on them. It knows files. It knows no rule of any policy, no
//! WebAssembly and no API server.

mod bounded;
mod identity;
mod inputs;
mod members;
mod records;
mod test_files;
mod value;
mod yaml;

pub use bounded::read_component;
pub use inputs::{
    InputProblem, Inputs, Located, Origin, Packed, PluginFileError, Reading, Source, read_component_in,
};
pub use members::{Change, Delivered, Entry, Error, Members, Removal, Session};
pub use records::{RecordError, Records, read_transcript, recorded_component, transcripts};
pub use test_files::{is_test_file, test_files};
pub use value::{ValueError, read_document, read_value};
pub use yaml::{Alike, CannotWrite, to_yaml};
