//! The table of countries, lengths and prefixes against rlibphonenumber, over numbers of every
//! region, written with and without their calling code and with what is dialled before them.
//!
//! Differences by intent:
//!
//! - A number of a shared calling code that no country claims: rlibphonenumber names no country,
//!   the table the one that leads. Only numbers that it calls valid are compared.
//! - The table knows how numbers begin, not all of their digits, and so may call a number
//!   plausible that rlibphonenumber does not call valid; never the other way round.
//! - Behind a calling code, a prefix that rlibphonenumber takes off and is left with no valid
//!   number stays: the number is doubted as it stands.
//! - With a default country, digits without a mark that begin with a calling code can be an
//!   international number, too, as the platform takes them: rlibphonenumber always reads them as
//!   national. Where both are possible, the one that can be a mobile is meant, or it is refused.
//! - 00 stands for what is dialled before a number abroad in every country.
#![allow(
    clippy::print_stdout,
    reason = "the figure is what the test is for; `--nocapture` shows it"
)]

use std::collections::BTreeMap;

use bsg_rcs_domain::msisdn::{NotANumber, Plausibility, Reading};
use bsg_rcs_domain::{Country, Msisdn};
use rlibphonenumber::{
    NumberLengthType, PHONE_NUMBER_UTIL as METADATA, PhoneNumber, PhoneNumberType, Region,
    get_national_significant_number_owned,
};

/// Of how many comparable ones the table agreed.
#[derive(Default)]
struct Agreement {
    countries: (u32, u32),
    /// Of those that cannot be, how many are doubted.
    impossible: (u32, u32),
    /// Of those that can be and are not valid, how many are doubted.
    invalid: (u32, u32),
    valid: u32,
    differences: BTreeMap<(Region, Option<Country>), u32>,
}

#[test]
fn the_table_agrees_with_rlibphonenumber() {
    let mut agreement = Agreement::default();
    for_each_number(300, |_, number, _| {
        if let Ok(number) = Msisdn::normalise(number) {
            agreement.compare(number);
        }
    });
    let Agreement { countries, impossible, invalid, valid, differences } = agreement;
    println!("countries: {} of {} agree; {valid} valid, all plausible", countries.0, countries.1);
    println!("doubted: {impossible:?} of the impossible, {invalid:?} of the invalid");
    println!("countries that differ: {differences:?}");
    assert!(countries.1 > 30_000 && valid > 30_000, "too few were comparable");
    assert_eq!(impossible.0, impossible.1);
    assert!(invalid.0 * 10 > invalid.1 * 6, "the table doubts too few of the invalid");
    assert!(countries.0 * 1000 > countries.1 * 999);
}

/// Tries so many numbers of each region: the region, the digits, and how many of them are the
/// calling code.
fn for_each_number(tries: u32, mut tried: impl FnMut(Region, &str, usize)) {
    let mut regions: Vec<Region> = METADATA.get_supported_regions().collect();
    regions.sort_unstable();
    for region in regions {
        let examples = examples(region);
        let code = METADATA.get_country_code_for_region(region).unwrap().to_string().len();
        let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ region as u64);
        for _ in 0..tries {
            let example = &examples[random.below(examples.len())];
            tried(region, &changed(example, &mut random), code);
        }
    }
}

impl Agreement {
    fn compare(&mut self, number: Msisdn) {
        let written = format!("+{}", number.digits());
        let Ok(parsed) = METADATA.parse(&written, None) else {
            // It reads no number whose calling code is not assigned.
            assert_ne!(number.plausibility(), Plausibility::Plausible, "{written}");
            return;
        };
        // What it has changed on the way is another number than the platform would see.
        if written != international(&parsed) {
            return;
        }
        let can_be = is_plausible(number);
        if METADATA.is_valid_number(&parsed) {
            self.valid += 1;
            assert!(can_be, "{written} is valid");
            self.compare_countries(number, &parsed);
        } else {
            let possible = METADATA.is_possible_number_with_reason(&parsed);
            let of = match possible == Ok(NumberLengthType::IsPossible) {
                true => &mut self.invalid,
                false => &mut self.impossible,
            };
            of.0 += u32::from(!can_be);
            of.1 += 1;
        }
    }

    fn compare_countries(&mut self, number: Msisdn, parsed: &PhoneNumber) {
        let Some(region) = METADATA.get_region_for_number(parsed) else { return };
        let ours = Country::of(number);
        let theirs =
            if region == Region::World { None } else { Country::parse(&region.to_string()).ok() };
        self.countries.0 += u32::from(ours == theirs);
        self.countries.1 += 1;
        if ours != theirs {
            *self.differences.entry((region, ours)).or_default() += 1;
        }
    }
}

fn is_plausible(number: Msisdn) -> bool {
    matches!(number.plausibility(), Plausibility::Plausible | Plausibility::Landline)
}

