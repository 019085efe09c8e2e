//! What `deploy/` holds is what this version needs.

use std::path::Path;
use std::process::Command;

/// With `BLESS=1` the file is written instead.
#[test]
fn the_definitions_in_deploy_are_those_that_are_printed() {
    let output = Command::new(env!("CARGO_BIN_EXE_portolan")).arg("crds").output().expect("it was built");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).expect("it is text");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/crds.yaml");
    if std::env::var_os("BLESS").is_some_and(|bless| bless == "1") {
        std::fs::write(&file, &printed).expect("it can be written");
    }
    let there = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        there == printed,
        "deploy/crds.yaml is stale; `portolan crds > deploy/crds.yaml`, or BLESS=1 with this test"
    );
}
