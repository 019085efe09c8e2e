//! What is known of each kind.

use portolan_plugin::Questions;
use serde_json::Value;

const HELM_OLD: &str = "helm.toolkit.fluxcd.io/v2beta1";
const HELM: &str = "helm.toolkit.fluxcd.io/v2";
const KUSTOMIZE: &str = "kustomize.toolkit.fluxcd.io/v1";
const SOURCE_OLD: &str = "source.toolkit.fluxcd.io/v1beta2";
const SOURCE: &str = "source.toolkit.fluxcd.io/v1";

/// Every kind that the plugin speaks for.
pub(crate) const NAMES: &[(&str, &str)] = &[
    (HELM, "HelmRelease"),
    (HELM_OLD, "HelmRelease"),
    (KUSTOMIZE, "Kustomization"),
    (SOURCE, "Bucket"),
    (SOURCE, "GitRepository"),
    (SOURCE, "HelmChart"),
    (SOURCE, "HelmRepository"),
    (SOURCE, "OCIRepository"),
    (SOURCE_OLD, "Bucket"),
    (SOURCE_OLD, "HelmChart"),
    (SOURCE_OLD, "HelmRepository"),
    (SOURCE_OLD, "OCIRepository"),
];

/// What is known of a kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    /// With which reasons `Ready` means healthy. None: with every one, once the controller has seen the object as it is.
    pub(crate) reasons: Option<&'static [&'static str]>,
    /// Which fields of a member's status are seen. None: all of it, and nothing is retained; so the reference does for
    /// kinds that it does not know.
    pub(crate) reflected: Option<&'static [&'static str]>,
    /// Texts of the status of which the last member's counts, else the template's.
    pub(crate) last: &'static [&'static str],
    /// The same of which the template's does not count: empty where no member has one.
    pub(crate) last_or_empty: &'static [&'static str],
    /// Counters. They are added up where the template has them already.
    pub(crate) counters: &'static [&'static str],
    /// Whether there is an artifact, of which the last member's counts.
    pub(crate) artifact: bool,
    /// Where a Secret is named.
    pub(crate) secrets: &'static [&'static str],
    /// Where a ConfigMap is named.
    pub(crate) config_maps: &'static [&'static str],
    /// Where Secrets and ConfigMaps are listed, each with its kind.
    pub(crate) values: &'static [&'static str],
    /// Whether it may name a ServiceAccount.
    pub(crate) account: bool,
}

const NOTHING: Known = Known {
    reasons: None,
    reflected: None,
    last: &[],
    last_or_empty: &[],
    counters: &[],
    artifact: false,
    secrets: &[],
    config_maps: &[],
    values: &[],
    account: false,
};

const HELM_RELEASE: Known = Known {
    last: &[
        "helmChart",
        "lastAppliedRevision",
        "lastAttemptedRevision",
        "lastAttemptedValuesChecksum",
        "lastReleaseRevision",
    ],
    counters: &["failures", "installFailures", "upgradeFailures"],
    secrets: &["/spec/chart/spec/verify/secretRef/name", "/spec/kubeConfig/secretRef/name"],
    values: &["/spec/valuesFrom"],
    account: true,
    ..NOTHING
};

const KUSTOMIZATION: Known = Known {
    reasons: Some(&["ReconciliationSucceeded"]),
    reflected: Some(&["conditions", "lastAppliedRevision", "lastAttemptedRevision", "observedGeneration"]),
    last: &["lastAppliedRevision", "lastAttemptedRevision"],
    secrets: &["/spec/decryption/secretRef/name", "/spec/kubeConfig/secretRef/name"],
    // The reference does not follow these; without them the Kustomization never becomes ready on the member.
    values: &["/spec/postBuild/substituteFrom"],
    account: true,
    ..NOTHING
};

const GIT_REPOSITORY: Known = Known {
    reasons: Some(&["Succeeded"]),
    reflected: Some(&[
        "artifact",
        "conditions",
        "observedGeneration",
        "observedIgnore",
        "observedRecurseSubmodules",
    ]),
    artifact: true,
    secrets: &["/spec/secretRef/name", "/spec/verify/secretRef/name"],
    ..NOTHING
};

