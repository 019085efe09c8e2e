//! `fieldSelector`: over `spec.provider`, `spec.region` and `spec.zones`. The deprecated `spec.zone` is not
//! looked at: the reference does not either.

use portolan_plugin::{Questions, Refusal};
use serde_json::Value;

use crate::selection::Selection;
use crate::{FieldSelector, Requirement};

/// Why some clusters do not fit, requirement by requirement.
pub(crate) fn refusals(selector: &FieldSelector, size: u32, questions: &dyn Questions) -> Vec<Refusal> {
    let requirements = selector.match_expressions.as_deref().unwrap_or_default();
    let mut columns = Columns { questions, asked: Vec::new() };
    requirements.iter().filter_map(|requirement| refusal(requirement, size, &mut columns)).collect()
}

fn refusal(requirement: &Requirement, size: u32, columns: &mut Columns<'_>) -> Option<Refusal> {
    let nobody_fits = |why| {
        let reason = format!("fields can't match {requirement}: {why}");
        Refusal::unless_empty(reason, (0..size).collect())
    };
    let operator = match Operator::read(requirement) {
        Ok(operator) => operator,
        Err(wrong) => return nobody_fits(wrong),
    };
    let values = requirement.values.as_deref().unwrap_or_default();
    let fitting = match requirement.key.as_str() {
        "provider" => {
            Selection::by(columns.get("/spec/provider").map(|there| operator.met(one(there), values)))
        }
        "region" => Selection::by(columns.get("/spec/region").map(|there| operator.met(one(there), values))),
        "zone" => Selection::by(columns.get("/spec/zones").map(|there| operator.met(many(there), values))),
        // Admission lets no other key in. No cluster has such a field, which is what NotIn and DoesNotExist
        // ask for.
        _ if operator.met(std::iter::empty(), values) => return None,
        _ => return nobody_fits("the key must be provider, region or zone"),
    };
    Refusal::unless_empty(format!("fields do not match {requirement}"), fitting.others())
}

#[derive(Clone, Copy)]
enum Operator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

impl Operator {
    /// The operator, or what is wrong with the requirement.
    fn read(requirement: &Requirement) -> Result<Self, &'static str> {
        let Requirement { key, operator, values } = requirement;
        if key.is_empty() {
            return Err("the key must be provider, region or zone");
        }
        let operator = match operator.as_str() {
            "In" => Self::In,
            "NotIn" => Self::NotIn,
            "Exists" => Self::Exists,
            "DoesNotExist" => Self::DoesNotExist,
            _ => return Err("the operator must be In or NotIn"),
        };
        // Zones are compared by the reference's own code, which takes any number of values; the other keys go
        // through the selectors of Kubernetes, which do not.
        let values = values.as_deref().unwrap_or_default();
        match operator {
            _ if key == "zone" => Ok(operator),
            Self::In | Self::NotIn if values.is_empty() => Err("values must not be empty"),
            Self::Exists | Self::DoesNotExist if !values.is_empty() => Err("values must be empty"),
            _ => Ok(operator),
        }
    }

    /// Whether a cluster with these values of the field is one that the requirement asks for.
    fn met<'a>(self, mut there: impl Iterator<Item = &'a str>, values: &[String]) -> bool {
        match self {
            Self::In => there.any(|one| values.iter().any(|value| value == one)),
            Self::NotIn => !Self::In.met(there, values),
            Self::Exists => there.next().is_some(),
            Self::DoesNotExist => there.next().is_none(),
        }
    }
}

/// An empty text is a field that was left out.
fn one(there: &Value) -> impl Iterator<Item = &str> {
    there.as_str().filter(|text| !text.is_empty()).into_iter()
}

fn many(there: &Value) -> impl Iterator<Item = &str> {
    there.as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// Each field is asked for once, however many requirements look at it.
struct Columns<'a> {
    questions: &'a dyn Questions,
    asked: Vec<(&'static str, Vec<Value>)>,
}

impl Columns<'_> {
    fn get(&mut self, at: &'static str) -> impl Iterator<Item = &Value> {
        let place = self.asked.iter().position(|(asked, _)| *asked == at).unwrap_or_else(|| {
            self.asked.push((at, self.questions.fleet_column(at)));
            self.asked.len() - 1
        });
        self.asked[place].1.iter()
    }
}
