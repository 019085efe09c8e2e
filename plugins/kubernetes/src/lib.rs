//! Kubernetes' own kinds, as the reference's native interpreters know them.
//!
//! ```text
//!              size  revise  prune  retain  health  reflect  aggregate  dependencies
//!  size.rs      x      x
//!  prune.rs                    x
//!  retain.rs                          x
//!  health.rs                                  x
//!  reflect.rs                                         x
//!  aggregate.rs                                                 x
//!  dependencies.rs                                                         x
//! ```
//!
//! All operations speak for all kinds: where there is nothing to say about one, it is what the step would do by itself.
//! Only the parts of an object that a kind needs are asked for. Lists that are put together from members' are in the
//! order of their JSON text, dependencies in the order in which the object names them.

mod aggregate;
mod amount;
mod dependencies;
mod health;
mod job;
mod object;
mod prune;
mod reflect;
mod requirements;
mod retain;
mod size;

use portolan_plugin::Interpreter;

/// The plugin.
#[derive(Debug)]
pub struct Kubernetes;

impl Interpreter for Kubernetes {
    const KINDS: &[(&str, &str)] = &[
        ("apps/v1", "DaemonSet"),
        ("apps/v1", "Deployment"),
        ("apps/v1", "ReplicaSet"),
        ("apps/v1", "StatefulSet"),
        ("autoscaling/v2", "HorizontalPodAutoscaler"),
        ("batch/v1", "CronJob"),
        ("batch/v1", "Job"),
        ("multicluster.x-k8s.io/v1alpha1", "ServiceImport"),
        ("networking.k8s.io/v1", "Ingress"),
        ("policy/v1", "PodDisruptionBudget"),
        ("v1", "PersistentVolume"),
        ("v1", "PersistentVolumeClaim"),
        ("v1", "Pod"),
        ("v1", "Secret"),
        ("v1", "Service"),
        ("v1", "ServiceAccount"),
    ];
}

portolan_plugin::interpreter!(
    Kubernetes: Workload, Prune, Retain, Health, Reflect, Aggregate, Dependencies
);
