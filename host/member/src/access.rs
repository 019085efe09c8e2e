//! How a member is reached: from its Cluster object and the Secret that this names.

use std::time::Duration;

use http::Uri;
use k8s_openapi::api::core::v1::Secret;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Config};
use serde_json::{Value, json};

use crate::cause::Cause;

/// A connection that takes longer to open is given up. Arbitrary: a member on the other side of the world needs a second.
const CONNECT: Duration = Duration::from_secs(10);
/// Nothing that we send takes longer to be taken off our hands. Arbitrary.
const WRITE: Duration = Duration::from_secs(30);
/// A connection on which nothing arrives is given up. An idle watch has a bookmark every 75 seconds at the latest; half as
/// much again. Whoever can't wait for an answer that long sets a limit of its own.
const READ: Duration = Duration::from_secs(120);

/// A client for the API server of a member.
///
/// It follows no redirect, takes a proxy from the Cluster and from nowhere else, and tries nothing a second time: whoever
/// asks knows what may be asked again, and when. The Secret is read now; when it changes, another client is to be made.
pub async fn client(control: &kube::Client, cluster: &Value) -> Result<kube::Client, AccessError> {
    let access = Access::read(cluster)?;
    let (namespace, name) = &access.secret;
    let secret = match Api::<Secret>::namespaced(control.clone(), namespace).get_opt(name).await {
        Ok(Some(secret)) => secret,
        Ok(None) => return Err(access.wrong_secret("it is not there", "`portolan join` makes it")),
        Err(source) => {
            let secret = format!("{namespace}/{name}");
            return Err(AccessError::Unread { cluster: access.cluster, secret, source: source.into() });
        }
    };
    access.client(&secret).await
}

/// What a Cluster says about how to reach it.
#[derive(Debug)]
pub struct Access {
    cluster: String,
    endpoint: String,
    secret: (String, String),
    insecure: bool,
    proxy: Option<Uri>,
}

/// Why a member can't be reached by what is written about it. No message holds what a Secret says.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// A field of the Cluster.
    #[error("cluster {cluster}: {field}: {problem}; valid: {valid}")]
    Cluster {
        /// The cluster's name.
        cluster: String,
        /// Which field.
        field: &'static str,
        /// What is wrong with it.
        problem: &'static str,
        /// What would be valid.
        valid: &'static str,
    },
    /// The Secret that the Cluster names.
    #[error("cluster {cluster}: Secret {secret}: {problem}; valid: {valid}")]
    Secret {
        /// The cluster's name.
        cluster: String,
        /// The Secret's namespace, a slash, and its name.
        secret: String,
        /// What is wrong with it.
        problem: &'static str,
        /// What would be valid.
        valid: &'static str,
    },
    /// The Secret could not be read.
    #[error("cluster {cluster}: can't read Secret {secret}")]
    Unread {
        /// The cluster's name.
        cluster: String,
        /// The Secret's namespace, a slash, and its name.
        secret: String,
        /// Why.
        #[source]
        source: Cause,
    },
    /// No client could be made of what the two say.
    #[error("cluster {cluster}: no client can be made of spec.apiEndpoint and the Secret's caBundle")]
    Client {
        /// The cluster's name.
        cluster: String,
        /// Why.
        #[source]
        source: Cause,
    },
}

impl Access {
    /// Takes a Cluster object at its word.
    pub fn read(cluster: &Value) -> Result<Self, AccessError> {
        let name = cluster.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default().to_owned();
        let wrong =
            |field, problem, valid| AccessError::Cluster { cluster: name.clone(), field, problem, valid };
        let text = |pointer| cluster.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty());