/// What HelmRepository, OCIRepository, Bucket and HelmChart share.
const SOURCE_KIND: Known = Known { last_or_empty: &["url"], artifact: true, ..NOTHING };

const HELM_CHART: Known = Known {
    last_or_empty: &["observedChartName", "observedSourceArtifactRevision", "url"],
    secrets: &["/spec/verify/secretRef/name"],
    ..SOURCE_KIND
};

/// The row of the object that a call is about. The host calls for no other kinds than those of the table.
pub(crate) fn known(get: impl Fn(&str) -> Option<Value>) -> Known {
    let text = |at: &str| get(at).and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default();
    match (text("/apiVersion").as_str(), text("/kind").as_str()) {
        (HELM_OLD, "HelmRelease") => Known {
            reasons: Some(&["ReconciliationSucceeded"]),
            reflected: Some(&[
                "conditions",
                "failures",
                "helmChart",
                "installFailures",
                "lastAppliedRevision",
                "lastAttemptedRevision",
                "lastAttemptedValuesChecksum",
                "lastReleaseRevision",
                "observedGeneration",
                "upgradeFailures",
            ]),
            ..HELM_RELEASE
        },
        (HELM, "HelmRelease") => {
            Known { config_maps: &["/spec/kubeConfig/configMapRef/name"], ..HELM_RELEASE }
        }
        (KUSTOMIZE, "Kustomization") => KUSTOMIZATION,
        (SOURCE, "GitRepository") => GIT_REPOSITORY,
        (SOURCE_OLD, "HelmRepository") => Known {
            reasons: Some(&["Succeeded"]),
            reflected: Some(&["artifact", "conditions", "observedGeneration", "url"]),
            secrets: &["/spec/secretRef/name"],
            ..SOURCE_KIND
        },
        (SOURCE, "HelmRepository") => {
            Known { secrets: &["/spec/secretRef/name", "/spec/certSecretRef/name"], ..SOURCE_KIND }
        }
        (SOURCE_OLD, "OCIRepository") => Known {
            reasons: Some(&["Succeeded"]),
            reflected: Some(&[
                "artifact",
                "conditions",
                "observedGeneration",
                "observedIgnore",
                "observedLayerSelector",
                "url",
            ]),
            secrets: &["/spec/secretRef/name", "/spec/verify/secretRef/name", "/spec/certSecretRef/name"],
            account: true,
            ..SOURCE_KIND
        },
        (SOURCE, "OCIRepository") => Known {
            secrets: &[
                "/spec/secretRef/name",
                "/spec/verify/secretRef/name",
                "/spec/certSecretRef/name",
                "/spec/proxySecretRef/name",
            ],
            account: true,
            ..SOURCE_KIND
        },
        (SOURCE_OLD, "Bucket") => Known {
            reasons: Some(&["Succeeded"]),
            reflected: Some(&["artifact", "conditions", "observedGeneration", "observedIgnore", "url"]),
            secrets: &["/spec/secretRef/name"],
            ..SOURCE_KIND
        },
        (SOURCE, "Bucket") => Known {
            secrets: &["/spec/secretRef/name", "/spec/certSecretRef/name", "/spec/proxySecretRef/name"],
            ..SOURCE_KIND
        },
        (SOURCE_OLD, "HelmChart") => Known {
            reasons: Some(&["ChartPullSucceeded", "Succeeded"]),
            // Without observedGeneration, as the reference.
            reflected: Some(&[
                "artifact",
                "conditions",
                "observedChartName",
                "observedSourceArtifactRevision",
                "url",
            ]),
            ..HELM_CHART
        },
        (SOURCE, "HelmChart") => HELM_CHART,
        _ => NOTHING,
    }
}

/// The row of the template.
pub(crate) fn of_template(questions: &dyn Questions) -> Known {
    known(|at| questions.template_get(at))
}

/// The row of the member's object.
pub(crate) fn of_observed(questions: &dyn Questions) -> Known {
    known(|at| questions.observed_get(at))
}
