//! How big a workload is, and the same at another size.

use portolan_plugin::{Fault, Operation, Questions, Size, Workload};
use serde_json::Value;

use crate::Kubernetes;
use crate::object::kind;
use crate::requirements::requirements;

const REPLICAS: &str = "/spec/replicas";
const PARALLELISM: &str = "/spec/parallelism";
const COMPLETIONS: &str = "/spec/completions";

impl Workload for Kubernetes {
    /// What is not said is 0: nobody has filled in defaults here.
    fn replicas(questions: &dyn Questions) -> Result<Option<Size>, Fault> {
        let (replicas, pod, completions) = match kind(questions.template_get("/kind")).as_str() {
            "Deployment" | "ReplicaSet" | "StatefulSet" => {
                (count(REPLICAS, questions)?.unwrap_or(0), "/spec/template/spec", None)
            }
            "Job" => {
                let parallelism = count(PARALLELISM, questions)?.unwrap_or(0);
                let completions = count(COMPLETIONS, questions)?;
                // No more pods run at a time than there is to finish.
                (parallelism.min(completions.unwrap_or(u32::MAX)), "/spec/template/spec", completions)
            }
            "Pod" => (1, "/spec", None),
            _ => return Ok(None),
        };
        let requirements = questions.template_get(pod).and_then(|pod| requirements(&pod));
        Ok(Some(Size { replicas, requirements, completions }))
    }

    /// Only where the object says how many it wants: what it does not say is not divided.
    fn revise(
        replicas: u32,
        completions: Option<u32>,
        questions: &dyn Questions,
    ) -> Result<Vec<Operation>, Fault> {
        let (at, completions) = match kind(questions.template_get("/kind")).as_str() {
            "Deployment" | "ReplicaSet" | "StatefulSet" => (REPLICAS, None),
            "Job" => (PARALLELISM, completions),
            _ => return Ok(Vec::new()),
        };
        let mut patch = Vec::new();
        for (at, number) in [(at, Some(replicas)), (COMPLETIONS, completions)] {
            if let Some(number) = number.filter(|_| questions.template_get(at).is_some()) {
                patch.push(Operation::Replace { at: at.to_owned(), value: number.into() });
            }
        }
        Ok(patch)
    }
}

fn count(at: &str, questions: &dyn Questions) -> Result<Option<u32>, Fault> {
    match questions.template_get(at) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_u64().and_then(|number| u32::try_from(number).ok()) {
            Some(number) => Ok(Some(number)),
            None => Err(Fault::Template(format!("{at} is no whole number from 0 on"))),
        },
    }
}
