//! The patterns of the metadata as machines over digits, so that one can ask which countries a
//! number may still belong to after its first digits.
//!
//! The metadata uses a small part of the language of regular expressions: digits, `\d`, classes,
//! groups, alternatives, `?`, counted repetition and a last `$`. Anything else is an error.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail, ensure};

/// The positions that may come next; [`END`] among them means that the pattern may end here.
pub(super) type Place = BTreeSet<usize>;

/// The position behind the last digit.
const END: usize = 0;

/// Positions of a pattern, each with the digits that it takes and what may follow.
#[derive(Debug)]
pub(super) struct Machine {
    positions: Vec<Position>,
    start: Place,
}

#[derive(Debug, Default)]
struct Position {
    /// One bit a digit.
    digits: u16,
    next: Place,
}

impl Machine {
    /// The machine that takes what one of the patterns takes.
    pub(super) fn new<'a>(patterns: impl Iterator<Item = &'a str>) -> Result<Self> {
        let mut machine = Self { positions: vec![Position::default()], start: Place::new() };
        for pattern in patterns {
            let node = read(pattern)?;
            let entry = machine.add(&node, &Place::from([END]));
            machine.start.extend(entry);
        }
        Ok(machine)
    }

    /// Where a number begins.
    pub(super) fn start(&self) -> Place {
        self.start.clone()
    }

    /// Where a number stands after one more digit; nowhere if no number of the pattern goes on so.
    pub(super) fn step(&self, place: &Place, digit: u16) -> Place {
        let taken = place.iter().map(|at| &self.positions[*at]);
        let taken = taken.filter(|position| position.digits & (1 << digit) != 0);
        taken.flat_map(|position| position.next.iter().copied()).collect()
    }

    /// How many further digits end a number, one bit a count; `at` is a place of this machine.
    pub(super) fn lengths_behind(&self, at: &Place) -> u16 {
        let behind = |position: &usize| match *position {
            END => 1,
            position => self.lengths_behind(&self.positions[position].next) << 1,
        };
        at.iter().fold(0, |lengths, position| lengths | behind(position))
    }

    /// Adds a node before what follows it; answers where it is entered.
    fn add(&mut self, node: &Node, follow: &Place) -> Place {
        match node {
            Node::Digit(digits) => {
                self.positions.push(Position { digits: *digits, next: follow.clone() });
                Place::from([self.positions.len() - 1])
            }
            Node::Sequence(nodes) => {
                nodes.iter().rev().fold(follow.clone(), |follow, node| self.add(node, &follow))
            }
            Node::OneOf(nodes) => nodes.iter().flat_map(|node| self.add(node, follow)).collect(),
            Node::Captured(node) => self.add(node, follow),
            Node::AtEnd => follow.clone(),
            Node::Repeated(node, least, most) => {
                let mut entry = follow.clone();
                for _ in *least..*most {
                    entry = self.add(node, &entry);
                    entry.extend(follow);
                }
                (0..*least).fold(entry, |entry, _| self.add(node, &entry))
            }
        }
    }
}

/// Whether a number may end at a place.
pub(super) fn may_end(place: &Place) -> bool {
    place.contains(&END)
}

/// A pattern, or a part of one.
#[derive(Debug)]
pub(super) enum Node {
    /// One digit of these, one bit a digit.
    Digit(u16),
    Sequence(Vec<Node>),
    OneOf(Vec<Node>),
    /// Between so many and so many times, both included.
    Repeated(Box<Node>, u32, u32),
    /// A group that a transform rule may name.
    Captured(Box<Node>),
    /// The end of the number.
    AtEnd,
}

/// Reads a pattern.
pub(super) fn read(pattern: &str) -> Result<Node> {
    Reader(pattern).whole().with_context(|| format!("pattern `{pattern}`"))
}

/// Reads a pattern from its left; what is left of it.
struct Reader<'a>(&'a str);

