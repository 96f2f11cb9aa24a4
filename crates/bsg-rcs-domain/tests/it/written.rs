//! Numbers as people write them: what each form is read as, with and without a default country.

use bsg_rcs_domain::msisdn::{NotANumber, Plausibility, Reading};
use bsg_rcs_domain::recipients::{Intake, Verdict};
use bsg_rcs_domain::{Country, Msisdn};
use proptest::prelude::*;

use NotANumber::{Ambiguous, Character, Empty, Length, National};

fn read(written: &str, country: &str) -> Result<u64, NotANumber> {
    Msisdn::normalise_in(written, Country::parse(country).ok()).map(Msisdn::as_u64)
}

#[track_caller]
fn check(country: &str, cases: &[(&str, Result<u64, NotANumber>)]) {
    for (written, expected) in cases {
        assert_eq!(read(written, country), *expected, "{written:?} in {country:?}");
    }
}

#[test]
fn one_number_has_many_forms() {
    for written in [
        "380661231231",
        "+380661231231",
        "00380661231231",
        " 380 66 123 12 31 ",
        "+380 (66) 123-12-31",
        "380.66.123.12.31",
        "(+380)661231231",
        "(+380) 66 123 12 31",
        "+(380) 66 123 12 31",
        "00380/66/1231231",
        "'+380661231231",
        "'380661231231",
        "\u{2019}+380 66 123 12 31",
        "+ 380 66 123 12 31",
        "38(066)123-12-31",
        "+38 (066) 123-12-31",
        "+380 - 66 - 1231231",
    ] {
        assert_eq!(read(written, ""), Ok(380_661_231_231), "{written}");
    }
}

#[test]
fn what_is_refused_and_why() {
    check(
        "",
        &[
            ("", Err(Empty)),
            ("   ", Err(Empty)),
            ("\u{200b}", Err(Empty)),
            ("+", Err(Length(0))),
            ("'", Err(Length(0))),
            ("12345678", Err(Length(8))),
            ("+0012345678901", Err(National)),
            ("0661231231", Err(National)),
            ("000661231231", Err(National)),
            ("1234567890123456", Err(Length(16))),
            ("99999999999999999999999999", Err(Length(26))),
            ("999999999999999999999999999999999", Err(Length(33))),
            ("0012345678", Err(Length(8))),
            ("00", Err(Length(0))),
            ("38066123123x", Err(Character('x'))),
            ("3806612\t31231", Err(Character('\t'))),
            ("3806612\n31231", Err(Character('\n'))),
            ("++380661231231", Err(Character('+'))),
            ("380+661231231", Err(Character('+'))),
            ("380661231231+", Err(Character('+'))),
            ("''380661231231", Err(Character('\''))),
            ("380'661231231", Err(Character('\''))),
            ("+380661231231,0", Err(Character(','))),
            ("3,80661E+11", Err(Character(','))),
            ("3.80661E+11", Err(Character('E'))),
            ("#N/A", Err(Character('#'))),
        ],
    );
}