        let endpoint = text("/spec/apiEndpoint").ok_or_else(|| {
            let valid = "the URL of the member's API server, such as https://192.0.2.1:6443";
            wrong("spec.apiEndpoint", "it is missing", valid)
        })?;
        let url = endpoint.parse::<Uri>().ok().filter(|url| url.host().is_some());
        let Some(url) = url else {
            return Err(wrong("spec.apiEndpoint", "it is no URL", "such as https://192.0.2.1:6443"));
        };
        // The token goes along with every request.
        if url.scheme_str() != Some("https") {
            return Err(wrong("spec.apiEndpoint", "it is not https", "such as https://192.0.2.1:6443"));
        }
        if url.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(wrong(
                "spec.apiEndpoint",
                "it holds credentials",
                "a URL without, such as https://192.0.2.1:6443",
            ));
        }

        let part = |pointer, field| {
            text(pointer).map(str::to_owned).ok_or_else(|| {
                wrong(
                    field,
                    "it is missing",
                    "where the Secret is that holds the member's token and caBundle",
                )
            })
        };
        let secret = (
            part("/spec/secretRef/namespace", "spec.secretRef.namespace")?,
            part("/spec/secretRef/name", "spec.secretRef.name")?,
        );

        let proxy = match text("/spec/proxyURL") {
            None => None,
            Some(proxy) => {
                let uri = proxy.parse::<Uri>().ok().filter(|proxy| proxy.host().is_some());
                let known = uri.filter(|proxy| matches!(proxy.scheme_str(), Some("http" | "https")));
                let valid = "http:// or https://, such as http://proxy.example.com:3128";
                Some(known.ok_or_else(|| wrong("spec.proxyURL", "it is no such proxy", valid))?)
            }
        };
        let headers = cluster.pointer("/spec/proxyHeader").and_then(Value::as_object);
        if headers.is_some_and(|headers| !headers.is_empty()) {
            let problem = "headers for a proxy are not sent";
            return Err(wrong(
                "spec.proxyHeader",
                problem,
                "none; a name and a password go into spec.proxyURL",
            ));
        }
        let insecure = cluster.pointer("/spec/insecureSkipTLSVerification").and_then(Value::as_bool);
        Ok(Self {
            endpoint: endpoint.to_owned(),
            secret,
            insecure: insecure.unwrap_or(false),
            proxy,
            cluster: name,
        })
    }

    /// Namespace and name of the Secret with the credentials.
    pub fn secret(&self) -> (&str, &str) {
        (&self.secret.0, &self.secret.1)
    }

    /// A client with the credentials of the Secret.
    pub async fn client(self, secret: &Secret) -> Result<kube::Client, AccessError> {
        let data = |key: &str| secret.data.as_ref()?.get(key).filter(|value| !value.0.is_empty());
        let Some(token) = data("token") else {
            return Err(self.wrong_secret("data.token is missing", "the token of an account on the member"));
        };
        let token = str::from_utf8(&token.0).ok().map(str::trim);
        let Some(token) = token.filter(|token| token.bytes().all(|byte| byte.is_ascii_graphic())) else {
            return Err(self.wrong_secret("data.token is no token", "the token of an account on the member"));
        };
        let authority = if self.insecure { None } else { data("caBundle") };
        if authority.is_some_and(|pem| !pem.0.windows(PEM.len()).any(|part| part == PEM)) {
            return Err(
                self.wrong_secret("data.caBundle holds no certificate", "certificates as PEM, or none")
            );
        }
        // ByteString's JSON is base64, as a kubeconfig wants it.
        let kubeconfig = json!({
            "current-context": "member",
            "contexts": [{"name": "member", "context": {"cluster": "member", "user": "member"}}],
            "users": [{"name": "member", "user": {"token": token}}],
            "clusters": [{"name": "member", "cluster": {
                "server": self.endpoint,
                "insecure-skip-tls-verify": self.insecure,
                "certificate-authority-data": authority,
            }}],
        });
        let kubeconfig: Kubeconfig =
            serde_json::from_value(kubeconfig).expect("a kubeconfig is made of these fields");
        let no_client = |source: kube::Error| AccessError::Client {
            cluster: self.cluster.clone(),
            source: source.into(),
        };
        let mut config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default())
            .await
            .map_err(|source| no_client(source.into()))?;
        // From the environment it would be one that nobody said this member is behind.
        config.proxy_url = self.proxy.clone();
        config.connect_timeout = Some(CONNECT);
        config.write_timeout = Some(WRITE);
        config.read_timeout = Some(READ);
        config.reset_reader_on_write = true;
        config.default_retry = false;
        crate::bounded::client(config).map_err(no_client)
    }

    fn wrong_secret(&self, problem: &'static str, valid: &'static str) -> AccessError {
        let secret = format!("{}/{}", self.secret.0, self.secret.1);
        AccessError::Secret { cluster: self.cluster.clone(), secret, problem, valid }
    }
}

