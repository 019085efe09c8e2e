//! Places in an answer: on offer, and each there once.

use portolan_plan::{Fault, Place, Reading};

/// Sorts places; all must be on offer, and each there once.
pub(super) fn sort(
    clusters: &mut [Place],
    reading: &Reading,
    list: impl Fn() -> String,
) -> Result<(), Fault> {
    clusters.sort_unstable();
    // Sorted, so that the last is the greatest.
    let size = reading.on_offer();
    if let Some(last) =
        clusters.last().filter(|last| usize::try_from(**last).map_or(true, |last| last >= size))
    {
        return Err(Fault::Answer(format!(
            "{} names cluster {last}, which is not on offer; valid: {}",
            list(),
            if size == 0 { "none, as there are no clusters".into() } else { format!("0 to {}", size - 1) }
        )));
    }
    if let Some(twice) = clusters.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(Fault::Answer(format!(
            "{} names {} twice; valid: each once",
            list(),
            cluster(twice[0], reading)
        )));
    }
    Ok(())
}

/// A cluster by place and name.
pub(super) fn cluster(place: Place, reading: &Reading) -> String {
    match reading.name_of(place) {
        Some(name) => format!("cluster {place} (`{name}`)"),
        None => format!("cluster {place}"),
    }
}

/// The first few of some places, for a message.
pub(super) fn some(places: &[Place], reading: &Reading) -> String {
    /// Arbitrary: about a line.
    const SHOWN: usize = 5;
    let mut text: Vec<String> = places.iter().take(SHOWN).map(|place| cluster(*place, reading)).collect();
    if places.len() > SHOWN {
        text.push(format!("{} more", places.len() - SHOWN));
    }
    if text.is_empty() { "none".into() } else { text.join(", ") }
}
