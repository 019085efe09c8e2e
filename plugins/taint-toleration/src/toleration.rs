use std::borrow::Cow;

use portolan_plugin::Config;
use serde::Deserialize;

use crate::taint::Taint;

/// `clusterTolerations` as policies write it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Tolerations(pub Vec<Toleration>);

impl Tolerations {
    /// Whether any one of them fits.
    pub(crate) fn tolerate(&self, taint: &Taint<'_>) -> bool {
        self.0.iter().any(|toleration| toleration.tolerates(taint))
    }
}

/// By hand: deriving it would make the component half as large again.
impl Config for Tolerations {
    fn schema() -> Cow<'static, str> {
        include_str!("../config.schema.json").into()
    }
}

/// One toleration. Null is the same as absent, and so is an empty text.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Toleration {
    /// The taint's key; none fits every key.
    pub key: Option<String>,
    /// How values are compared.
    pub operator: Option<Operator>,
    /// What [`Operator::Equal`] compares with.
    pub value: Option<String>,
    /// The taint's effect.
    pub effect: Option<Effect>,
    /// For evictions; choosing clusters does not look at it.
    pub toleration_seconds: Option<i64>,
}

impl Toleration {
    /// As Kubernetes has it. Without a key `Equal` compares the values all the same; Kubernetes takes no such pod, but the
    /// reference takes such a policy.
    fn tolerates(&self, taint: &Taint<'_>) -> bool {
        let key = self.key.as_deref().unwrap_or_default();
        let effect_fits = match self.effect.unwrap_or_default() {
            Effect::Any => true,
            Effect::NoSchedule => taint.effect == "NoSchedule",
            Effect::PreferNoSchedule => taint.effect == "PreferNoSchedule",
            Effect::NoExecute => taint.effect == "NoExecute",
        };
        let value_fits = match self.operator.unwrap_or_default() {
            Operator::Equal => self.value.as_deref().unwrap_or_default() == taint.value,
            Operator::Exists => true,
        };
        effect_fits && value_fits && (key.is_empty() || key == taint.key)
    }
}

/// How a toleration's value is compared with a taint's.
///
/// Kubernetes 1.35 began to try `Lt` and `Gt`, which compare numbers, behind a gate that is shut by default; to the reference
/// they tolerate nothing. A toleration that does nothing is nobody's intention, so they are refused by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Operator {
    /// The values are equal. Nothing written means this one.
    #[default]
    Equal,
    /// Whatever the value.
    Exists,
}

impl TryFrom<String> for Operator {
    type Error = String;

    fn try_from(operator: String) -> Result<Self, String> {
        match operator.as_str() {
            "" | "Equal" => Ok(Self::Equal),
            "Exists" => Ok(Self::Exists),
            _ => Err(format!("there is no {operator:?} for taints of clusters; valid is Equal, Exists")),
        }
    }
}

/// Which effect of a taint is tolerated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
#[allow(missing_docs, reason = "Kubernetes' effects by Kubernetes' names")]
pub enum Effect {
    /// Every one: nothing is written.
    #[default]
    Any,
    NoSchedule,
    PreferNoSchedule,
    NoExecute,
}

impl TryFrom<String> for Effect {
    type Error = String;

    fn try_from(effect: String) -> Result<Self, String> {
        match effect.as_str() {
            "" => Ok(Self::Any),
            "NoSchedule" => Ok(Self::NoSchedule),
            "PreferNoSchedule" => Ok(Self::PreferNoSchedule),
            "NoExecute" => Ok(Self::NoExecute),
            _ => Err(format!("there is no {effect:?}; valid is NoSchedule, PreferNoSchedule, NoExecute")),
        }
    }
}
