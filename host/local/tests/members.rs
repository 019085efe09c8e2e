//! What an apply does to members' directories, and what is remembered of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use portolan_api::ConflictResolution::{Abort, Overwrite};
use portolan_api::ObjectKey;
use portolan_local::{Change, Error, Members, Removal, Session};
use serde_json::{Value, json};
use tempfile::TempDir;

fn key(api_version: &str, kind: &str, namespace: &str, name: &str) -> ObjectKey {
    ObjectKey {
        api_version: api_version.into(),
        kind: kind.into(),
        namespace: (!namespace.is_empty()).then(|| namespace.into()),
        name: name.into(),
    }
}

fn web() -> ObjectKey {
    key("apps/v1", "Deployment", "shop", "web")
}

fn out() -> (TempDir, PathBuf) {
    let directory = TempDir::new().expect("a directory");
    let out = directory.path().join("out");
    (directory, out)
}

fn session(out: &Path) -> Session {
    Session::begin(out).expect("a session")
}

fn members(out: &Path) -> Members {
    Members::open(out).expect("members")
}

/// All files below a directory, relative to it, but for the lock.
fn files(directory: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut left = vec![directory.to_path_buf()];
    while let Some(next) = left.pop() {
        for entry in fs::read_dir(&next).expect("listed") {
            let path = entry.expect("an entry").path();
            if path.is_dir() && !path.is_symlink() {
                left.push(path);
            } else {
                found.insert(path.strip_prefix(directory).expect("below").to_string_lossy().into_owned());
            }
        }
    }
    found.remove(".portolan/lock");
    found
}

fn set(paths: &[&str]) -> BTreeSet<String> {
    paths.iter().map(ToString::to_string).collect()
}

const WEB: &str = "member1/shop/Deployment.apps/web.yaml";
const INVENTORY: &str = ".portolan/inventory.json";

#[test]
fn looking_creates_nothing() {
    let (_directory, out) = out();
    let members = members(&out);
    assert!(members.previous(&web()).is_none());
    assert_eq!(members.keys().count(), 0);
    assert_eq!(members.read("member1", &web()).expect("read"), None);
    assert_eq!(members.compare("member1", &web(), b"a", Abort).expect("compared"), Change::Created);
    assert!(!out.exists());
}

#[test]
fn objects_are_written_once_changed_once_and_removed_with_their_directories() {
    let (_directory, out) = out();
    let mut first = session(&out);
    assert_eq!(first.deliver("member1", &web(), b"one", Abort).expect("delivered"), Change::Created);
    assert_eq!(first.deliver("member2", &web(), b"two", Abort).expect("delivered"), Change::Created);
    let reader = key("rbac.authorization.k8s.io/v1", "ClusterRole", "", "reader");
    assert_eq!(first.deliver("member1", &reader, b"r", Abort).expect("delivered"), Change::Created);
    first.record(&web(), json!({"clusters": ["member1", "member2"]})).expect("recorded");
    first.finish().expect("finished");
    let role = "member1/_cluster/ClusterRole.rbac.authorization.k8s.io/reader.yaml";
    assert_eq!(files(&out), set(&[WEB, "member2/shop/Deployment.apps/web.yaml", role, INVENTORY]));

    let mut second = session(&out);
    assert_eq!(second.deliver("member1", &web(), b"one", Abort).expect("delivered"), Change::Unchanged);
    assert_eq!(second.deliver("member2", &web(), b"2", Abort).expect("delivered"), Change::Changed);
    assert_eq!(second.remove("member1", &reader).expect("removed"), Removal::Removed);
    assert_eq!(second.remove("member1", &reader).expect("removed"), Removal::NotOurs);
    second.finish().expect("finished");
    assert_eq!(files(&out), set(&[WEB, "member2/shop/Deployment.apps/web.yaml", INVENTORY]));
    assert!(!out.join("member1/_cluster").exists());

    let seen = members(&out);
    assert_eq!(seen.keys().map(ToString::to_string).collect::<Vec<_>>(), ["Deployment shop/web"]);
    let entry = seen.previous(&web()).expect("remembered");
    assert_eq!(*entry.decision, json!({"clusters": ["member1", "member2"]}));
    assert_eq!(entry.files["member1"].path, WEB);
    assert_eq!(seen.read("member2", &web()).expect("read").as_deref(), Some("2"));
    drop(seen);

    let mut third = session(&out);
    for cluster in ["member1", "member2"] {
        third.remove(cluster, &web()).expect("removed");
    }
    third.record(&web(), Value::Null).expect("forgotten");
    third.finish().expect("finished");
    assert_eq!(files(&out), set(&[INVENTORY]));
    assert!(!out.join("member1").exists());
    assert_eq!(members(&out).keys().count(), 0);
}

