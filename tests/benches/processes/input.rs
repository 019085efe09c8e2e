//! Inputs of any size.

use std::fmt::{self, Write as _};
use std::fs;
use std::path::{Path, PathBuf};

/// A directory of manifests.
pub(crate) struct Input {
    pub(crate) directory: PathBuf,
    pub(crate) templates: usize,
    pub(crate) clusters: usize,
    /// What the templates take together.
    pub(crate) bytes: usize,
}

/// How templates are spread over files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spread {
    OneAFile,
    ManyDocuments,
    Lists,
    OneFile,
}

impl Spread {
    /// How many one file holds.
    fn a_file(self) -> usize {
        match self {
            Self::OneAFile => 1,
            Self::ManyDocuments | Self::Lists => 100,
            Self::OneFile => usize::MAX,
        }
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.pad(match self {
            Self::OneAFile => "one a file",
            Self::ManyDocuments => "100 documents a file",
            Self::Lists => "Lists of 100",
            Self::OneFile => "one file of as many documents",
        })
    }
}

impl Input {
    /// ConfigMaps of 2 kB, one PropagationPolicy that sends them to every cluster, and one OverridePolicy by which the
    /// first cluster gets another value.
    pub(crate) fn generate(directory: &Path, templates: usize, clusters: usize, spread: Spread) -> Self {
        let write = |name: &str, text: &str| {
            fs::write(directory.join(name), text).expect("the temporary directory can be written to");
        };
        fs::create_dir_all(directory.join("templates")).expect("the temporary directory can be written to");
        let names: Vec<String> = (0..clusters).map(|n| format!("member{n:04}")).collect();
        write("clusters.yaml", &names.iter().enumerate().map(cluster).collect::<String>());
        write("policies.yaml", &policies(&names));
        let mut bytes = 0;
        for first in (0..templates).step_by(spread.a_file().min(templates)) {
            let last = first.saturating_add(spread.a_file()).min(templates);
            let mut text = String::new();
            if spread == Spread::Lists {
                text.push_str("apiVersion: v1\nkind: List\nitems:\n");
            }
            for n in first..last {
                let document = config_map(n);
                bytes += document.len();
                if spread == Spread::Lists {
                    for (line, at) in document.lines().zip(0..) {
                        let _ = writeln!(text, "{}{line}", if at == 0 { "- " } else { "  " });
                    }
                } else {
                    text.push_str("---\n");
                    text.push_str(&document);
                }
            }
            write(&format!("templates/{first:06}.yaml"), &text);
        }
        Self { directory: directory.into(), templates, clusters, bytes }
    }
}

/// With four labels and a region, as fleets have them.
fn cluster((n, name): (usize, &String)) -> String {
    format!(
        "---
apiVersion: cluster.karmada.io/v1alpha1
kind: Cluster
metadata:
  name: {name}
  labels: {{env: {}, tier: t{}, team: a, ring: r{}}}
spec:
  region: eu
",
        ["prod", "dev", "test"][n % 3],
        n % 5,
        n % 7
    )
}

fn policies(clusters: &[String]) -> String {
    format!(
        "apiVersion: policy.karmada.io/v1alpha1
kind: PropagationPolicy
metadata:
  name: everywhere
spec:
  resourceSelectors: [{{apiVersion: v1, kind: ConfigMap}}]
  placement:
    clusterAffinity: {{clusterNames: [{}]}}
---
apiVersion: policy.karmada.io/v1alpha1
kind: OverridePolicy
metadata:
  name: another
spec:
  resourceSelectors: [{{apiVersion: v1, kind: ConfigMap}}]
  overrideRules:
    - targetCluster: {{clusterNames: [{}]}}
      overriders:
        plaintext: [{{path: /data/key-07, operator: replace, value: another}}]
",
        clusters.join(", "),
        clusters[0]
    )
}

fn config_map(n: usize) -> String {
    let mut text = format!(
        "apiVersion: v1
kind: ConfigMap
metadata:
  name: config-{n:06}
  namespace: default
  labels:
    app: bench
data:
"
    );
    for key in 0..40 {
        let _ = writeln!(text, "  key-{key:02}: forty characters of text, give or take {}", key % 10);
    }
    text
}
