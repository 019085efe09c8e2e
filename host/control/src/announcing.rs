//! Kubernetes Events: only where a person would want one, when something is not as its policy says, and when that is over.

use std::time::Duration;

use http::Request;
use k8s_openapi::api::core::v1::ObjectReference;
use kube::Client;
use kube::runtime::events::{Event, EventType, Recorder, Reporter};
use portolan_member::{Cause, Instant, Quiet};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tracing::debug;

use crate::ledger::Kept;

/// How many wait to be written. Whoever has more of them in trouble than this has one trouble, and its events are enough.
const WAITING: usize = 64;

/// How long one waits for deliveries to end. Arbitrary: a person looks within minutes.
const WAITS: Duration = Duration::from_secs(5);

/// Writes Events about templates, one after the other.
#[derive(Clone)]
pub struct Announcer {
    to: mpsc::Sender<(Event, ObjectReference)>,
}

impl Announcer {
    /// Begins; ends with the last clone.
    pub fn begin(client: Client, quiet: Quiet) -> Self {
        let (to, mut events) = mpsc::channel::<(Event, ObjectReference)>(WAITING);
        let recorder =
            Recorder::new(client.clone(), Reporter { controller: "portolan".into(), instance: None });
        tokio::spawn(async move {
            while let Some((event, about)) = events.recv().await {
                quiet.wait(WAITS).await;
                let published = match recorder.publish(&event, &about).await {
                    // It is named after what it is about, whose name may be none for an Event.
                    Err(kube::Error::Api(status)) if status.code == 422 => {
                        post(&client, &event, &about).await
                    }
                    published => published,
                };
                if let Err(error) = published {
                    debug!(error = %Cause::from(error), "an event can't be written");
                }
            }
        });
        Self { to }
    }

    /// Something is not as it is to be.
    pub fn warn(&self, template: &Kept, reason: &str, action: &str, note: String) {
        self.announce(EventType::Warning, template, reason, action, note);
    }

    /// It is as it is to be again.
    pub fn over(&self, template: &Kept, reason: &str, action: &str, note: String) {
        self.announce(EventType::Normal, template, reason, action, note);
    }

    fn announce(&self, type_: EventType, template: &Kept, reason: &str, action: &str, mut note: String) {
        // API servers take 1 KiB.
        let mut end = note.len().min(1000);
        while !note.is_char_boundary(end) {
            end -= 1;
        }
        note.truncate(end);
        let event =
            Event { type_, reason: reason.into(), note: Some(note), action: action.into(), secondary: None };
        let about = ObjectReference {
            api_version: Some(template.key.api_version.clone()),
            kind: Some(template.key.kind.clone()),
            namespace: template.key.namespace.clone(),
            name: Some(template.key.name.clone()),
            uid: Some(template.uid.clone()),
            ..ObjectReference::default()
        };
        if self.to.try_send((event, about)).is_err() {
            debug!(reason, "there are more events than anybody reads");
        }
    }
}

/// Writes an Event of which the API server makes the name.
async fn post(client: &Client, event: &Event, about: &ObjectReference) -> Result<(), kube::Error> {
    let namespace = about.namespace.as_deref().unwrap_or("default");
    let type_ = match event.type_ {
        EventType::Normal => "Normal",
        EventType::Warning => "Warning",
    };
    // Seconds are exact enough, and microseconds are what the API asks for.
    let now = Instant::now().to_string().replace('Z', ".000000Z");
    let body = json!({
        "apiVersion": "events.k8s.io/v1",
        "kind": "Event",
        "metadata": {"generateName": "portolan-", "namespace": namespace},
        "eventTime": now,
        "type": type_,
        "reason": event.reason,
        "action": event.action,
        "note": event.note,
        "regarding": about,
        "reportingController": "portolan",
        "reportingInstance": "portolan",
    });
    let request = Request::post(format!("/apis/events.k8s.io/v1/namespaces/{namespace}/events"))
        .header(http::header::CONTENT_TYPE, "application/json")
        .body(body.to_string().into_bytes())
        .map_err(kube::Error::HttpError)?;
    client.request::<Value>(request).await.map(drop)
}