impl Reader<'_> {
    fn whole(mut self) -> Result<Node> {
        let node = self.alternatives()?;
        ensure!(self.0.is_empty(), "`{}` is left over", self.0);
        Ok(node)
    }

    fn alternatives(&mut self) -> Result<Node> {
        let mut nodes = vec![self.sequence()?];
        while self.takes("|") {
            nodes.push(self.sequence()?);
        }
        Ok(Node::OneOf(nodes))
    }

    fn sequence(&mut self) -> Result<Node> {
        let mut nodes = Vec::new();
        while !self.0.is_empty() && !self.0.starts_with(['|', ')']) {
            let node = self.atom()?;
            nodes.push(self.repeated(node)?);
        }
        Ok(Node::Sequence(nodes))
    }

    fn atom(&mut self) -> Result<Node> {
        if self.takes("$") {
            return Ok(Node::AtEnd);
        }
        let is_captured = !self.0.starts_with("(?:");
        if self.takes("(?:") || self.takes("(") {
            let node = self.alternatives()?;
            ensure!(self.takes(")"), "a group does not end");
            return Ok(if is_captured { Node::Captured(node.into()) } else { node });
        }
        if self.takes("[") {
            return self.class();
        }
        self.digits().map(Node::Digit)
    }

    /// One digit or `\d`.
    fn digits(&mut self) -> Result<u16> {
        if self.takes("\\d") {
            return Ok(0b11_1111_1111);
        }
        match self.0.chars().next().and_then(|character| character.to_digit(10)) {
            Some(digit) => {
                self.0 = &self.0[1..];
                Ok(1 << digit)
            }
            None => bail!("cannot read `{}`", self.0),
        }
    }

    /// What stands behind `[`.
    fn class(&mut self) -> Result<Node> {
        let mut all = 0;
        while !self.takes("]") {
            let first = self.digits()?;
            let last = if self.takes("-") { self.digits()? } else { first };
            // From the bit of the first to the bit of the last.
            all |= if first == last { first } else { (last << 1) - first };
        }
        Ok(Node::Digit(all))
    }

    fn repeated(&mut self, node: Node) -> Result<Node> {
        if self.takes("?") {
            return Ok(Node::Repeated(node.into(), 0, 1));
        }
        if !self.takes("{") {
            return Ok(node);
        }
        let (counts, rest) = self.0.split_once('}').context("a repetition does not end")?;
        self.0 = rest;
        let (least, most) = counts.split_once(',').unwrap_or((counts, counts));
        Ok(Node::Repeated(node.into(), least.parse()?, most.parse()?))
    }

    fn takes(&mut self, word: &str) -> bool {
        let rest = self.0.strip_prefix(word);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, digits: &str, goes_on: bool, ends: bool) {
        let machine = Machine::new([pattern].into_iter()).unwrap();
        let place = digits
            .bytes()
            .fold(machine.start(), |place, digit| machine.step(&place, u16::from(digit - b'0')));
        assert_eq!((!place.is_empty(), may_end(&place)), (goes_on, ends), "{pattern} {digits}");
    }

    #[test]
    fn patterns_are_followed_digit_by_digit() {
        check("[2-46]8(?:0|1\\d)?", "3", true, false);
        check("[2-46]8(?:0|1\\d)?", "5", false, false);
        check("[2-46]8(?:0|1\\d)?", "68", true, true);
        check("[2-46]8(?:0|1\\d)?", "681", true, false);
        check("[2-46]8(?:0|1\\d)?", "6819", true, true);
        check("\\d{2,3}", "1", true, false);
        check("\\d{2,3}", "123", true, true);
        check("\\d{2,3}", "1234", false, false);
        check("1{2}|9", "9", true, true);
    }

    #[test]
    fn the_lengths_that_may_follow_are_counted() {
        let machine = Machine::new(["1\\d{2,3}|12(\\d{4})"].into_iter()).unwrap();
        assert_eq!(machine.lengths_behind(&machine.start()), 1 << 3 | 1 << 4 | 1 << 6);
        let behind = machine.step(&machine.start(), 1);
        assert_eq!(machine.lengths_behind(&behind), 1 << 2 | 1 << 3 | 1 << 5);
        assert_eq!(machine.lengths_behind(&machine.step(&behind, 3)), 1 << 1 | 1 << 2);
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        for pattern in ["1*", "(?!1)", "[^1]", "1{2", "(1", "a"] {
            assert!(Machine::new([pattern].into_iter()).is_err(), "{pattern}");
        }
    }
}