const PEM: &[u8] = b"-----BEGIN CERTIFICATE-----";

#[cfg(test)]
mod tests {
    use super::*;

    fn cluster(spec: Value) -> Value {
        json!({"metadata": {"name": "member1"}, "spec": spec})
    }

    fn whole() -> Value {
        json!({
            "apiEndpoint": "https://192.0.2.1:6443",
            "secretRef": {"namespace": "karmada-cluster", "name": "member1"},
        })
    }

    fn refusal(spec: Value) -> String {
        Access::read(&cluster(spec)).expect_err("it is not valid").to_string()
    }

    #[test]
    fn what_is_missing_or_wrong_in_the_cluster_is_named() {
        let with = |field: &str, value: Value| {
            let mut spec = whole();
            spec[field] = value;
            refusal(spec)
        };
        assert_eq!(
            with("apiEndpoint", Value::Null),
            "cluster member1: spec.apiEndpoint: it is missing; valid: the URL of the member's API server, such as \
             https://192.0.2.1:6443"
        );
        assert_eq!(
            with("apiEndpoint", json!("http://192.0.2.1")),
            "cluster member1: spec.apiEndpoint: it is not https; valid: such as https://192.0.2.1:6443"
        );
        assert!(with("apiEndpoint", json!("https://tom:pass@192.0.2.1")).contains("it holds credentials"));
        assert!(with("apiEndpoint", json!("member1")).contains("it is no"));
        assert_eq!(
            with("secretRef", json!({"namespace": "karmada-cluster"})),
            "cluster member1: spec.secretRef.name: it is missing; valid: where the Secret is that holds the member's token and \
             caBundle"
        );
        let proxy = with("proxyURL", json!("socks5://tom:pass@192.0.2.9:1080"));
        assert!(proxy.starts_with("cluster member1: spec.proxyURL: ") && !proxy.contains("pass"), "{proxy}");
        assert!(with("proxyHeader", json!({"X-Team": ["a"]})).contains("spec.proxyHeader"));
    }

    #[tokio::test]
    async fn what_is_missing_or_wrong_in_the_secret_is_named_and_never_said() {
        let refused = |data: Value| async move {
            let secret: Secret = serde_json::from_value(json!({"data": data})).expect("a Secret");
            let access = Access::read(&cluster(whole())).expect("a whole Cluster");
            let error = access.client(&secret).await.map(|_| ()).expect_err("it is not valid");
            format!("{error} {error:?}")
        };
        let missing = refused(json!({"caBundle": "c2VjcmV0"})).await;
        assert!(
            missing.starts_with(
                "cluster member1: Secret karmada-cluster/member1: data.token is missing; valid: the token of an account on \
                 the member"
            ),
            "{missing}"
        );
        // "hunter2\nhunter2" and "hunter2".
        let split = json!({"token": "aHVudGVyMgpodW50ZXIy"});
        let bare = json!({"token": "aHVudGVyMg==", "caBundle": "aHVudGVyMg=="});
        for (data, problem) in
            [(split, "data.token is no token"), (bare, "data.caBundle holds no certificate")]
        {
            let refused = refused(data).await;
            assert!(refused.contains(problem), "{refused}");
            assert!(!refused.contains("hunter2") && !refused.contains("aHVudGVy"), "{refused}");
        }
    }

    #[tokio::test]
    async fn a_token_and_no_authority_is_enough() {
        // "token\n": files end in a new line.
        let secret: Secret =
            serde_json::from_value(json!({"data": {"token": "dG9rZW4K"}})).expect("a Secret");
        let mut spec = whole();
        spec["insecureSkipTLSVerification"] = json!(true);
        let access = Access::read(&cluster(spec)).expect("a whole Cluster");
        access.client(&secret).await.expect("a client");
    }
}