#[test]
fn separators_stand_where_people_write_them() {
    for (written, character) in [
        ("()", ')'),
        ("(380661231231", '('),
        ("380661231231)", ')'),
        ("((380)661231231", '('),
        ("380()661231231", ')'),
        ("-380661231231", '-'),
        ("+-380661231231", '-'),
        (".380661231231", '.'),
        ("/380661231231", '/'),
        ("380661231231-", '-'),
        ("380661231231.", '.'),
        ("380661231231 /", '/'),
    ] {
        assert_eq!(read(written, ""), Err(Character(character)), "{written}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5000))]

    /// A number in digits is what it was read as: the platform and our own files give it back so.
    #[test]
    fn what_was_read_is_read_the_same_again(
        beginning in "[+'(]{0,2}(0|00|011)?(49|380|43|44|52|54|55|7|1|86|39|36|370|8)?",
        rest in "[ ]?[(]?[01]{0,2}[)]?[-0-9 ./]{6,14}",
        country in "(AT|DE|GB|US|RU|MX|AR|BR|IT|HU|JP|KR|ZZ)?",
    ) {
        let written = beginning + &rest;
        if let Ok(number) = read(&written, &country) {
            prop_assert_eq!(read(&number.to_string(), ""), Ok(number), "{} in {}", written, country);
            prop_assert_eq!(read(&format!("+{number}"), &country), Ok(number), "{} in {}", written, country);
        }
    }
}

/// R1: a column that went through a float.
#[test]
fn the_decimals_of_a_spreadsheet_are_no_digits() {
    check(
        "",
        &[
            ("491711234567.0", Ok(491_711_234_567)),
            ("+491711234567.00", Ok(491_711_234_567)),
            ("49 171 1234567.0 ", Ok(491_711_234_567)),
            ("491711234567.1", Err(Character('.'))),
            ("491711234567.50", Err(Character('.'))),
            ("491711234567.000", Err(Character('.'))),
            // Dots that part groups.
            ("49.171.123.45.67", Ok(491_711_234_567)),
            ("+49 171.1234567", Ok(491_711_234_567)),
            ("49.171.12345.00", Ok(491_711_234_500)),
        ],
    );
    check(
        "DE",
        &[("0171 1234567.0", Ok(491_711_234_567)), ("0171 1234567.5", Err(Character('.')))],
    );
}

/// R2: a trunk prefix behind the calling code.
#[test]
fn a_trunk_prefix_behind_the_calling_code_is_taken_off() {
    check(
        "",
        &[
            ("+49 (0) 171 1234567", Ok(491_711_234_567)),
            ("+49(0)1711234567", Ok(491_711_234_567)),
            ("+49 (0) 0171 1234567", Ok(491_711_234_567)),
            ("0049 (0)171 1234567", Ok(491_711_234_567)),
            ("49 ( 0 ) 171 1234567", Ok(491_711_234_567)),
            ("+49 0171 1234568", Ok(491_711_234_568)),
            ("4901711234568", Ok(491_711_234_568)),
            ("+43 (0)664 1234567", Ok(436_641_234_567)),
            ("+31 (0)6 12345678", Ok(31_612_345_678)),
            ("+380 066 123 12 31", Ok(380_661_231_231)),
            ("+46 (0)73 682 92 91", Ok(46_736_829_291)),
            ("+36 (06) 20 123 4567", Ok(36_201_234_567)),
            ("+7 (8) 495 123 45 67", Ok(74_951_234_567)),
            ("+370 (8) 612 34567", Ok(37_061_234_567)),
            ("+44 (0)7911 123456", Ok(447_911_123_456)),
            // In Italy the 0 is part of the number.
            ("+39 (0)6 1234 5678", Ok(390_612_345_678)),
            ("+39 06 1234 5678", Ok(390_612_345_678)),
            // Not behind the calling code: digits as any other.
            ("+49 171 (0)1234567", Ok(4_917_101_234_567)),
        ],
    );
}

#[test]
fn where_the_plan_is_not_certain_the_number_is_doubted() {
    for (written, number) in
        [("+46073682929", 46_073_682_929), ("+34 (0)612 345 678", 340_612_345_678)]
    {
        let reading = Reading::of(written, None).unwrap();
        assert_eq!(reading.number.as_u64(), number);
        assert_ne!(reading.plausibility(), Plausibility::Plausible, "{written}");
    }
}

/// R3: national numbers, by the prefixes of their country.
#[test]
fn a_national_number_is_read_with_its_country() {
    check("LT", &[("8 612 34567", Ok(37_061_234_567)), ("0 612 34567", Ok(37_061_234_567))]);
    check(
        "RU",
        &[
            ("8 495 123 45 67", Ok(74_951_234_567)),
            ("84951234567", Ok(74_951_234_567)),
            ("8 (916) 123-45-67", Ok(79_161_234_567)),
            ("9161234567", Ok(79_161_234_567)),
            ("79161234567", Ok(79_161_234_567)),
            ("8 10 43 664 1234567", Ok(436_641_234_567)),
        ],
    );
    check(
        "HU",
        &[
            ("06 20 123 4567", Ok(36_201_234_567)),
            ("20 123 4567", Ok(36_201_234_567)),
            ("36201234567", Ok(36_201_234_567)),
            ("06123123123", Err(National)),
        ],
    );
    check(
        "UA",
        &[
            ("066 123 12 31", Ok(380_661_231_231)),
            ("(066) 123-12-31", Ok(380_661_231_231)),
            ("661231231", Ok(380_661_231_231)),
            ("066123123", Err(National)),
            ("000661231231", Err(National)),
            ("+0661231231", Err(National)),
            ("066123123x", Err(Character('x'))),
            ("0123456789012345678901234567890", Err(National)),
        ],
    );
    check(
        "AT",
        &[
            ("0664 1234567", Ok(436_641_234_567)),
            ("0664/1234567", Ok(436_641_234_567)),
            // A spreadsheet has taken the 0 off.
            ("6641234567", Ok(436_641_234_567)),
            ("0043/676/1234567", Ok(436_761_234_567)),
            ("(+43) 664 1234567", Ok(436_641_234_567)),
            ("'+43 664 1234567", Ok(436_641_234_567)),
        ],
    );
    check(
        "DE",
        &[
            ("01711234567", Ok(491_711_234_567)),
            ("1711234567", Ok(491_711_234_567)),
            ("491711234567", Ok(491_711_234_567)),
            ("+380661231231", Ok(380_661_231_231)),
            ("00380661231231", Ok(380_661_231_231)),
            ("380661231231", Ok(380_661_231_231)),
            ("(0) 171 1234567", Ok(491_711_234_567)),
            // 0152 05551234, or +1 520 555 1234.
            ("15205551234", Err(Ambiguous)),
        ],
    );
    check("GB", &[("020 7946 0018", Ok(442_079_460_018)), ("07911 123456", Ok(447_911_123_456))]);
    check("IT", &[("06 1234 5678", Ok(390_612_345_678)), ("312 345 6789", Ok(393_123_456_789))]);
    check("ES", &[("612 345 678", Ok(34_612_345_678))]);
    check(
        "US",
        &[
            ("(202) 555-0123", Ok(12_025_550_123)),
            ("1 202 555 0123", Ok(12_025_550_123)),
            ("011 43 664 1234567", Ok(436_641_234_567)),
            ("0043 664 1234567", Ok(436_641_234_567)),
        ],
    );
    check(
        "AU",
        &[("0011 43 664 1234567", Ok(436_641_234_567)), ("0412 345 678", Ok(61_412_345_678))],
    );
    check(
        "JP",
        &[("010 43 664 1234567", Ok(436_641_234_567)), ("090-1234-5678", Ok(819_012_345_678))],
    );
    check("AR", &[("011 15 2345 6789", Ok(5_491_123_456_789))]);
    check("ZZ", &[("0661231231", Err(National)), ("380661231231", Ok(380_661_231_231))]);
    check(
        "",
        &[("8 10 43 664 1234567", Ok(810_436_641_234_567)), ("011 43 664 1234567", Err(National))],
    );
}

#[test]
fn without_a_country_a_national_number_is_doubted() {
    for (written, doubt) in [
        ("8 612 34567", Plausibility::TrunkPrefix),
        ("8 495 123 45 67", Plausibility::TrunkPrefix),
        ("8(495)123-45-67", Plausibility::TrunkPrefix),
        ("6641234567", Plausibility::Unassigned),
        ("84 951 234 567", Plausibility::Plausible),
        ("+8 495 123 45 67", Plausibility::Plausible),
        ("38(066)123-12-31", Plausibility::Plausible),
    ] {
        let reading = Reading::of(written, None).unwrap();
        assert_eq!(reading.plausibility(), doubt, "{written}");
        let mut intake = Intake::default();
        let kept = intake.take(written, None);
        assert!(matches!(kept, Verdict::Kept(recipient) if recipient.doubt == doubt), "{written}");
    }
}

/// R4: what is copied along from web pages, contacts and other keyboards.
#[test]
fn spaces_dashes_and_digits_of_all_kinds() {
    for written in [
        "+380\u{a0}66\u{a0}123\u{2009}12\u{202f}31",
        "\u{200b}+380661231231\u{200b}",
        "\u{202a}+380 66 123 12 31\u{202c}",
        "+380\u{2013}66\u{2011}123\u{2212}12\u{2010}31",
        "\u{ff0b}\u{ff13}\u{ff18}\u{ff10}\u{ff16}\u{ff16}\u{ff11}\u{ff12}\u{ff13}\u{ff11}\u{ff12}\u{ff13}\u{ff11}",
        "٣٨٠٦٦١٢٣١٢٣١",
        "+۳۸۰۶۶۱۲۳۱۲۳۱",
        "\u{feff}380661231231",
        "380\u{ad}661231231",
        "\u{ff08}+380\u{ff09}661231231",
    ] {
        assert_eq!(read(written, ""), Ok(380_661_231_231), "{written:?}");
    }
    let error = Msisdn::normalise("38066\u{7}1231231").unwrap_err().to_string();
    assert!(error.contains("'\\u{7}'"), "{error}");
}

/// R10: other forms of a number that reach the same handset.
#[test]
fn one_handset_is_written_to_once() {
    for (one, other) in [
        ("+52 55 1234 5678", "+52 1 55 1234 5678"),
        ("525512345678", "5215512345678"),
        ("+54 11 2345 6789", "+54 9 11 2345 6789"),
        ("+54 9 11 2345 6789", "+54 11 15 2345 6789"),
        ("+55 11 8765 4321", "+55 11 98765 4321"),
    ] {
        for (first, second) in [(one, other), (other, one)] {
            let mut intake = Intake::default();
            assert!(matches!(intake.take(first, None), Verdict::Kept(_)), "{first}");
            assert_eq!(intake.take(second, None), Verdict::Duplicate, "{first} {second}");
            assert_eq!(intake.counts().duplicates, 1);
        }
    }
    // Two landlines; trunked radio, which never got the digit; and a number of another country.
    for (one, other) in [
        ("551132345678", "5511932345678"),
        ("551176543210", "5511976543210"),
        ("49551187654321", "495511987654321"),
    ] {
        let mut intake = Intake::default();
        assert!(matches!(intake.take(one, None), Verdict::Kept(_)), "{one}");
        assert!(matches!(intake.take(other, None), Verdict::Kept(_)), "{other}");
    }
    assert_eq!(read("+52 1 55 1234 5678", ""), Ok(525_512_345_678));
    assert_eq!(read("+54 11 15 2345 6789", ""), Ok(5_491_123_456_789));
}
