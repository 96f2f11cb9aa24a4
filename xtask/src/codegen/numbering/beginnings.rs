//! What the first national digits of a number say of it: how long such numbers are, as numbers of
//! any kind, as mobiles and as landlines. A tree of digits; what is the same stands there once.

use std::collections::HashMap;
use std::fmt::Write;

use anyhow::{Context, Result};

use super::metadata::Region;
use super::pattern::{Machine, Place};

/// How many national digits are looked at. A number has nine or more and a calling code at most
/// three.
const DEPTH: usize = 4;

/// Lengths of national numbers, one bit a length in digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Lengths {
    any: u16,
    mobile: u16,
    landline: u16,
}

/// A place in the tree: a branch by number, or a leaf by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Below {
    Branch(usize),
    Leaf(usize),
}

/// The trees of all calling codes.
#[derive(Debug, Default)]
pub(super) struct Beginnings {
    branches: Vec<[Below; 10]>,
    leaves: Vec<Lengths>,
    known_branches: HashMap<[Below; 10], usize>,
    known_leaves: HashMap<Lengths, usize>,
}

/// The machines of one calling code.
struct Machines {
    any: Machine,
    mobile: Machine,
    landline: Machine,
}

impl Beginnings {
    /// Adds the tree of a code that these regions share; answers how the table names its root.
    pub(super) fn add(&mut self, sharing: &[Region]) -> Result<u16> {
        let machine = |of: fn(&Region) -> &Option<String>| {
            Machine::new(sharing.iter().filter_map(|region| of(region).as_deref()))
        };
        let all = sharing.iter().flat_map(|region| &region.patterns).map(String::as_str);
        let machines = Machines {
            any: Machine::new(all)?,
            mobile: machine(|region| &region.mobile)?,
            landline: machine(|region| &region.fixed_line)?,
        };
        let start = [machines.any.start(), machines.mobile.start(), machines.landline.start()];
        let root = self.below(&machines, &start, 0);
        encoded(root)
    }

    /// The trees as Rust tables.
    pub(super) fn write(&self, out: &mut String) -> Result<()> {
        let count = self.branches.len();
        writeln!(
            out,
            "\n/// What stands behind each digit: a leaf, or from {BRANCH} on a branch."
        )?;
        writeln!(out, "#[rustfmt::skip]\npub(super) static BRANCHES: [[u16; 10]; {count}] = [")?;
        for branch in &self.branches {
            let below = branch.iter().map(|below| encoded(*below).map(|word| word.to_string()));
            writeln!(out, "    [{}],", below.collect::<Result<Vec<_>>>()?.join(","))?;
        }
        writeln!(out, "];")?;
        let count = self.leaves.len();
        writeln!(out, "\n/// Lengths of national numbers: of any kind, of mobiles, of landlines.")?;
        writeln!(out, "#[rustfmt::skip]\npub(super) static LEAVES: [Lengths; {count}] = [")?;
        for row in self.leaves.chunks(3) {
            let row = row.iter().map(|Lengths { any, mobile, landline }| {
                format!("lengths({any:#x}, {mobile:#x}, {landline:#x}),")
            });
            writeln!(out, "    {}", row.collect::<Vec<_>>().join(" "))?;
        }
        writeln!(out, "];")?;
        Ok(())
    }

    fn below(&mut self, machines: &Machines, at: &[Place; 3], depth: usize) -> Below {
        let [any, mobile, landline] = at;
        if depth == DEPTH || any.is_empty() {
            let so_far = |lengths: u16| lengths << depth;
            return self.leaf(Lengths {
                any: so_far(machines.any.lengths_behind(any)),
                mobile: so_far(machines.mobile.lengths_behind(mobile)),
                landline: so_far(machines.landline.lengths_behind(landline)),
            });
        }
        let below: [Below; 10] = std::array::from_fn(|digit| {
            let digit = u16::try_from(digit).unwrap_or(0);
            let next = [
                machines.any.step(any, digit),
                machines.mobile.step(mobile, digit),
                machines.landline.step(landline, digit),
            ];
            self.below(machines, &next, depth + 1)
        });
        match below {
            [first @ Below::Leaf(_), ..] if below.iter().all(|other| *other == first) => first,
            _ => self.branch(below),
        }
    }

    fn leaf(&mut self, lengths: Lengths) -> Below {
        let at = *self.known_leaves.entry(lengths).or_insert_with(|| {
            self.leaves.push(lengths);
            self.leaves.len() - 1
        });
        Below::Leaf(at)
    }

    fn branch(&mut self, below: [Below; 10]) -> Below {
        let at = *self.known_branches.entry(below).or_insert_with(|| {
            self.branches.push(below);
            self.branches.len() - 1
        });
        Below::Branch(at)
    }
}

/// From here on a word names a branch.
const BRANCH: usize = 256;

fn encoded(below: Below) -> Result<u16> {
    match below {
        Below::Branch(at) => Ok(u16::try_from(BRANCH + at)?),
        Below::Leaf(at) => Ok(u8::try_from(at).context("more leaves than a byte names")?.into()),
    }
}