#[test]
fn the_inventory_is_for_people_too_and_the_same_in_any_order() {
    let a = key("v1", "ConfigMap", "shop", "a");
    let write = |order: [&ObjectKey; 2]| {
        let (_directory, out) = out();
        let mut session = session(&out);
        for key in order {
            session.record(key, json!("x")).expect("recorded");
            session.deliver("member1", key, b"a\n", Abort).expect("delivered");
        }
        session.finish().expect("finished");
        fs::read_to_string(out.join(INVENTORY)).expect("read")
    };
    let text = write([&web(), &a]);
    assert_eq!(text, write([&a, &web()]));
    assert_eq!(
        text,
        r#"{
  "version": 1,
  "templates": [
    {
      "apiVersion": "v1",
      "kind": "ConfigMap",
      "namespace": "shop",
      "name": "a",
      "decision": "x",
      "files": {
        "member1": {
          "path": "member1/shop/ConfigMap/a.yaml",
          "sha256": "87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7"
        }
      }
    },
    {
      "apiVersion": "apps/v1",
      "kind": "Deployment",
      "namespace": "shop",
      "name": "web",
      "decision": "x",
      "files": {
        "member1": {
          "path": "member1/shop/Deployment.apps/web.yaml",
          "sha256": "87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7"
        }
      }
    }
  ]
}
"#
    );
}

#[test]
fn an_apply_that_changes_nothing_writes_nothing() {
    let (_directory, out) = out();
    let apply = || {
        let mut session = session(&out);
        session.deliver("member1", &web(), b"one", Abort).expect("delivered");
        session.record(&web(), json!(1)).expect("recorded");
        session.finish().expect("finished");
        [WEB, INVENTORY].map(|file| fs::metadata(out.join(file)).expect("there").modified().expect("a time"))
    };
    assert_eq!(apply(), apply());
}

#[test]
fn a_stranger_s_file_is_left_alone_until_it_is_taken_over() {
    let (_directory, out) = out();
    fs::create_dir_all(out.join("member1/shop/Deployment.apps")).expect("created");
    fs::write(out.join(WEB), "theirs").expect("written");
    let mut session = session(&out);
    assert_eq!(
        session.members().compare("member1", &web(), b"ours", Abort).expect("compared"),
        Change::Stranger
    );
    assert_eq!(
        session.members().compare("member1", &web(), b"ours", Overwrite).expect("compared"),
        Change::Changed
    );
    assert_eq!(session.deliver("member1", &web(), b"ours", Abort).expect("delivered"), Change::Stranger);
    assert_eq!(session.remove("member1", &web()).expect("removed"), Removal::NotOurs);
    assert_eq!(fs::read_to_string(out.join(WEB)).expect("read"), "theirs");
    assert_eq!(session.deliver("member1", &web(), b"ours", Overwrite).expect("delivered"), Change::Changed);
    assert_eq!(fs::read_to_string(out.join(WEB)).expect("read"), "ours");
    assert_eq!(session.remove("member1", &web()).expect("removed"), Removal::Removed);
}

