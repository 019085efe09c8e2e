//! What is said of each kind, beyond the vectors of the conformance tests.

use kubernetes::Kubernetes;
use portolan_plugin::testing::{Answers, patched};
use portolan_plugin::{
    Aggregate, Dependencies, Fault, Health, Interpreter, Member, Prune, Reflect, Retain, State, Which,
    Workload,
};
use serde_json::{Value, json};

fn template(object: Value) -> Answers {
    Answers::default().template(object)
}

fn observed(object: Value) -> Answers {
    Answers::default().observed(object)
}

fn member(name: &str, status: Value) -> Member {
    let status = (!status.is_null()).then_some(status);
    Member { name: name.to_owned(), status, applied: true, health: State::Unknown }
}

fn aggregated(object: Value, statuses: &[Value]) -> Value {
    let members = ["m1", "m2", "m3"].iter().zip(statuses).map(|(name, status)| member(name, status.clone()));
    let status =
        Kubernetes::aggregate(members.collect(), &template(object)).expect("they can be put together");
    status.unwrap_or_default()
}

fn healthy(object: Value) -> bool {
    Kubernetes::health(&observed(object)).expect("it can be told") == State::Healthy
}

#[test]
fn each_kind_has_a_name_of_its_own() {
    let mut names: Vec<_> = Kubernetes::KINDS.iter().map(|(_, kind)| kind).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), Kubernetes::KINDS.len());
}

#[test]
fn no_more_of_a_job_runs_than_there_is_to_finish() {
    let job = json!({"kind": "Job", "spec": {"parallelism": 5, "completions": 3}});
    let size = Kubernetes::replicas(&template(job)).expect("it has a size").expect("it is a workload");
    assert_eq!((size.replicas, size.completions), (3, Some(3)));
}

#[test]
fn a_job_is_divided_with_what_there_is_to_finish() {
    let job = json!({"kind": "Job", "spec": {"parallelism": 5, "completions": 9}});
    let patch = Kubernetes::revise(2, Some(4), &template(job.clone())).expect("it is a workload");
    assert_eq!(patched(&job, &patch)["spec"], json!({"parallelism": 2, "completions": 4}));
}

#[test]
fn what_an_object_does_not_say_is_not_revised() {
    let patch = Kubernetes::revise(2, None, &template(json!({"kind": "Deployment", "spec": {}})));
    assert_eq!(patch, Ok(Vec::new()));
}

