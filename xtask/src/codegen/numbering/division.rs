//! The division of a calling code among the countries that share it, digit by digit.
//!
//! libphonenumber asks the countries one after the other: is the number one that begins with your
//! leading digits, or one of your patterns? The first that says yes has it. Here the same is asked
//! of all numbers at once.

use std::collections::HashMap;
use std::rc::Rc;

use anyhow::Result;

use super::metadata::Region;
use super::pattern::{Machine, Place, may_end};

/// How many national digits decide about the country where a calling code is shared.
const DECIDING_DIGITS: u32 = 7;

/// What a country that shares its calling code claims: all numbers that begin with its leading
/// digits, if it has such; the numbers of its patterns, if no country before it has them.
pub(super) struct Claim {
    country: String,
    leading: Machine,
    numbers: Machine,
}

impl Claim {
    /// The claim of a region.
    pub(super) fn new(region: &Region) -> Result<Self> {
        Ok(Self {
            country: region.country.clone().unwrap_or_default(),
            leading: Machine::new(region.leading_digits.iter().map(String::as_str))?,
            numbers: Machine::new(region.patterns.iter().map(String::as_str))?,
        })
    }

    fn start(&self) -> Along {
        Along { leads: false, leading: self.leading.start(), numbers: self.numbers.start() }
    }

    fn step(&self, along: &Along, digit: u16) -> Along {
        let leading = self.leading.step(&along.leading, digit);
        Along {
            leads: along.leads || may_end(&leading),
            leading,
            numbers: self.numbers.step(&along.numbers, digit),
        }
    }
}

/// How far a number goes along with one claim.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Along {
    /// Its first digits are the leading ones.
    leads: bool,
    leading: Place,
    numbers: Place,
}

impl Along {
    fn is_possible(&self) -> bool {
        self.leads || !self.leading.is_empty() || !self.numbers.is_empty()
    }
}

/// Stretches of numbers, each with its start and the country that it belongs to.
type Stretches = Rc<Vec<(u32, String)>>;

/// The division of a shared calling code, made digit by digit.
pub(super) struct Division {
    claims: Vec<Claim>,
    /// What was found before for the same number of digits left and the same claims.
    known: HashMap<(u32, Vec<Along>), Stretches>,
}

impl Division {
    /// A division among these claims, the first of which takes what nobody claims.
    pub(super) fn new(claims: Vec<Claim>) -> Self {
        Self { claims, known: HashMap::new() }
    }

    /// Its stretches of seven-digit beginnings, in ascending order.
    pub(super) fn all(mut self) -> Vec<(u32, String)> {
        let start = self.claims.iter().map(Claim::start).collect();
        self.divide(DECIDING_DIGITS, start).to_vec()
    }

    fn divide(&mut self, digits_left: u32, along: Vec<Along>) -> Stretches {
        let key = (digits_left, along);
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let stretches = Rc::new(match self.decided(digits_left, &key.1) {
            Some(country) => vec![(0, country.to_owned())],
            None => self.divide_further(digits_left - 1, &key.1),
        });
        self.known.insert(key, stretches.clone());
        stretches
    }

    /// The country, once one alone is possible, or the first possible one claims the rest.
    fn decided(&self, digits_left: u32, along: &[Along]) -> Option<&str> {
        let mut possible = self.claims.iter().zip(along).filter(|(_, along)| along.is_possible());
        let Some((first, along)) = possible.next() else {
            return self.claims.first().map(|claim| claim.country.as_str());
        };
        let decided = along.leads || digits_left == 0 || possible.next().is_none();
        decided.then_some(first.country.as_str())
    }

    fn divide_further(&mut self, digits_left: u32, along: &[Along]) -> Vec<(u32, String)> {
        let mut all: Vec<(u32, String)> = Vec::new();
        for digit in 0..10 {
            let step = |(claim, along): (&Claim, &Along)| claim.step(along, digit);
            let next = self.claims.iter().zip(along).map(step).collect();
            let offset = u32::from(digit) * 10_u32.pow(digits_left);
            for (start, country) in self.divide(digits_left, next).iter() {
                if all.last().is_none_or(|(_, before)| before != country) {
                    all.push((offset + start, country.clone()));
                }
            }
        }
        all
    }
}