#[test]
fn a_lost_inventory_is_made_up_again_from_files_that_are_as_they_should_be() {
    let (_directory, out) = out();
    let mut first = session(&out);
    first.deliver("member1", &web(), b"one", Abort).expect("delivered");
    first.finish().expect("finished");
    fs::remove_dir_all(out.join(".portolan")).expect("lost");
    let mut second = session(&out);
    assert_eq!(second.deliver("member1", &web(), b"one", Abort).expect("delivered"), Change::Unchanged);
    assert_eq!(second.deliver("member1", &web(), b"two", Abort).expect("delivered"), Change::Changed);
}

#[test]
fn a_released_file_stays_and_is_ours_no_longer() {
    let (_directory, out) = out();
    let mut session = session(&out);
    session.deliver("member1", &web(), b"one", Abort).expect("delivered");
    session.release("member1", &web()).expect("released");
    assert_eq!(session.remove("member1", &web()).expect("removed"), Removal::NotOurs);
    assert_eq!(session.deliver("member1", &web(), b"two", Abort).expect("delivered"), Change::Stranger);
    session.finish().expect("finished");
    assert_eq!(files(&out), set(&[WEB, INVENTORY]));
}

#[test]
fn an_edited_file_of_ours_is_drift_and_is_put_right_or_removed() {
    let (_directory, out) = out();
    let mut first = session(&out);
    first.deliver("member1", &web(), b"one", Abort).expect("delivered");
    first.finish().expect("finished");
    assert!(!members(&out).drifted("member1", &web()).expect("compared"));
    fs::write(out.join(WEB), "edited").expect("edited");
    assert!(members(&out).drifted("member1", &web()).expect("compared"));
    assert_eq!(members(&out).compare("member1", &web(), b"one", Abort).expect("compared"), Change::Changed);
    let mut second = session(&out);
    assert_eq!(second.deliver("member1", &web(), b"one", Abort).expect("delivered"), Change::Changed);
    assert_eq!(fs::read_to_string(out.join(WEB)).expect("read"), "one");
    fs::remove_file(out.join(WEB)).expect("removed");
    assert!(second.members().drifted("member1", &web()).expect("compared"));
    assert_eq!(second.remove("member1", &web()).expect("removed"), Removal::Absent);
    second.finish().expect("finished");
    assert!(!out.join("member1").exists());
}

#[test]
fn a_new_version_of_a_kind_is_the_same_object() {
    let (_directory, out) = out();
    let [v1, v2] = ["v1", "v2"]
        .map(|version| key(&format!("autoscaling/{version}"), "HorizontalPodAutoscaler", "shop", "a"));
    let mut first = session(&out);
    first.deliver("member1", &v1, b"one", Abort).expect("delivered");
    assert_eq!(first.deliver("member1", &v2, b"two", Abort).expect("delivered"), Change::Changed);
    first.finish().expect("finished");
    let seen = members(&out);
    assert_eq!(seen.keys().collect::<Vec<_>>(), [&v2]);
    assert!(seen.previous(&v1).is_some());
}

#[test]
fn a_new_version_is_remembered_whatever_else_stays_as_it_was() {
    let (_directory, out) = out();
    let [v1, v2] = ["v1", "v2"]
        .map(|version| key(&format!("autoscaling/{version}"), "HorizontalPodAutoscaler", "shop", "a"));
    let apply = |act: &dyn Fn(&mut Session)| {
        let mut session = session(&out);
        act(&mut session);
        session.finish().expect("finished");
        members(&out).keys().map(|key| key.api_version.clone()).collect::<Vec<_>>()
    };
    let deliver = |session: &mut Session, key: &ObjectKey| {
        session.deliver("member1", key, b"one", Abort).expect("delivered");
    };
    assert_eq!(apply(&|session| session.record(&v1, json!("x")).expect("recorded")), ["autoscaling/v1"]);
    assert_eq!(apply(&|session| session.record(&v2, json!("x")).expect("recorded")), ["autoscaling/v2"]);
    assert_eq!(apply(&|session| deliver(session, &v1)), ["autoscaling/v1"]);
    assert_eq!(apply(&|session| deliver(session, &v2)), ["autoscaling/v2"]);
}