fn international(number: &PhoneNumber) -> String {
    let national = get_national_significant_number_owned(number);
    format!("+{}{national}", number.country_code)
}

/// What rlibphonenumber reads, if it calls that valid and the platform takes it.
fn theirs(written: &str, default: Option<Region>) -> Option<String> {
    let parsed = METADATA.parse(written, default).ok()?;
    let digits = international(&parsed);
    let is_taken = METADATA.is_valid_number(&parsed) && (9..=15).contains(&(digits.len() - 1));
    is_taken.then_some(digits)
}

fn ours(written: &str, default: Option<Country>) -> Result<Reading, NotANumber> {
    Reading::of(written, default)
}

fn digits(reading: Reading) -> String {
    format!("+{}", reading.number.digits())
}

/// What may stand between a calling code and a national number.
const BEHIND_CODE: [&str; 9] = ["", "0", " (0) ", "1", "8", "06", "15", "9", " 0 15 "];

#[test]
fn a_number_with_its_calling_code_is_read_as_rlibphonenumber_reads_it() {
    let (mut same, mut left) = (0, 0);
    for_each_number(50, |_, number, code| {
        let (code, national) = number.split_at(code);
        for between in BEHIND_CODE {
            for mark in ["+", "00", ""] {
                let written = format!("{mark}{code}{between}{national}");
                let Some(theirs) = theirs(&format!("+{code}{between}{national}"), None) else {
                    left += 1;
                    continue;
                };
                let ours = ours(&written, None).map(digits);
                assert_eq!(ours, Ok(theirs), "{written}");
                same += 1;
            }
        }
    });
    println!("{same} are read alike, {left} are not valid");
    assert!(same > 40_000, "too few were comparable");
}

/// What is written before a national number in one country or another.
const BEFORE_NATIONAL: [&str; 12] =
    ["", "0", "(0)", "1", "8", "06", "80", "0 15 ", "15", "010 ", "0011 ", "011 "];

#[test]
fn a_national_number_is_read_as_rlibphonenumber_reads_it() {
    let (mut same, mut left, mut other, mut refused) = (0, 0, 0, 0);
    for_each_number(50, |region, number, code| {
        let Ok(country) = Country::parse(&region.to_string()) else { return };
        let (_, national) = number.split_at(code);
        for before in BEFORE_NATIONAL {
            let written = format!("{before}{national}");
            let Some(theirs) = theirs(&written, Some(region)) else {
                left += 1;
                continue;
            };
            match ours(&written, Some(country)) {
                Ok(ours) if digits(ours) == theirs => same += 1,
                // As the platform would take it, and not a number that is completed.
                Ok(ours) => {
                    let as_written = digits(ours)[1..] == written.replace([' ', '(', ')'], "");
                    assert!(
                        as_written && is_plausible(ours.number),
                        "{written} {region:?} {ours:?}"
                    );
                    other += 1;
                }
                Err(why) => {
                    assert_eq!(why, NotANumber::Ambiguous, "{written} {region:?}: not {theirs}");
                    refused += 1;
                }
            }
        }
    });
    println!(
        "{same} are read alike, {other} as international ones, {refused} refused, {left} are not valid"
    );
    assert!(same > 15_000, "too few were comparable");
    assert!(other * 50 < same && refused * 50 < same);
}

/// Example numbers of every kind that a region has, in digits.
fn examples(region: Region) -> Vec<String> {
    use PhoneNumberType as Kind;
    let kinds = [
        Kind::FixedLine,
        Kind::Mobile,
        Kind::TollFree,
        Kind::PremiumRate,
        Kind::SharedCost,
        Kind::VoIP,
        Kind::PersonalNumber,
        Kind::UAN,
    ];
    let mut examples: Vec<String> = kinds
        .into_iter()
        .filter_map(|kind| METADATA.get_example_number_for_type_and_region(region, kind).ok())
        .map(|number| {
            let national = get_national_significant_number_owned(&number);
            format!("{}{national}", number.country_code)
        })
        .collect();
    examples.sort_unstable();
    assert!(!examples.is_empty(), "{region:?} has no number");
    examples
}

/// An example with some of its last digits replaced, and now and then with one more or fewer.
fn changed(example: &str, random: &mut Random) -> String {
    let kept = example.len() - random.below(example.len().min(11));
    let length = match random.below(8) {
        0 => example.len() + 1,
        1 => example.len() - 1,
        _ => example.len(),
    };
    let mut digits: String = example.chars().take(kept.min(length)).collect();
    while digits.len() < length {
        digits.push(char::from_digit(u32::try_from(random.below(10)).unwrap(), 10).unwrap());
    }
    digits
}

/// A small generator: the same numbers in every run (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).unwrap()
    }
}
