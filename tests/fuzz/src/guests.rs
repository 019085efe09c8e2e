//! The frame that the sandbox's own tests put around a plugin's functions, so that there is one of it.

const FRAME: &str = include_str!("../../../host/sandbox/tests/guests/guest.frame.wat");

/// Each stage, by a function that it exports.
const STAGES: [(&str, &str); 10] = [
    ("filter", include_str!("../../../host/sandbox/tests/guests/filter.stage.wat")),
    ("score", include_str!("../../../host/sandbox/tests/guests/scorer.stage.wat")),
    ("estimate", include_str!("../../../host/sandbox/tests/guests/estimator.stage.wat")),
    ("select", include_str!("../../../host/sandbox/tests/guests/selector.stage.wat")),
    ("assign", include_str!("../../../host/sandbox/tests/guests/assigner.stage.wat")),
    ("patch", include_str!("../../../host/sandbox/tests/guests/overrider.stage.wat")),
    ("replicas", include_str!("../../../host/sandbox/tests/guests/workload.stage.wat")),
    ("health", include_str!("../../../host/sandbox/tests/guests/health.stage.wat")),
    ("reflect", include_str!("../../../host/sandbox/tests/guests/reflect.stage.wat")),
    ("dependencies", include_str!("../../../host/sandbox/tests/guests/dependencies.stage.wat")),
];

/// A component's text around the fields of its core module, which export one of those.
pub(crate) fn framed(fields: &str) -> String {
    let exported = |(function, _): &&(&str, &str)| fields.contains(&format!(r#"(export "{function}")"#));
    let (_, stage) = STAGES.iter().find(exported).unwrap_or(&STAGES[0]);
    FRAME.replace("{{fields}}", fields).replace("{{stage}}", stage)
}