#[test]
fn what_is_present_in_another_version_is_not_gone() {
    let (_directory, out) = out();
    let [v1, v2] = ["v1", "v2"]
        .map(|version| key(&format!("autoscaling/{version}"), "HorizontalPodAutoscaler", "shop", "a"));
    let extensions = key("extensions/v1beta1", "Deployment", "shop", "web");
    let mut session = session(&out);
    for key in [&v1, &web()] {
        session.deliver("member1", key, b"one", Abort).expect("delivered");
    }
    let gone = |present: &[&ObjectKey]| {
        let gone = session.members().without(present.iter().copied());
        gone.into_iter().map(|entry| entry.key.clone()).collect::<Vec<_>>()
    };
    assert_eq!(gone(&[&v2, &web()]), []);
    assert_eq!(gone(&[&v2]), [web()]);
    assert_eq!(gone(&[&v2, &extensions]), [web()], "another group is another object");
    assert_eq!(gone(&[]), [web(), v1]);
}

#[test]
fn nothing_is_forgotten_wherever_an_apply_is_killed() {
    let (_directory, out) = out();
    let keys: Vec<_> = (0..3).map(|at| key("v1", "ConfigMap", "shop", &format!("c{at}"))).collect();
    // Never finished, which is how a killed apply leaves things.
    let mut killed = session(&out);
    for key in &keys {
        killed.deliver("member1", key, b"one", Abort).expect("delivered");
        killed.record(key, json!({"clusters": ["member1"]})).expect("recorded");
    }
    killed.remove("member1", &keys[1]).expect("removed");
    drop(killed);
    let journal = out.join(".portolan/journal.jsonl");
    let whole = fs::read(&journal).expect("a journal");
    let path = |key: &ObjectKey| out.join(Members::path("member1", key));
    for cut in 0..=whole.len() {
        // Killed while it wrote this far: whatever the later lines announce has not happened.
        fs::write(&journal, &whole[..cut]).expect("cut");
        let seen = members(&out);
        let lines = whole[..cut].iter().filter(|byte| **byte == b'\n').count();
        for (at, key) in keys.iter().enumerate() {
            let listed = seen.previous(key).is_some_and(|entry| entry.files.contains_key("member1"));
            let removed = at == 1 && lines == 7;
            assert_eq!(listed, lines > 2 * at && !removed, "{cut}: {key}");
        }
    }
    assert!(path(&keys[0]).exists() && !path(&keys[1]).exists());

    // The next apply goes on from there, also after half a line, and the journal is gone.
    fs::write(&journal, &whole[..whole.len() - 5]).expect("cut");
    let mut next = session(&out);
    assert!(!journal.exists());
    assert_eq!(next.remove("member1", &keys[1]).expect("removed"), Removal::Absent);
    for key in [&keys[0], &keys[2]] {
        assert_eq!(next.remove("member1", key).expect("removed"), Removal::Removed);
    }
    next.finish().expect("finished");
    assert_eq!(files(&out), set(&[INVENTORY]));
}

#[test]
fn a_journal_that_outlives_its_inventory_changes_nothing() {
    let (_directory, out) = out();
    let mut first = session(&out);
    first.deliver("member1", &web(), b"one", Abort).expect("delivered");
    first.remove("member1", &web()).expect("removed");
    first.deliver("member2", &web(), b"two", Abort).expect("delivered");
    let journal = fs::read(out.join(".portolan/journal.jsonl")).expect("a journal");
    first.finish().expect("finished");
    let inventory = fs::read(out.join(INVENTORY)).expect("an inventory");
    // Killed after the inventory was written and before the journal was removed.
    fs::write(out.join(".portolan/journal.jsonl"), journal).expect("written");
    drop(session(&out));
    assert_eq!(fs::read(out.join(INVENTORY)).expect("an inventory"), inventory);
}

