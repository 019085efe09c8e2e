//! A token for the account on the member.

use std::time::Duration;

use http::Request;
use k8s_openapi::ByteString;
use serde_json::{Value, json};

use super::act::{Hand, Kind};
use super::{AGAIN, JoinError, NAMESPACE, mark};

/// A controller fills the Secret of a token within so long, or there is none. Arbitrary: it takes well under a second.
const FILLED_WITHIN: Duration = Duration::from_secs(4);
/// Ten years: what is asked for where nobody renews it. A server may grant less.
const LONG: i64 = 10 * 365 * 24 * 60 * 60;

/// How long a token lasts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lasting {
    /// As long as the Secret that holds it.
    Secret,
    /// Until then; no controller on the member fills the Secrets of tokens.
    Until(String),
}

/// A token for an account: of a Secret where a controller fills it, and asked for where there is none.
pub(super) async fn token(member: &Hand, account: &str) -> Result<(String, Lasting), JoinError> {
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token",
        "metadata": {
            "name": account, "namespace": NAMESPACE, "labels": mark(),
            "annotations": {"kubernetes.io/service-account.name": account},
        },
    });
    member.apply(secret).await?;
    let mut left = FILLED_WITHIN;
    loop {
        let secret = member.get(Kind::Secret, Some(NAMESPACE), account).await?;
        let token = secret.as_ref().and_then(|secret| secret.data.pointer("/data/token"));
        if let Some(token) = token.and_then(decoded) {
            return Ok((token, Lasting::Secret));
        }
        if left.is_zero() {
            break;
        }
        tokio::time::sleep(AGAIN).await;
        left = left.saturating_sub(AGAIN);
    }
    // Nobody fills it, and a credential that is never to come is no use.
    member.delete(Kind::Secret, Some(NAMESPACE), account).await?;
    asked_for(member, account).await
}

async fn asked_for(member: &Hand, account: &str) -> Result<(String, Lasting), JoinError> {
    let body = json!({
        "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": LONG},
    });
    let path = format!("/api/v1/namespaces/{NAMESPACE}/serviceaccounts/{account}/token");
    let request = Request::post(path)
        .header("content-type", "application/json")
        .body(body.to_string().into_bytes())
        .expect("a path and a body make a request");
    let answer: Value = member
        .client
        .request(request)
        .await
        .map_err(|source| member.failed(format!("ask for a token for {NAMESPACE}/{account}"), source))?;
    let text = |pointer| answer.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let token = text("/status/token").filter(|token| !token.is_empty());
    let problem = "a token was granted and is not there";
    let token = token.ok_or(JoinError::Answer { side: member.side, problem })?;
    let until = text("/status/expirationTimestamp").unwrap_or_else(|| "a time that it does not say".into());
    Ok((token, Lasting::Until(until)))
}

fn decoded(base64: &Value) -> Option<String> {
    let ByteString(bytes) = serde_json::from_value(base64.clone()).ok()?;
    String::from_utf8(bytes).ok().filter(|token| !token.is_empty())
}
