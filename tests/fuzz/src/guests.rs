//! The frame that the sandbox's own tests put around a plugin's functions, so that there is one of it.

const FRAME: &str = include_str!("../../../host/sandbox/tests/guests/guest.frame.wat");
const FILTER: &str = include_str!("../../../host/sandbox/tests/guests/filter.stage.wat");
const OVERRIDER: &str = include_str!("../../../host/sandbox/tests/guests/overrider.stage.wat");

/// A component's text around the fields of its core module.
pub(crate) fn framed(fields: &str) -> String {
    let stage = if fields.contains(r#"(export "patch")"#) { OVERRIDER } else { FILTER };
    FRAME.replace("{{fields}}", fields).replace("{{stage}}", stage)
}