#[test]
fn what_a_killed_apply_left_unfinished_is_in_nobody_s_way() {
    let (_directory, out) = out();
    let mut first = session(&out);
    first.deliver("member1", &web(), b"one", Abort).expect("delivered");
    let unfinished = out.join("member1/shop/Deployment.apps/.portolan.tmp");
    fs::write(&unfinished, "half").expect("written");
    assert_eq!(first.deliver("member1", &web(), b"two", Abort).expect("delivered"), Change::Changed);
    assert!(!unfinished.exists());
    // Killed while it wrote: the next apply tidies up.
    fs::write(&unfinished, "half").expect("written");
    drop(first);
    let mut second = session(&out);
    assert!(!unfinished.exists());
    // Killed after it removed: the same.
    second.remove("member1", &web()).expect("removed");
    drop(second);
    assert!(out.join("member1/shop/Deployment.apps").exists());
    drop(session(&out));
    assert!(!out.join("member1").exists());
}

#[test]
fn two_applies_at_once_are_refused_and_looking_is_not() {
    let (_directory, out) = out();
    let mut first = session(&out);
    first.deliver("member1", &web(), b"one", Abort).expect("delivered");
    let error = Session::begin(&out).expect_err("refused");
    assert!(matches!(error, Error::Locked { .. }));
    assert_eq!(
        error.to_string(),
        format!("another apply is writing to {}; wait until it has ended, then try again", out.display())
    );
    assert!(members(&out).previous(&web()).is_some());
    first.finish().expect("finished");
    drop(session(&out));
}

#[test]
fn an_inventory_that_can_t_be_understood_stops_everything() {
    let (_directory, out) = out();
    session(&out).finish().expect("finished");
    let at = out.display();
    for (file, text, expected) in [
        (
            INVENTORY,
            r#"{"version": 7, "files": []}"#,
            format!("{at}/{INVENTORY} has version 7; this Portolan knows version 1"),
        ),
        (
            INVENTORY,
            "{\n\"version\": 1\n",
            format!("{at}/{INVENTORY}:3 is no inventory that this version knows"),
        ),
        (".portolan/journal.jsonl", "{}\n", format!("{at}/.portolan/journal.jsonl:1 is no inventory")),
    ] {
        fs::write(out.join(file), text).expect("written");
        for error in [Members::open(&out).expect_err("refused"), Session::begin(&out).expect_err("refused")] {
            assert!(error.to_string().starts_with(&expected), "{error}");
        }
        fs::remove_file(out.join(file)).expect("removed");
    }
}

#[test]
fn attack_41_names_become_paths_that_every_file_system_keeps_apart() {
    let namespaced = |name: &str| key("v1", "ConfigMap", "shop", name);
    for (key, expected) in [
        (namespaced("a.b-c_d"), "m/shop/ConfigMap/a.b-c_d.yaml"),
        (namespaced(".."), "m/shop/ConfigMap/%2E%2E.yaml"),
        (namespaced(".hidden"), "m/shop/ConfigMap/%2Ehidden.yaml"),
        (namespaced("../../etc/passwd"), "m/shop/ConfigMap/%2E.%2F..%2Fetc%2Fpasswd.yaml"),
        (namespaced("a\0b\\c"), "m/shop/ConfigMap/a%00b%5Cc.yaml"),
        (namespaced("a%2Fb"), "m/shop/ConfigMap/a%252%46b.yaml"),
        (namespaced("é"), "m/shop/ConfigMap/%C3%A9.yaml"),
        (namespaced("con"), "m/shop/ConfigMap/%63on.yaml"),
        (namespaced("aux.b"), "m/shop/ConfigMap/%61ux.b.yaml"),
        (namespaced("com10"), "m/shop/ConfigMap/com10.yaml"),
        (namespaced(""), "m/shop/ConfigMap/%.yaml"),
        (
            key("rbac.authorization.k8s.io/v1", "ClusterRole", "", "system:Admin"),
            "m/_cluster/ClusterRole.rbac.authorization.k8s.io/system%3A%41dmin.yaml",
        ),
        (key("v1", "ConfigMap", "_cluster", "a"), "m/%5Fcluster/ConfigMap/a.yaml"),
        (key("v1", "ConfigMap", "..", "a"), "m/%2E%2E/ConfigMap/a.yaml"),
        (key("x/v1", "..", "", "a"), "m/_cluster/%2E%2E.x/a.yaml"),
        (key("v1", "A.x", "", "a"), "m/_cluster/A%2Ex/a.yaml"),
    ] {
        assert_eq!(Members::path("m", &key), expected);
    }
    assert_eq!(Members::path("..", &web()), "%2E%2E/shop/Deployment.apps/web.yaml");
    assert_eq!(Members::path(".portolan", &web()), "%2Eportolan/shop/Deployment.apps/web.yaml");

    let names = ["a", "A", "a.", "a ", "a:", "a/", "%61", ".a", "_a", "con", "CON", "nul.a", ""];
    let long = ["x".repeat(253), format!("{}y", "x".repeat(252)), ":".repeat(100), ":".repeat(253)];
    let names: Vec<_> = names.iter().map(ToString::to_string).chain(long).collect();
    let mut paths = BTreeSet::new();
    for name in &names {
        for namespace in ["", "a", "A", "_cluster"] {
            let path = Members::path("m", &key("v1", "ConfigMap", namespace, name));
            assert!(path.split('/').all(|part| part.len() <= 255 && !part.ends_with('.')), "{path}");
            assert!(paths.insert(path.to_lowercase()), "{path}");
        }
    }
}

