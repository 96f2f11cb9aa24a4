//! Programs made of libphonenumber's patterns by `cargo xtask codegen`, and the machine that runs
//! them. A number is at most some dozens of digits and no pattern repeats a group, so trying one
//! way after the other stays short.

use core::ops::Range;

/// The digits of a number, each 0 to 9.
pub(crate) type Digits = [u8];

/// One step of a program.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    /// One digit of these, one bit a digit.
    Take(u16),
    /// Between so many and so many of these digits, rather more than fewer.
    Run(u16, u8, u8),
    /// The next step; where that fails, this one.
    Fork(u16),
    /// This step.
    Jump(u16),
    /// A group begins.
    Open(u8),
    /// A group ends.
    Close(u8),
    /// The number ends here.
    AtEnd,
    /// The pattern is met.
    Done,
}

/// Where a pattern was met.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Met {
    /// How many digits it took.
    pub(super) end: usize,
    /// What its groups took, if they were met.
    pub(super) groups: [Option<Range<usize>>; 2],
}

/// A table of steps, and a number to run its programs on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Machine<'number> {
    pub(super) steps: &'static [Step],
    pub(super) digits: &'number Digits,
}

impl Machine<'_> {
    /// Whether the number is of this pattern from its first digit to its last.
    pub(super) fn is_whole(&self, program: u16) -> bool {
        self.run(program, 0, &mut Met::default(), true)
    }

    /// Where the pattern is met at the number's beginning.
    pub(super) fn beginning(&self, program: u16) -> Option<Met> {
        let mut met = Met::default();
        self.run(program, 0, &mut met, false).then_some(met)
    }

    /// Runs on from a step and a digit; whether the pattern is met.
    fn run(&self, mut step: u16, mut at: usize, met: &mut Met, whole: bool) -> bool {
        loop {
            let Some(now) = self.steps.get(usize::from(step)) else { return false };
            match *now {
                Step::Take(digits) if self.has(digits, at) => at = at.saturating_add(1),
                Step::Take(_) => return false,
                Step::Run(digits, least, most) => {
                    let rest = self.digits.get(at..).unwrap_or_default();
                    let most = rest.len().min(usize::from(most));
                    let there =
                        (0..most).take_while(|more| self.has(digits, at.saturating_add(*more)));
                    let next = step.saturating_add(1);
                    return (usize::from(least)..=there.count())
                        .rev()
                        .any(|taken| self.run(next, at.saturating_add(taken), met, whole));
                }
                Step::Fork(other) => {
                    if self.run(step.saturating_add(1), at, met, whole) {
                        return true;
                    }
                    step = other;
                    continue;
                }
                Step::Jump(to) => {
                    step = to;
                    continue;
                }
                Step::Open(group) => return self.group(group, step, at, met, whole),
                Step::Close(group) => {
                    if let Some(Some(range)) = met.groups.get_mut(usize::from(group)) {
                        range.end = at;
                    }
                }
                Step::AtEnd if at == self.digits.len() => {}
                Step::AtEnd => return false,
                Step::Done => {
                    met.end = at;
                    return !whole || at == self.digits.len();
                }
            }
            step = step.saturating_add(1);
        }
    }

    /// Runs on within a group; it is forgotten where that fails.
    fn group(&self, group: u8, step: u16, at: usize, met: &mut Met, whole: bool) -> bool {
        if let Some(range) = met.groups.get_mut(usize::from(group)) {
            *range = Some(at..at);
        }
        let is_met = self.run(step.saturating_add(1), at, met, whole);
        if !is_met && let Some(range) = met.groups.get_mut(usize::from(group)) {
            *range = None;
        }
        is_met
    }

    fn has(&self, digits: u16, at: usize) -> bool {
        let digit = self.digits.get(at).copied().unwrap_or(u8::MAX);
        digits.checked_shr(digit.into()).unwrap_or(0) & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::Step::*;
    use super::*;

    /// `0?(1|23)(4{2,3})$|5`
    const STEPS: [Step; 14] = [
        Fork(12),
        Fork(3),
        Take(1 << 0),
        Open(0),
        Fork(7),
        Take(1 << 1),
        Jump(9),
        Take(1 << 2),
        Take(1 << 3),
        Close(0),
        Run(1 << 4, 2, 3),
        Jump(13),
        Take(1 << 5),
        Done,
    ];

    fn met(digits: &[u8]) -> Option<(usize, Option<Range<usize>>)> {
        let met = Machine { steps: &STEPS, digits }.beginning(0)?;
        let [first, _] = met.groups;
        Some((met.end, first))
    }

    #[test]
    fn the_first_way_that_leads_to_the_end_is_taken() {
        for (digits, expected) in [
            (&[0, 1, 4, 4, 4, 4][..], Some((5, Some(1..2)))),
            (&[2, 3, 4, 4], Some((4, Some(0..2)))),
            (&[5, 9], Some((1, None))),
            (&[2, 4, 4], None),
            (&[1, 4], None),
            (&[], None),
        ] {
            assert_eq!(met(digits), expected, "{digits:?}");
        }
        let machine = |digits: &'static [u8]| Machine { steps: &STEPS, digits };
        assert!(machine(&[1, 4, 4, 4]).is_whole(0));
        assert!(machine(&[5]).is_whole(0));
        assert!(!machine(&[5, 5]).is_whole(0));
    }
}
