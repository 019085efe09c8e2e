//! Mutations of a component's text: its lists and atoms are moved about, so that most of it stays what it was.

use std::fmt::Write as _;

use crate::random::Random;

/// How deep lists may be nested; the reader of the text stops at 100.
const MAX_DEPTH: usize = 90;

/// Atoms that fit somewhere.
const ATOMS: &[&str] = &[
    "0",
    "1",
    "2",
    "3",
    "4",
    "-1",
    "65535",
    "65536",
    "65537",
    "4294967295",
    "2147483648",
    "1000000",
    "i32",
    "i64",
    "f32",
    "f64",
    "v128",
    "funcref",
    "externref",
    "string",
    "u8",
    "u32",
    "u64",
    "s8",
    "char",
    "bool",
    "mut",
    "unreachable",
    "nop",
    "drop",
    "select",
    "return",
    "i32.add",
    "i32.div_u",
    "i32.load",
    "i32.store",
    "i64.extend_i32_u",
    "memory.size",
    "memory.grow",
    "memory.fill",
    "memory.copy",
    "br",
    "br_if",
    "call",
    "call_indirect",
    "loop",
    "block",
    "if",
    "end",
    "local.get",
    "local.set",
    "i32.const",
    "f64.const",
    "nan",
    "utf16",
    "async",
    "own",
    "borrow",
    "\"\"",
    "\"describe\"",
    "\"filter\"",
    "\"patch\"",
    "\"portolan:policy/info@0.1.0\"",
    "\"portolan:policy/filter@0.1.0\"",
    "\"portolan:policy/overrider@0.1.0\"",
    "\"portolan:policy/scorer@0.1.0\"",
    "\"portolan:policy/fleet@0.1.9\"",
    "\"portolan:policy/target@0.1.0\"",
    "\"portolan:policy/fleet@0.2.0\"",
    "\"wasi:clocks/wall-clock@0.2.0\"",
    "\"a\\n\\1b[2J\"",
    "\"\\e2\\80\\ae\"",
];

/// Lists that fit somewhere.
const LISTS: &[&str] = &[
    "(func)",
    "(func (result i32) (i32.const 0))",
    "(memory 1)",
    "(memory 65536)",
    "(table 100000 funcref)",
    "(table 1 externref)",
    "(import \"a\" (func))",
    "(import \"portolan:policy/request@0.1.0\" (instance))",
    "(export \"x\" (func 0))",
    "(start 0)",
    "(component)",
    "(core module)",
    "(core instance (instantiate 0))",
    "(core module (memory 1) (func (loop (br 0))))",
    "(type (func))",
    "(type (list u8))",
    "(type (resource (rep i32)))",
    "(type (record (field \"a\" string)))",
    "(core type (func))",
    "(instance)",
    "(param i32)",
    "(result i32)",
    "(local i64)",
    "(data (i32.const 0) \"\\00\\ff\")",
    "(elem (i32.const 0) 0)",
    "(global (mut i32) (i32.const 0))",
    "(tag)",
    "(canon lift (core func 0))",
    "(alias export 0 \"a\" (func))",
    "(rec)",
    "(unreachable)",
    "(loop (br 0))",
    "(call 0)",
    "(memory.grow (i32.const 100))",
    "(tuple u8 u8)",
    "(option string)",
    "(list string)",
    "(result (list u32) (error string))",
    "(variant (case \"a\"))",
    "(enum \"a\" \"b\")",
    "(flags \"a\")",
];

#[derive(Clone)]
enum Node {
    Atom(String),
    List(Vec<Node>),
}

/// How often a text that is no component's is thrown away for another. Four in five are; one that is left says what the
/// text's reader makes of it, which is none of our code.
const TRIES: usize = 16;

/// Another text that is a mutation or two away. None where this is no text of lists.
pub(crate) fn mutate(input: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(input).ok()?;
    let nodes = read(text)?;
    let changes: Vec<(usize, u8)> = changes(text).collect();
    let mut tries = (0..TRIES).map(|_| attempt(nodes.clone(), changes.clone(), random));
    tries.find(|text| wat::parse_str(text).is_ok()).map(String::into_bytes)
}

fn attempt(mut nodes: Vec<Node>, mut changes: Vec<(usize, u8)>, random: &mut Random) -> String {
    for _ in 0..=random.below(3) {
        match random.below(12) {
            0 => changes.push((random.below(1 << 14), random.one_of(&[0, 1, 2, 0x7f, 0x80, 0xff]))),
            1 => changes.push((random.below(1 << 12), random.below(256).to_le_bytes()[0])),
            2 => drop(changes.pop()),
            _ => step(&mut nodes, random),
        }
    }
    let mut text = String::new();
    for node in &nodes {
        write(node, 0, &mut text);
    }
    text.push('\n');
    for (place, byte) in changes {
        // Writing to a string does not fail.
        let _ = writeln!(text, ";;! {place} {byte}");
    }
    text
}

/// The bytes that the text says are to be changed in the binary: their places, which may lie beyond its end, and what
/// they become.
pub(crate) fn changes(text: &str) -> impl Iterator<Item = (usize, u8)> {
    text.lines().filter_map(|line| {
        let (place, byte) = line.strip_prefix(";;! ")?.split_once(' ')?;
        Some((place.parse().ok()?, byte.parse().ok()?))
    })
}

