//! Watches: lists, then whatever changes, for ever, with the gaps closed.

use std::collections::BTreeSet;

use futures::StreamExt as _;
use kube::core::ApiResource;
use kube::runtime::WatchStreamExt as _;
use kube::runtime::watcher::{self, Event, watcher};
use kube::{Api, Client};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tracing::{debug, warn};

use crate::body::Body;
use crate::cause::Cause;

/// What changed among the objects of a kind.
#[derive(Debug)]
pub enum Change {
    /// There is such an object, and this is what it says.
    Applied(Box<Body>),
    /// An object is gone.
    Gone {
        /// Where it was; none where it had no namespace.
        namespace: Option<String>,
        /// Its name.
        name: String,
    },
    /// Everything that there is has been told.
    Listed,
}

/// A watch, for as long as this lives.
#[derive(Debug)]
pub struct Watch(AbortHandle);

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Watches objects of a kind, those that `which` selects. What the API server can't tell any more, because a watch was interrupted for too long, is
/// found out by comparing with a new list.
pub fn watch<T: Send + 'static>(
    client: &Client,
    resource: &ApiResource,
    which: watcher::Config,
    to: mpsc::Sender<T>,
    told: impl Fn(Change) -> T + Send + 'static,
) -> Watch {
    let stream = watcher(Api::<Body>::all_with(client.clone(), resource), which);
    let kind = resource.kind.clone();
    let task = tokio::spawn(async move {
        let mut stream = std::pin::pin!(stream.default_backoff());
        let mut present = BTreeSet::new();
        let mut listed = BTreeSet::new();
        let mut fails = false;
        while let Some(event) = stream.next().await {
            let failed = std::mem::replace(&mut fails, event.is_err());
            let changes = match event {
                Ok(Event::Init) => {
                    listed.clear();
                    continue;
                }
                Ok(Event::InitApply(body)) => {
                    listed.insert(named(&body));
                    vec![Change::Applied(Box::new(body))]
                }
                Ok(Event::InitDone) => {
                    let gone = present.difference(&listed).cloned();
                    let mut changes: Vec<_> =
                        gone.map(|(namespace, name)| Change::Gone { namespace, name }).collect();
                    present = std::mem::take(&mut listed);
                    changes.push(Change::Listed);
                    changes
                }
                Ok(Event::Apply(body)) => {
                    present.insert(named(&body));
                    vec![Change::Applied(Box::new(body))]
                }
                Ok(Event::Delete(body)) => {
                    let (namespace, name) = named(&body);
                    present.remove(&(namespace.clone(), name.clone()));
                    vec![Change::Gone { namespace, name }]
                }
                Err(error) => {
                    // Another try follows, ever less often. An expired watch is nothing that anybody need know.
                    match error {
                        watcher::Error::WatchError(_) => debug!(%kind, %error, "the watch begins anew"),
                        // Said once, until it goes on.
                        _ if failed => debug!(%kind, %error, "still can't watch"),
                        _ => {
                            warn!(%kind, why = %Cause::of(&error), "can't watch; it is tried again, ever less often")
                        }
                    }
                    continue;
                }
            };
            for change in changes {
                if to.send(told(change)).await.is_err() {
                    return;
                }
            }
        }
    });
    Watch(task.abort_handle())
}

fn named(body: &Body) -> (Option<String>, String) {
    (body.namespace().map(Into::into), body.text("name").into())
}
