//! The table of countries and lengths against rlibphonenumber, over numbers of every region.
//!
//! Differences by intent:
//!
//! - A number of a shared calling code that no country claims: rlibphonenumber names no country,
//!   the table the one that leads. Only numbers that it calls valid are compared.
//! - rlibphonenumber drops a 0 behind the calling code (`+44 020...`) and a mobile 1 of Mexico; the
//!   platform would not, so here such a number is judged as it stands. They are not compared.
//! - It calls lengths possible that can be dialled only within one area; the table does not.
#![allow(
    clippy::print_stdout,
    reason = "the figure is what the test is for; `--nocapture` shows it"
)]

use std::collections::BTreeMap;

use bsg_rcs_domain::msisdn::Plausibility;
use bsg_rcs_domain::{Country, Msisdn};
use rlibphonenumber::{
    NumberLengthType, PHONE_NUMBER_UTIL as METADATA, PhoneNumber, PhoneNumberType, Region,
    get_national_significant_number_owned,
};

/// Numbers that are tried for each region.
const TRIES_EACH: u64 = 300;

/// Of how many comparable ones the table agreed.
#[derive(Default)]
struct Agreement {
    countries: (u32, u32),
    lengths: (u32, u32),
    differences: BTreeMap<(Region, Option<Country>), u32>,
}

#[test]
fn the_table_agrees_with_rlibphonenumber() {
    let mut agreement = Agreement::default();
    let mut regions: Vec<Region> = METADATA.get_supported_regions().collect();
    regions.sort_unstable();
    for region in regions {
        let examples = examples(region);
        let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ region as u64);
        for _ in 0..TRIES_EACH {
            let example = &examples[random.below(examples.len())];
            if let Some(number) = changed(example, &mut random) {
                agreement.compare(number);
            }
        }
    }
    let Agreement { countries, lengths, differences } = agreement;
    println!(
        "countries: {} of {} agree; lengths: {} of {}",
        countries.0, countries.1, lengths.0, lengths.1
    );
    println!("countries that differ: {differences:?}");
    assert!(countries.1 > 30_000 && lengths.1 > 60_000, "too few were comparable");
    assert_eq!(lengths.0, lengths.1);
    assert!(countries.0 * 1000 > countries.1 * 999);
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
        let national = get_national_significant_number_owned(&parsed);
        if written != format!("+{}{national}", parsed.country_code) {
            return;
        }
        self.compare_lengths(number, &parsed);
        if METADATA.is_valid_number(&parsed) {
            self.compare_countries(number, &parsed);
        }
    }

    fn compare_lengths(&mut self, number: Msisdn, parsed: &PhoneNumber) {
        let possible = METADATA.is_possible_number_with_reason(parsed);
        let theirs = possible == Ok(NumberLengthType::IsPossible);
        let ours = number.plausibility() == Plausibility::Plausible;
        self.lengths.0 += u32::from(ours == theirs);
        self.lengths.1 += 1;
        if ours != theirs {
            println!("length of {}: {ours} here, {possible:?} there", number.digits());
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
fn changed(example: &str, random: &mut Random) -> Option<Msisdn> {
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
    Msisdn::normalise(&digits).ok()
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