#[test]
fn the_longest_and_strangest_names_can_be_written() {
    let (_directory, out) = out();
    let mut session = session(&out);
    for name in ["x".repeat(253), "../../../escaped".into(), "a\0b".into(), "\n".into(), "é".repeat(126)] {
        let key = key(&format!("{}/v1", "g.".repeat(120)), &"K".repeat(63), &"n".repeat(63), &name);
        assert_eq!(session.deliver("member1", &key, b"a", Abort).expect("delivered"), Change::Created);
        assert_eq!(session.deliver("member1", &key, b"a", Abort).expect("delivered"), Change::Unchanged);
        assert_eq!(session.remove("member1", &key).expect("removed"), Removal::Removed);
    }
    session.finish().expect("finished");
    assert_eq!(files(&out), set(&[INVENTORY]));
}

#[cfg(unix)]
mod links {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn attack_41_a_link_in_the_place_of_a_directory_is_refused_wherever_it_leads() {
        for (planted, target) in [
            ("member1", "../victim"),
            ("member1", "member2"),
            ("member1/shop", "../../victim"),
            ("member1/shop", "other"),
            ("member1/shop/Deployment.apps", "../../../victim"),
            (".portolan", "../victim"),
            (".portolan", "member2"),
        ] {
            let (directory, out) = out();
            let victim = directory.path().join("victim");
            fs::create_dir_all(&victim).expect("created");
            fs::create_dir_all(out.join("member2")).expect("created");
            fs::write(victim.join("web.yaml"), "theirs").expect("written");
            let planted = out.join(planted);
            fs::create_dir_all(planted.parent().expect("a parent")).expect("created");
            symlink(target, &planted).expect("linked");
            let error = match Session::begin(&out) {
                Err(error) => error,
                Ok(mut session) => {
                    assert_eq!(session.remove("member1", &web()).expect("left alone"), Removal::NotOurs);
                    session.deliver("member1", &web(), b"ours", Overwrite).expect_err("refused")
                }
            };
            let Error::NotADirectory { path } = error else { panic!("{error}") };
            assert_eq!(path, planted);
            assert_eq!(files(&victim), set(&["web.yaml"]));
            assert_eq!(fs::read_to_string(victim.join("web.yaml")).expect("read"), "theirs");
        }
    }

