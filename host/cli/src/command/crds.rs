//! `portolan crds`: the CustomResourceDefinitions, for `kubectl apply --server-side`.

use anyhow::Context as _;

use crate::findings::Findings;
use crate::print;

/// Prints all of them as one YAML stream.
pub fn run() -> anyhow::Result<Findings> {
    let mut text = String::new();
    for definition in portolan_api::definitions() {
        let yaml = portolan_local::to_yaml(&definition).context("a definition is no YAML")?;
        text.push_str("---\n");
        text.push_str(&yaml);
    }
    print::until_closed(print::text(&text))?;
    Ok(Findings::default())
}
