//! Everything that a test plans with.

use portolan_plan::{Decision, Ingredients, Options, Previous, Template, World, decide};

use crate::answer::Answer;
use crate::which::{NotFound, Which};

/// Clusters, policies, plugins and templates, from which any number of Worlds may be made.
#[derive(Clone, Default)]
pub struct Scene {
    /// What Worlds are made of.
    pub ingredients: Ingredients,
    /// The templates.
    pub templates: Vec<Template>,
    /// The author's choices.
    pub options: Options,
}

impl Scene {
    /// The World of it. What is wrong with policies was said when the scene was put together.
    pub fn world(&self) -> World {
        World::new(self.ingredients.clone()).0
    }

    /// The one template of that name.
    pub fn template(&self, which: &Which) -> Result<&Template, NotFound> {
        which.among(&self.templates, |template| &template.key)
    }

    /// Decides about a template, and tells what comes of it.
    pub fn answer(&self, world: &World, template: &Template, previous: &Previous) -> (Decision, Answer) {
        let decision = decide(world, template.clone(), previous, self.options);
        let answer = Answer::of(world, &decision, previous);
        (decision, answer)
    }
}
