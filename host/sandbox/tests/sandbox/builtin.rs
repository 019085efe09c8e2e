//! The default plugins, which are components like any other.

use portolan_plan::Plugin as _;

use crate::setting::{offer, sandbox, target};

fn builtin(name: &str) -> portolan_sandbox::LoadedPlugin {
    let builtin = portolan_builtin::ALL.iter().find(|builtin| builtin.name == name).expect("it is built in");
    sandbox().load(builtin.component).expect("it loads")
}

#[test]
fn all_of_them_load() {
    for builtin in portolan_builtin::ALL {
        let plugin = sandbox().load(builtin.component).expect(builtin.name);
        assert_eq!(plugin.manifest().name, builtin.name);
        assert!(plugin.imports().iter().all(|import| import.starts_with("portolan:policy/")));
    }
}

#[test]
fn cluster_affinity_refuses_by_label() {
    let plugin = builtin("cluster-affinity");
    let config = r#"{"labelSelector":{"matchLabels":{"region":"eu"}}}"#;
    plugin.check(&serde_json::from_str(config).expect("JSON")).expect("it fits");
    let refusals = plugin.filter(config, &mut offer(4)).expect("an answer");
    assert_eq!(refusals.iter().flat_map(|refusal| &refusal.clusters).collect::<Vec<_>>(), [&1, &3]);
}

#[test]
fn labels_patches_its_targets() {
    let plugin = builtin("labels");
    let config = r#"[{"operator":"add","value":{"team":"a"}}]"#;
    let amendments = plugin.patch(config, &mut target(&[0, 2])).expect("an answer");
    assert_eq!(amendments.len(), 1);
    assert_eq!(amendments[0].clusters, [0, 2]);
    assert!(!amendments[0].patch.as_ref().expect("a patch").is_empty());
}
