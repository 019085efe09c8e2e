//! How a cluster is reached, as every client of Kubernetes reads it.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::error::Error;
use crate::pki::Pki;
use crate::process::write_private;

/// Writes the administrator's kubeconfig: one cluster, one user and one context of the cluster's name, with everything
/// inside, for the owner's eyes alone.
pub(crate) fn write(path: &Path, cluster: &str, server: &str, pki: &Pki) -> Result<(), Error> {
    let user = format!("{cluster}-admin");
    let config = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": cluster,
        "clusters": [{
            "name": cluster,
            "cluster": {"server": server, "certificate-authority-data": STANDARD.encode(&pki.ca)},
        }],
        "users": [{
            "name": user,
            "user": {
                "client-certificate-data": STANDARD.encode(&pki.admin_certificate),
                "client-key-data": STANDARD.encode(&pki.admin_key),
            },
        }],
        "contexts": [{"name": cluster, "context": {"cluster": cluster, "user": user}}],
    });
    // Keys and certificates stay in one line each: readers that know less of YAML than it has take them for text.
    let options = serde_saphyr::ser_options! { prefer_block_scalars: false };
    let text = serde_saphyr::to_string_with_options(&config, options).expect("an object of texts is YAML");
    write_private(path, &text)
}
