//! Watches: lists, then whatever changes, for ever, with the gaps closed.

use std::collections::BTreeSet;

use futures::StreamExt as _;
use kube::core::ApiResource;
use kube::runtime::WatchStreamExt as _;
use kube::runtime::watcher::{self, Event, watcher};
use kube::{Api, Client};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until};
use tracing::{debug, warn};

use crate::body::Body;
use crate::cause::Cause;
use crate::pace::Pace;

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
        /// The resource version with which it went; none: a new list did not have it.
        version: Option<String>,
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
    // That a watch expired is no failure that kube need wait after.
    let stream = watcher(Api::<Body>::all_with(client.clone(), resource), which).map(|event| match event {
        Err(watcher::Error::WatchError(status)) => Ok(Err(status)),
        Err(error) => Err(error),
        Ok(event) => Ok(Ok(event)),
    });
    let kind = resource.kind.clone();
    let task = tokio::spawn(async move {
        let mut stream = std::pin::pin!(stream.default_backoff());
        let mut present = BTreeSet::new();
        let mut listed = BTreeSet::new();
        let mut fails = false;
        let mut expired = Pace::default();
        while let Some(event) = stream.next().await {
            let changes = match event {
                Ok(Err(status)) => {
                    debug!(%kind, why = %status.message, "the watch begins anew");
                    // At once, unless it is for ever: until the list is there, decisions rest on what is known to be old.
                    while let Some(turn) = expired.turn(Instant::now()) {
                        sleep_until(turn).await;
                    }
                    continue;
                }
                Ok(Ok(Event::Init)) => {
                    listed.clear();
                    continue;
                }
                Ok(Ok(Event::InitApply(body))) => {
                    listed.insert(named(&body));
                    vec![Change::Applied(Box::new(body))]
                }
                Ok(Ok(Event::InitDone)) => {
                    let gone = present.difference(&listed).cloned();
                    let gone = gone.map(|(namespace, name)| Change::Gone { namespace, name, version: None });
                    let mut changes: Vec<_> = gone.collect();
                    present = std::mem::take(&mut listed);
                    changes.push(Change::Listed);
                    changes
                }
                Ok(Ok(Event::Apply(body))) => {
                    present.insert(named(&body));
                    vec![Change::Applied(Box::new(body))]
                }
                Ok(Ok(Event::Delete(body))) => {
                    let (namespace, name) = named(&body);
                    present.remove(&(namespace.clone(), name.clone()));
                    let version = Some(body.text("resourceVersion").to_owned());
                    vec![Change::Gone { namespace, name, version }]
                }
                // Another try follows. Said once, until it goes on: that a list begins is not yet that.
                Err(error) => {
                    if std::mem::replace(&mut fails, true) {
                        debug!(%kind, %error, "still can't watch");
                    } else {
                        warn!(%kind, why = %Cause::of(&error), "can't watch; it is tried again");
                    }
                    continue;
                }
            };
            fails = false;
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
