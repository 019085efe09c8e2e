//! What of an apply is YAML and what is files: the same work by itself, on the same input.

use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Duration;

use portolan_api::ConflictResolution;
use portolan_local::{Alike, Inputs, Reading, Session, Source};

use crate::input::Input;
use crate::process::Cost;

/// Arbitrary.
const AT_ONCE: usize = 500;

/// Prints the parts of an apply of which the result lies in `out`, by doing them again into `again`.
pub(crate) fn print(input: &Input, out: &Path, again: &Path, whole: &Cost) {
    let files_in = time(|| {
        for entry in fs::read_dir(input.directory.join("templates")).expect("it was made here") {
            std::hint::black_box(fs::read(entry.expect("an entry").path()).expect("a file"));
        }
    });
    let mut templates = Inputs::default();
    let reading = time(|| templates = read(&input.directory));
    let yaml_in = reading.saturating_sub(files_in);
    let unpacking = time(|| {
        for template in &templates.templates {
            std::hint::black_box(template.value.unpack());
        }
    });
    drop(templates);
    let members: Vec<(String, Inputs)> = (0..input.clusters)
        .map(|n| format!("member{n:04}"))
        .map(|name| (name.clone(), read(&out.join(&name))))
        .collect();
    let (mut yaml_out, mut files_out) = (Duration::ZERO, Duration::ZERO);
    let mut session = Session::begin(again).expect("a directory of its own");
    // Many at once, because looking at the clock takes a while too.
    for first in (0..input.templates).step_by(AT_ONCE) {
        let some = first..(first + AT_ONCE).min(input.templates);
        let mut values = Vec::new();
        for at in some {
            let of_members = members.iter().map(|(cluster, of_member)| {
                let packed = &of_member.templates[at].value;
                (cluster, packed.key(), packed.unpack().into_value())
            });
            values.push(of_members.collect::<Vec<_>>());
        }
        let mut texts = Vec::new();
        yaml_out += time(|| {
            for of_members in values {
                // The first cluster's object is another one than the others'.
                let mut alike = [Alike::default(), Alike::default()];
                for (n, (cluster, key, value)) in of_members.into_iter().enumerate() {
                    let yaml = alike[n.min(1)].to_yaml(value).expect("it was YAML before");
                    texts.push((cluster, key, yaml));
                }
            }
        });
        files_out += time(|| {
            for (cluster, key, yaml) in &texts {
                let delivered = session.deliver(cluster, key, yaml.as_bytes(), ConflictResolution::Abort);
                delivered.expect("delivered");
            }
        });
    }
    files_out += time(|| session.finish().expect("finished"));
    let whole = whole.processor;
    let parts = [
        ("reading files", files_in),
        ("YAML in", yaml_in),
        ("waiting packed", unpacking),
        ("YAML out", yaml_out),
        ("writing files, with the inventory", files_out),
    ];
    let rest = parts.iter().fold(whole, |rest, (_, part)| rest.saturating_sub(*part));
    println!("  its parts, each done once more by itself:");
    for (name, part) in parts.into_iter().chain([("planning, and all else", rest)]) {
        let each = part.as_secs_f64() * 1e6 / input.templates as f64;
        let share = 100.0 * part.as_secs_f64() / whole.as_secs_f64();
        println!("    {name:34} {each:>5.0} µs a template, {share:>3.0} %");
    }
}

fn read(directory: &Path) -> Inputs {
    let reading = Reading { default_namespace: "default", threads: NonZeroUsize::MIN };
    Inputs::read(&[Source::Directory(directory.into())], &mut std::io::empty(), &reading)
}

/// On this thread's processor, so that whoever else is running takes no part in it.
fn time(work: impl FnOnce()) -> Duration {
    let now = || {
        let stat = fs::read_to_string("/proc/thread-self/schedstat").expect("this benchmark needs Linux");
        let nanoseconds = stat.split_whitespace().next().and_then(|field| field.parse().ok());
        Duration::from_nanos(nanoseconds.expect("the time on a processor comes first"))
    };
    let began = now();
    work();
    now() - began
}
