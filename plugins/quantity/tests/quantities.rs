//! What is an amount, how much it is, and how amounts are added up.

use quantity::{NotAQuantity, Quantity};

fn amount(text: &str) -> Quantity {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

/// In billionths, as far as 64 bits go.
fn nanos(text: &str) -> i64 {
    // A billion times as much is as many units.
    let (number, suffix) = text.split_at(text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len()));
    let exponent = match suffix {
        "" => "e9",
        "m" => "e6",
        "u" => "e3",
        "n" => "",
        other => panic!("{other} is not among the small ones"),
    };
    amount(&format!("{number}{exponent}")).units()
}

#[test]
fn every_suffix_is_its_power() {
    for (power, suffix) in (0..).zip(["", "k", "M", "G", "T", "P", "E"]) {
        assert_eq!(amount(&format!("3{suffix}")).units(), 3 * 1_000i64.pow(power), "{suffix}");
        assert_eq!(amount(&format!("-3{suffix}")).units(), -3 * 1_000i64.pow(power), "{suffix}");
        assert_eq!(amount(&format!("1.5{suffix}")), amount(&format!("15e{}", 3 * i64::from(power) - 1)));
    }
    for (power, suffix) in (1..).zip(["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]) {
        assert_eq!(amount(&format!("3{suffix}")).units(), 3 * 1_024i64.pow(power), "{suffix}");
        assert_eq!(amount(&format!("1.5{suffix}")).units(), 3 * 512 * 1_024i64.pow(power - 1), "{suffix}");
        assert_eq!(amount(&format!("-0.5{suffix}")).units(), -512 * 1_024i64.pow(power - 1), "{suffix}");
    }
    assert_eq!(amount("250m").milli(), 250);
    assert_eq!(amount("250000u"), amount("250m"));
    assert_eq!(amount("250000000n"), amount("250m"));
    assert_eq!(amount("0.25"), amount("250m"));
    assert_eq!(amount("12345678901234567m"), amount("12345678901234.567"));
}

#[test]
fn digits_may_be_missing_on_one_side_of_the_point_and_zeros_mean_nothing() {
    for text in
        ["5", "+5", "5.", "05", "5.000", "0005.0", "5e0", "5E0", "0.5e1", "50e-1", "5000m", ".5e+1", "5.0e-0"]
    {
        assert_eq!(amount(text), Quantity::of(5), "{text}");
    }
    for text in
        ["0", "-0", "+0", "0.", ".0", "0Ki", "0n", "0e9999999999999999999", "0e-9999999999999999999", "-.0Ei"]
    {
        assert_eq!(amount(text), Quantity::default(), "{text}");
    }
    assert_eq!(amount(".5"), amount("500m"));
}

#[test]
fn an_exponent_is_told_from_exa() {
    assert_eq!(amount("1E").units(), 1_000_000_000_000_000_000);
    assert_eq!(amount("1E3").units(), 1_000);
    assert_eq!(amount("1e3").units(), 1_000);
    assert_eq!(amount("1E+3").units(), 1_000);
    assert_eq!(amount("1200e-2").units(), 12);
    assert_eq!(amount("1e-9"), amount("1n"));
}

#[test]
fn what_is_finer_than_a_billionth_is_rounded_away_from_zero() {
    for text in
        ["1n", "0.1n", "0.0000000001", "1e-10", "1e-999999", "1e-99999999999999999999", "0.0000000001Ki"]
    {
        assert!(amount(text).is_positive(), "{text}");
    }
    assert_eq!(nanos("0.0000000011"), 2);
    assert_eq!(amount("-1e-30"), amount("-1n"));
    assert_eq!(amount("1.0000000001"), amount("1.000000001"));
    assert_eq!(amount("1.0000000000"), amount("1"));
    assert_eq!(amount("0.0000000019999999999999999999999999999999999999999999"), amount("2n"));
    // A fraction of a power of two is exact as far as it can be: 1/1024 is 0.0009765625.
    assert_eq!(amount("0.0009765625Ki"), amount("1"));
    assert_eq!(amount("0.0009765624Ki"), amount("999999898n"));
    let third = "0.33333333333333333333333333333333333333333333333333";
    assert_eq!(amount(&format!("{third}Ei")), amount("384307168202282325.333333334"));
}

#[test]
fn a_point_and_an_exponent_may_be_as_far_apart_as_they_like() {
    assert_eq!(amount(&format!("1{}e-100", "0".repeat(100))).units(), 1);
    assert_eq!(amount(&format!("0.{}1e101", "0".repeat(100))).units(), 1);
    assert_eq!(amount(&format!("{}7", "0".repeat(100))).units(), 7);
    assert_eq!(amount(&format!("1.{}1", "0".repeat(100))), amount("1.000000001"));
}

#[test]
fn what_is_beyond_64_bits_counts_as_the_most() {
    assert_eq!(amount("9223372036854775807"), Quantity::MAX);
    assert_eq!(amount("9223372036854775806").units(), i64::MAX - 1);
    for text in [
        "9223372036854775808",
        "9223372036854775807.5",
        "10E",
        "8Ei",
        "1e19",
        "1e999999",
        "9999999999999999999999999Ei",
    ] {
        assert_eq!(amount(text), Quantity::MAX, "{text}");
    }
    assert_eq!(amount(&"9".repeat(1_000)), Quantity::MAX);
    assert_eq!(amount("-1e999"), Quantity::default() - Quantity::MAX);
    assert_eq!(amount("7Ei").units(), 7 << 60);
    assert_eq!(Quantity::MAX.milli(), i64::MAX);
    assert_eq!(amount("99999999999999999999n"), amount("99999999999.999999999"));
}

#[test]
fn units_and_thousandths_are_rounded_away_from_zero() {
    for (text, units, milli) in [
        ("1", 1, 1_000),
        ("1m", 1, 1),
        ("1n", 1, 1),
        ("1001m", 2, 1_001),
        ("1.0001", 2, 1_001),
        ("999999999n", 1, 1_000),
        ("0", 0, 0),
        ("-1m", -1, -1),
        ("-1n", -1, -1),
        ("-1001m", -2, -1_001),
        ("-1.0001", -2, -1_001),
        ("-2", -2, -2_000),
    ] {
        assert_eq!((amount(text).units(), amount(text).milli()), (units, milli), "{text}");
    }
}

#[test]
fn sums_and_differences_are_exact() {
    let all = [
        "0",
        "1n",
        "-1n",
        "999999999n",
        "1",
        "-1",
        "1.5",
        "-1.5",
        "100m",
        "1Ki",
        "-3Gi",
        "123456789.987654321",
    ];
    for one in all {
        for other in all {
            let sum = amount(one) + amount(other);
            assert_eq!(sum - amount(other), amount(one), "{one} + {other}");
            assert_eq!(sum, amount(other) + amount(one), "{one} + {other}");
            assert_eq!(
                amount(one) - amount(other) < Quantity::default(),
                amount(one) < amount(other),
                "{one} {other}"
            );
        }
    }
    assert_eq!(amount("1") - amount("1m") - amount("999m"), Quantity::default());
    assert_eq!(amount("0.1") + amount("0.2"), amount("0.3"));
    assert_eq!(Quantity::MAX + amount("1n"), Quantity::MAX);
    assert_eq!(Quantity::MAX + Quantity::MAX, Quantity::MAX);
    let least = Quantity::of(i64::MIN);
    assert_eq!(least - Quantity::MAX, least);
    assert_eq!(least - amount("1n"), least);
}

#[test]
fn amounts_are_in_their_order() {
    let ascending = [
        "-1Ki",
        "-1.5",
        "-1",
        "-999m",
        "-1n",
        "0",
        "1n",
        "1m",
        "999m",
        "1",
        "1.000000001",
        "1k",
        "1Ki",
        "1E",
        "1Ei",
    ];
    for (place, one) in ascending.iter().enumerate() {
        for (other_place, other) in ascending.iter().enumerate() {
            assert_eq!(amount(one).cmp(&amount(other)), place.cmp(&other_place), "{one} {other}");
        }
    }
}

#[test]
fn what_is_none_is_said_with_what_would_be_one() {
    for text in [
        "", " ", "+", "-", ".", "-.", "m", "Ki", "e3", "1K", "1ki", "1KI", "1mi", "1i", "1 Ki", " 1", "1 ",
        "1e", "1E+", "1e-", "1e1.5", "1.2.3", "1,5", "--1", "+-1", "0x10", "1_000", "1kB", "1Gib", "1e3k",
        "1Kie3", "NaN", "inf", "١", "1µ",
    ] {
        assert_eq!(text.parse::<Quantity>(), Err(NotAQuantity(text.to_owned())), "{text:?}");
    }
    let error = "1 GB".parse::<Quantity>().expect_err("it is none");
    assert_eq!(
        error.to_string(),
        "\"1 GB\" is no quantity; valid is a number, alone or with one of n u m k M G T P E Ki Mi Gi Ti Pi Ei \
         or an exponent behind it, such as 2, 100m, 1.5Gi, 2e3"
    );
}
