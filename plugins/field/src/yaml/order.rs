//! The order in which go-yaml writes the keys of a map: digits count as numbers, and letters come after everything else.

use std::cmp::Ordering;

/// Which of two keys comes first.
pub(super) fn compare(one: &str, other: &str) -> Ordering {
    let (ones, others): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let Some(at) = (0..ones.len().min(others.len())).find(|at| ones[*at] != others[*at]) else {
        return ones.len().cmp(&others.len());
    };
    let (a, b) = (ones[at], others[at]);
    match (a.is_alphabetic(), b.is_alphabetic()) {
        (true, true) => return a.cmp(&b),
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    // What follows a digit other than 0 belongs to a number that has begun: a 0 in it counts.
    let mut begun = 0_i64;
    if a == '0' || b == '0' {
        let before = ones[..at].iter().rev().take_while(|character| character.is_ascii_digit());
        begun = i64::from(before.into_iter().any(|digit| *digit != '0'));
    }
    let number = |characters: &[char]| {
        let digits = characters.iter().take_while(|character| character.is_ascii_digit());
        digits.fold((begun, 0_usize), |(number, length), digit| {
            let digit = i64::from(digit.to_digit(10).unwrap_or(0));
            (number.wrapping_mul(10).wrapping_add(digit), length + 1)
        })
    };
    number(&ones[at..]).cmp(&number(&others[at..])).then(a.cmp(&b))
}

#[cfg(test)]
mod tests {
    use super::compare;

    #[test]
    fn keys_come_in_the_order_of_go_yaml() {
        for pair in [
            ("a2", "a10"),
            ("a10", "aa"),
            ("a1", "a01"),
            ("1", "a"),
            ("a_b", "aa"),
            ("10", "a"),
            ("a", "ä"),
            ("B", "a"),
        ] {
            assert!(compare(pair.0, pair.1).is_lt() && compare(pair.1, pair.0).is_gt(), "{pair:?}");
        }
        assert!(compare("same", "same").is_eq());
    }
}
