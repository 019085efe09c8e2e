//! What tests on real API servers share: clusters that are there for one test, and waiting for what becomes of them.
//!
//! ```text
//! #[tokio::test(flavor = "multi_thread")]
//! async fn a_config_map_arrives() {
//!     let Some(clusters) = Clusters::up(&["control", "member1"]).await else { return };
//!     clusters.apply("control", &json!({"apiVersion": "v1", "kind": "ConfigMap", …})).await;
//!     until("it is there", SOON, async || …).await;
//! }
//! ```

mod clusters;
mod until;

pub use clusters::Clusters;
pub use until::{SOON, until};

pub use portolan_servers::{ApiServer, ClusterSetup, Controllers, Etcd, Identity};