fn step(nodes: &mut Vec<Node>, random: &mut Random) {
    let total: usize = nodes.iter().map(count).sum();
    let place = random.below(total);
    let head = nth(nodes, place).and_then(|(list, at)| head(&list[at]).map(str::to_owned));
    // What begins with the same word fits best.
    let mut alike = Vec::new();
    if random.below(4) > 0 {
        all(nodes, &mut |node| {
            alike.extend(
                self::head(node).filter(|_| self::head(node) == head.as_deref()).map(|_| node.clone()),
            )
        });
    }
    let copy = if alike.is_empty() {
        nth(nodes, random.below(total)).map(|(list, at)| list[at].clone())
    } else {
        Some(random.one_of(&alike))
    };
    let Some((list, at)) = nth(nodes, place) else { return };
    let new = |random: &mut Random| match random.below(2) {
        0 => Node::Atom(random.one_of(ATOMS).to_owned()),
        _ => read(random.one_of(LISTS)).and_then(|mut nodes| nodes.pop()).expect("it is a list"),
    };
    match random.below(12) {
        0 => drop(list.remove(at)),
        1 => list[at] = copy.expect("one below the total is there"),
        2 => list.insert(at, copy.expect("one below the total is there")),
        3 => list.insert(at + 1, new(random)),
        4 => {
            let twice = list[at].clone();
            list.insert(at, twice);
        }
        5 => {
            let other = random.below(list.len());
            list.swap(at, other);
        }
        _ => match &mut list[at] {
            Node::Atom(atom) => *atom = another(atom, random),
            place @ Node::List(_) => *place = new(random),
        },
    }
}

/// Another atom of the same kind: a number for a number, a name for a name.
fn another(atom: &str, random: &mut Random) -> String {
    let number = atom.parse::<i64>().ok();
    match (number, random.below(4)) {
        (Some(number), 0) => number.wrapping_add(1).to_string(),
        (Some(number), 1) => number.wrapping_sub(1).to_string(),
        (Some(number), 2) => number.wrapping_mul(1 << random.below(20)).to_string(),
        _ => {
            let begin = |text: &str| text.chars().next().filter(|first| *first == '"');
            let same: Vec<&str> = ATOMS
                .iter()
                .copied()
                .filter(|other| {
                    begin(other) == begin(atom) && other.parse::<i64>().is_ok() == number.is_some()
                })
                .collect();
            random.one_of(&same).to_owned()
        }
    }
}

fn read(text: &str) -> Option<Vec<Node>> {
    let mut open = vec![Vec::new()];
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        match bytes[at] {
            b'(' if bytes.get(at + 1) == Some(&b';') => at += text[at..].find(";)")? + 2,
            b';' => at += text[at..].find('\n').unwrap_or(text.len() - at),
            b'(' => {
                if open.len() > MAX_DEPTH {
                    return None;
                }
                open.push(Vec::new());
                at += 1;
            }
            b')' => {
                let list = open.pop()?;
                open.last_mut()?.push(Node::List(list));
                at += 1;
            }
            b'"' => {
                at += 1;
                while *bytes.get(at)? != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                at += 1;
                open.last_mut()?.push(Node::Atom(text.get(start..at)?.to_owned()));
            }
            byte if byte.is_ascii_whitespace() => at += 1,
            _ => {
                while bytes
                    .get(at)
                    .is_some_and(|byte| !byte.is_ascii_whitespace() && !b"()\";".contains(byte))
                {
                    at += 1;
                }
                open.last_mut()?.push(Node::Atom(text.get(start..at)?.to_owned()));
            }
        }
    }
    let nodes = open.pop()?;
    (open.is_empty() && !nodes.is_empty()).then_some(nodes)
}

fn write(node: &Node, depth: usize, text: &mut String) {
    match node {
        Node::Atom(atom) => text.push_str(atom),
        Node::List(nodes) => {
            text.push('(');
            for (index, node) in nodes.iter().enumerate() {
                if depth < 3 && matches!(node, Node::List(_)) {
                    let _ = write!(text, "\n{}", "  ".repeat(depth + 1));
                } else if index > 0 {
                    text.push(' ');
                }
                write(node, depth + 1, text);
            }
            text.push(')');
        }
    }
}

/// The word that a list begins with.
fn head(node: &Node) -> Option<&str> {
    match node {
        Node::List(nodes) => match nodes.first() {
            Some(Node::Atom(atom)) => Some(atom),
            _ => None,
        },
        Node::Atom(_) => None,
    }
}

fn all<'a>(nodes: &'a [Node], visit: &mut impl FnMut(&'a Node)) {
    for node in nodes {
        visit(node);
        if let Node::List(nodes) = node {
            all(nodes, visit);
        }
    }
}

fn count(node: &Node) -> usize {
    match node {
        Node::Atom(_) => 1,
        Node::List(nodes) => 1 + nodes.iter().map(count).sum::<usize>(),
    }
}

/// The list in which the node at a place in depth-first order stands, and where in it.
fn nth(nodes: &mut Vec<Node>, mut at: usize) -> Option<(&mut Vec<Node>, usize)> {
    let mut found = None;
    for (index, node) in nodes.iter().enumerate() {
        let size = count(node);
        if at < size {
            found = Some(index);
            break;
        }
        at -= size;
    }
    let index = found?;
    match at.checked_sub(1) {
        None => Some((nodes, index)),
        Some(inner) => match &mut nodes[index] {
            Node::List(nodes) => nth(nodes, inner),
            Node::Atom(_) => None,
        },
    }
}