    #[test]
    fn attack_41_a_link_in_the_place_of_a_file_is_never_followed() {
        let (directory, out) = out();
        let victim = directory.path().join("victim.yaml");
        fs::write(&victim, "ours").expect("written");
        let mut session = session(&out);
        session.deliver("member1", &web(), b"ours", Abort).expect("delivered");
        // Ours was replaced by a link to a file that looks the same, or to where nothing should be written.
        for target in ["../../../../victim.yaml", "nowhere"] {
            fs::remove_file(out.join(WEB)).expect("removed");
            symlink(target, out.join(WEB)).expect("linked");
            assert!(session.members().drifted("member1", &web()).expect("compared"));
            let shown = session.members().read("member1", &web()).expect("read").expect("there");
            assert_eq!(shown, format!("# a link to {target}\n"));
            assert_eq!(
                session.deliver("member1", &web(), b"ours", Abort).expect("delivered"),
                Change::Changed
            );
            assert!(!out.join(WEB).is_symlink());
        }
        // The unfinished file, too.
        symlink("../../../../victim.yaml", out.join("member1/shop/Deployment.apps/.portolan.tmp"))
            .expect("linked");
        session.deliver("member1", &web(), b"new", Abort).expect("delivered");
        assert_eq!(fs::read_to_string(out.join(WEB)).expect("read"), "new");
        // One that is not ours is a stranger.
        let other = key("apps/v1", "Deployment", "shop", "other");
        symlink("web.yaml", out.join("member1/shop/Deployment.apps/other.yaml")).expect("linked");
        assert_eq!(session.deliver("member1", &other, b"new", Abort).expect("delivered"), Change::Stranger);
        // Removing removes the link, not what it leads to.
        fs::remove_file(out.join(WEB)).expect("removed");
        symlink("../../../../victim.yaml", out.join(WEB)).expect("linked");
        assert_eq!(session.remove("member1", &web()).expect("removed"), Removal::Removed);
        assert_eq!(fs::read_to_string(&victim).expect("read"), "ours");
    }

    #[test]
    fn a_directory_in_the_place_of_a_file_is_an_error() {
        let (_directory, out) = out();
        fs::create_dir_all(out.join(WEB)).expect("created");
        let mut session = session(&out);
        let error = session.deliver("member1", &web(), b"ours", Overwrite).expect_err("refused");
        assert!(matches!(error, Error::NotAFile { .. }), "{error}");
    }
}

#[test]
fn a_directory_that_somebody_removes_meanwhile_is_looked_at_anew() {
    let (_directory, out) = out();
    let configs: Vec<_> = (0..3).map(|at| key("v1", "ConfigMap", "shop", &format!("c{at}"))).collect();
    let mut session = session(&out);
    session.deliver("member1", &configs[0], b"one", Abort).expect("delivered");
    fs::remove_dir_all(out.join("member1")).expect("removed");
    assert_eq!(session.deliver("member1", &configs[1], b"one", Abort).expect("delivered"), Change::Created);
    // Somebody else may have been there first.
    fs::remove_dir_all(out.join("member1")).expect("removed");
    let theirs = out.join(Members::path("member1", &configs[2]));
    fs::create_dir_all(theirs.parent().expect("a directory")).expect("made");
    fs::write(&theirs, "theirs").expect("written");
    assert_eq!(session.deliver("member1", &configs[2], b"one", Abort).expect("delivered"), Change::Stranger);
    assert_eq!(session.deliver("member1", &configs[0], b"one", Abort).expect("delivered"), Change::Created);
    session.finish().expect("finished");
    assert_eq!(fs::read_to_string(&theirs).expect("read"), "theirs");
}

#[test]
fn more_members_than_may_stay_open_are_served_alike() {
    let (_directory, out) = out();
    let members: Vec<String> = (0..300).map(|at| format!("member{at}")).collect();
    let mut session = session(&out);
    for namespace in ["a", "b"] {
        for name in ["one", "two"] {
            for member in &members {
                let key = key("v1", "ConfigMap", namespace, name);
                assert_eq!(session.deliver(member, &key, b"x", Abort).expect("delivered"), Change::Created);
                assert_eq!(session.deliver(member, &key, b"x", Abort).expect("delivered"), Change::Unchanged);
            }
        }
    }
    session.finish().expect("finished");
    assert_eq!(files(&out).len(), 4 * members.len() + 1);
}