#[test]
fn limits_stand_in_for_requests_and_overhead_is_added() {
    let pod = json!({"kind": "Pod", "spec": {
        "containers": [{"resources": {"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"memory": "512Mi"}}}],
        "overhead": {"cpu": "250m"},
    }});
    let size = Kubernetes::replicas(&template(pod)).expect("it has a size").expect("it is a workload");
    assert_eq!(size.requirements, Some(json!({"resourceRequest": {"cpu": "1250m", "memory": "512Mi"}})));
}

#[test]
fn replicas_that_are_no_number_are_the_templates_fault() {
    let answer = Kubernetes::replicas(&template(json!({"kind": "ReplicaSet", "spec": {"replicas": "3"}})));
    assert!(matches!(answer, Err(Fault::Template(text)) if text.contains("/spec/replicas")));
}

#[test]
fn a_service_loses_its_address_unless_it_wants_none() {
    let service =
        |address: &str| json!({"kind": "Service", "spec": {"clusterIP": address, "clusterIPs": [address]}});
    let pruned = |object: Value| {
        patched(&object, &Kubernetes::prune(&template(object.clone())).expect("it can be pruned"))["spec"]
            .clone()
    };
    assert_eq!(pruned(service("10.0.0.1")), json!({}));
    assert_eq!(pruned(service("None")), json!({"clusterIP": "None", "clusterIPs": ["None"]}));
}

#[test]
fn a_token_is_the_members() {
    let secret = json!({"kind": "Secret", "type": "kubernetes.io/service-account-token", "data": null});
    let theirs = json!({"data": {"token": "eA=="},
        "metadata": {"annotations": {"kubernetes.io/service-account.uid": "u"}}});
    let answers = template(secret.clone()).observed(theirs);
    let retained = patched(&secret, &Kubernetes::retain(&answers).expect("it can be retained"));
    assert_eq!(retained["data"], json!({"token": "eA=="}));
    assert_eq!(retained["metadata"]["annotations"], json!({"kubernetes.io/service-account.uid": "u"}));
}

#[test]
fn the_replicas_of_a_labelled_deployment_are_the_members() {
    let deployment = json!({"kind": "Deployment", "spec": {"replicas": 2},
        "metadata": {"labels": {"resourcetemplate.karmada.io/retain-replicas": "true"}}});
    let answers = template(deployment.clone()).observed(json!({"spec": {"replicas": 7}}));
    let patch = Kubernetes::retain(&answers).expect("the member has some");
    assert_eq!(patched(&deployment, &patch)["spec"]["replicas"], 7);
    let none = template(deployment).observed(json!({"spec": {}}));
    assert!(matches!(Kubernetes::retain(&none), Err(Fault::Template(_))));
}

#[test]
fn an_address_makes_a_load_balancer_and_an_ingress_healthy() {
    let at = |kind: &str, ingress: Value| json!({"kind": kind, "spec": {"type": "LoadBalancer"}, "status": {"loadBalancer": {"ingress": ingress}}});
    for kind in ["Service", "Ingress"] {
        assert!(!healthy(at(kind, json!([]))), "{kind}");
        assert!(!healthy(at(kind, json!([{}]))), "{kind}");
        assert!(healthy(at(kind, json!([{"hostname": "h"}]))), "{kind}");
    }
    assert!(healthy(json!({"kind": "Service", "spec": {"type": "ClusterIP"}})));
}

#[test]
fn a_replica_set_is_healthy_once_all_are_available() {
    let set = |available: u32| {
        json!({"kind": "ReplicaSet", "metadata": {"generation": 2}, "spec": {"replicas": 3},
            "status": {"observedGeneration": 2, "availableReplicas": available}})
    };
    assert!(healthy(set(3)));
    assert!(!healthy(set(2)));
}

#[test]
fn generations_are_reflected_so_that_it_is_told_who_has_caught_up() {
    let deployment = json!({"kind": "Deployment", "status": {"replicas": 2, "observedGeneration": 3, "collisionCount": 1},
        "metadata": {"generation": 3, "annotations": {"resourcetemplate.karmada.io/generation": "5"}}});
    let status = Kubernetes::reflect(&observed(deployment)).expect("it has a status");
    let expected =
        json!({"generation": 3, "observedGeneration": 3, "replicas": 2, "resourceTemplateGeneration": 5});
    assert_eq!(status, Some(expected));
}

#[test]
fn counters_of_an_autoscaler_are_added_up() {
    let hpa = json!({"kind": "HorizontalPodAutoscaler"});
    let status = aggregated(
        hpa,
        &[
            json!({"currentReplicas": 1, "desiredReplicas": 2}),
            json!({"currentReplicas": 3, "desiredReplicas": 3}),
        ],
    );
    assert_eq!(status, json!({"currentMetrics": null, "currentReplicas": 4, "desiredReplicas": 5}));
}

#[test]
fn disrupted_pods_are_told_apart_by_their_cluster() {
    let of = |pod: &str| {
        json!({"currentHealthy": 1, "desiredHealthy": 1, "expectedPods": 2, "disruptionsAllowed": 0,
            "disruptedPods": {pod: "2026-01-01T00:00:00Z"}})
    };
    let status = aggregated(json!({"kind": "PodDisruptionBudget"}), &[of("a"), of("a")]);
    assert_eq!(status["expectedPods"], 4);
    let when = "2026-01-01T00:00:00Z";
    assert_eq!(status["disruptedPods"], json!({"m1/a": when, "m2/a": when}));
}

#[test]
fn the_latest_times_and_all_active_jobs_are_a_cron_jobs() {
    let status = aggregated(
        json!({"kind": "CronJob"}),
        &[
            json!({"active": [{"name": "a"}], "lastScheduleTime": "2026-01-02T00:00:00Z"}),
            json!({"active": [{"name": "b"}], "lastScheduleTime": "2026-01-01T00:00:00Z"}),
        ],
    );
    let expected =
        json!({"active": [{"name": "a"}, {"name": "b"}], "lastScheduleTime": "2026-01-02T00:00:00Z"});
    assert_eq!(status, expected);
}

#[test]
fn the_phase_of_a_volume_is_the_one_that_needs_most_care() {
    let volume = || json!({"kind": "PersistentVolume"});
    let phase = |phase: &str| json!({"phase": phase});
    assert_eq!(aggregated(volume(), &[phase("Bound"), phase("Available")]), phase("Available"));
    assert_eq!(aggregated(volume(), &[phase("Bound"), Value::Null]), phase("Pending"));
}

#[test]
fn a_job_has_failed_where_a_member_has_and_says_where() {
    let of = |condition: &str| json!({"conditions": [{"type": condition, "status": "True"}]});
    let status = aggregated(json!({"kind": "Job"}), &[of("Complete"), of("Failed")]);
    assert_eq!(status["conditions"][0]["type"], "Failed");
    assert_eq!(status["conditions"][0]["message"], "Job executed failed in member clusters m2");
    let status = aggregated(json!({"kind": "Job"}), &[of("Complete"), of("Complete")]);
    assert_eq!(status["conditions"][0]["type"], "Complete");
    let finished = json!({"kind": "Job", "status": of("Complete")});
    assert_eq!(aggregated(finished, &[of("Failed")]), Value::Null, "it never changes again");
}

#[test]
fn a_replica_sets_generation_is_observed_once_every_member_says_so() {
    let set = || json!({"kind": "ReplicaSet", "metadata": {"generation": 4}});
    let of = |template: u32| json!({"replicas": 1, "generation": 2, "observedGeneration": 2, "resourceTemplateGeneration": template});
    assert_eq!(aggregated(set(), &[of(4), of(4)]), json!({"observedGeneration": 4, "replicas": 2}));
    assert_eq!(aggregated(set(), &[of(4), of(3)]), json!({"replicas": 2}));
}

#[test]
fn a_stateful_set_makes_its_own_claims() {
    let set = json!({"kind": "StatefulSet", "metadata": {"namespace": "n"}, "spec": {
        "volumeClaimTemplates": [{"metadata": {"name": "data"}}],
        "template": {"spec": {"volumes": [
            {"persistentVolumeClaim": {"claimName": "data"}},
            {"persistentVolumeClaim": {"claimName": "shared"}},
        ]}},
    }});
    let needed = Kubernetes::dependencies(&template(set)).expect("it can be told");
    let names: Vec<_> = needed.iter().map(|one| &one.which).collect();
    assert_eq!(names, [&Which::Name("shared".to_owned())]);
}

#[test]
fn an_imported_service_needs_what_stands_for_it() {
    let import = json!({"kind": "ServiceImport", "metadata": {"name": "web", "namespace": "n"}});
    let needed = Kubernetes::dependencies(&template(import)).expect("it can be told");
    assert_eq!(needed[0].which, Which::Name("derived-web".to_owned()));
    let labels = json!({"matchLabels": {"kubernetes.io/service-name": "derived-web"}});
    assert_eq!(needed[1].which, Which::Labels(labels));
}

#[test]
fn a_certificate_without_a_secret_names_its_place() {
    let ingress = json!({"kind": "Ingress", "spec": {"tls": [{"secretName": "a"}, {}]}});
    let answer = Kubernetes::dependencies(&template(ingress));
    assert!(matches!(answer, Err(Fault::Template(text)) if text.contains("spec.tls[1].secretName")));
}
