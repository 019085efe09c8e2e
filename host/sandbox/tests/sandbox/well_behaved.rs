//! What an honest plugin sees.

use portolan_plan::{Plugin as _, Stage};

use crate::setting::{offer, plugin};

#[test]
fn a_filter_is_loaded_described_and_asked() {
    let plugin = plugin("refuses-all");
    assert_eq!(plugin.manifest().name, "guest");
    assert_eq!(plugin.manifest().stages, [Stage::Filter].into());
    let mut reading = offer(3);
    let (answer, figures) = plugin.filter_measured("{}", &mut reading);
    let refusals = answer.expect("an answer");
    assert_eq!((refusals[0].reason.as_str(), refusals[0].clusters.as_slice()), ("no", [0, 1, 2].as_slice()));
    assert_eq!(figures.questions, 1);
    assert!(figures.fuel > 0 && figures.memory_bytes == 4 << 16, "{figures:?}");
    assert_eq!(reading.on_offer(), 3, "the reading comes back");
}
