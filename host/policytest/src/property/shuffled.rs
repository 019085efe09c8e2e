//! The order of the input changes nothing.

use crate::property::{Breach, Subject, unequal};
use crate::scene::Scene;
use crate::shuffle::Sequence;

/// How many orders are tried beside the one given, the first of them the reverse. Arbitrary: each makes the whole plan
/// anew.
const ORDERS: u64 = 4;

pub(super) fn breaches(scene: &Scene, subjects: &[Subject<'_>]) -> Vec<Breach> {
    let world = scene.world();
    let whole = |scene: &Scene, world: &portolan_plan::World, (template, previous): Subject<'_>| {
        scene.answer(world, template, previous).1.whole()
    };
    let given: Vec<_> = subjects.iter().map(|subject| whole(scene, &world, *subject)).collect();
    let mut broken = vec![false; subjects.len()];
    let mut found = Vec::new();
    for seed in 0..ORDERS {
        let other = shuffled(scene, seed);
        let world = other.world();
        // The templates come in another order, too, so that nothing that is remembered of one is of use to the next.
        let mut order: Vec<usize> = (0..subjects.len()).collect();
        Sequence::new(seed).shuffle(&mut order);
        let mut answers: Vec<_> =
            order.into_iter().map(|at| (at, whole(&other, &world, subjects[at]))).collect();
        answers.sort_by_key(|(at, _)| *at);
        for (at, answer) in answers {
            let text = format!("with the input in the order of seed {seed} the answer is another one");
            let breach = unequal(subjects[at].0, text, &given[at], &answer);
            // The first order that shows it is enough.
            if !broken[at] {
                broken[at] = breach.is_some();
                found.extend(breach);
            }
        }
    }
    found
}

/// The same scene in the order of a seed; 0 is the reverse.
fn shuffled(scene: &Scene, seed: u64) -> Scene {
    let mut scene = scene.clone();
    let ingredients = &mut scene.ingredients;
    if seed == 0 {
        ingredients.clusters.reverse();
        ingredients.propagation.reverse();
        ingredients.overrides.reverse();
        ingredients.unread.reverse();
    } else {
        let mut sequence = Sequence::new(seed);
        sequence.shuffle(&mut ingredients.clusters);
        sequence.shuffle(&mut ingredients.propagation);
        sequence.shuffle(&mut ingredients.overrides);
        sequence.shuffle(&mut ingredients.unread);
    }
    scene
}
