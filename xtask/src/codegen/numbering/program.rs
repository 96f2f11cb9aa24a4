//! Patterns as programs of a small machine that the domain crate runs: it has no reader of regular
//! expressions.

use std::collections::HashMap;
use std::fmt::Write;

use anyhow::{Result, ensure};

use super::pattern::{Node, read};

/// All programs, one behind the other; the same pattern stands there once.
#[derive(Debug, Default)]
pub(super) struct Programs {
    steps: Vec<String>,
    known: HashMap<String, usize>,
}

impl Programs {
    /// Where the program of a pattern begins. No pattern matches nothing: that is the first step.
    pub(super) fn add(&mut self, pattern: Option<&str>) -> Result<usize> {
        if self.steps.is_empty() {
            self.steps.push("Take(0)".to_owned());
        }
        let Some(pattern) = pattern else { return Ok(0) };
        if let Some(known) = self.known.get(pattern) {
            return Ok(*known);
        }
        let start = self.steps.len();
        let mut groups = 0;
        self.compile(&read(pattern)?, &mut groups);
        ensure!(groups <= 2, "the domain keeps two groups, and `{pattern}` has {groups}");
        self.steps.push("Done".to_owned());
        self.known.insert(pattern.to_owned(), start);
        Ok(start)
    }

    /// The programs as a Rust table.
    pub(super) fn write(&self, out: &mut String) -> Result<()> {
        let count = self.steps.len();
        writeln!(out, "\n/// The programs of all patterns, each to its `Done`.")?;
        writeln!(out, "#[rustfmt::skip]\npub(super) static STEPS: [Step; {count}] = [")?;
        for row in self.steps.chunks(6) {
            writeln!(out, "    {},", row.join(", "))?;
        }
        writeln!(out, "];")?;
        Ok(())
    }

    fn compile(&mut self, node: &Node, groups: &mut usize) {
        match node {
            Node::Digit(digits) => self.steps.push(format!("Take({digits:#x})")),
            Node::AtEnd => self.steps.push("AtEnd".to_owned()),
            Node::Sequence(nodes) => nodes.iter().for_each(|node| self.compile(node, groups)),
            Node::Captured(node) => {
                let group = *groups;
                *groups += 1;
                self.steps.push(format!("Open({group})"));
                self.compile(node, groups);
                self.steps.push(format!("Close({group})"));
            }
            Node::OneOf(nodes) => self.one_of(nodes, groups),
            Node::Repeated(node, least, most) => match **node {
                Node::Digit(digits) => {
                    self.steps.push(format!("Run({digits:#x}, {least}, {most})"));
                }
                _ => self.repeated(node, *least, *most, groups),
            },
        }
    }

    /// Each but the last is tried, and left for the next where it fails.
    fn one_of(&mut self, nodes: &[Node], groups: &mut usize) {
        let mut ends = Vec::new();
        for (at, node) in nodes.iter().enumerate() {
            if at + 1 == nodes.len() {
                self.compile(node, groups);
                break;
            }
            let fork = self.reserve();
            self.compile(node, groups);
            ends.push(self.reserve());
            self.steps[fork] = format!("Fork({})", self.steps.len());
        }
        for end in ends {
            self.steps[end] = format!("Jump({})", self.steps.len());
        }
    }

    fn repeated(&mut self, node: &Node, least: u32, most: u32, groups: &mut usize) {
        for _ in 0..least {
            self.compile(node, groups);
        }
        let mut forks = Vec::new();
        for _ in least..most {
            forks.push(self.reserve());
            self.compile(node, groups);
        }
        for fork in forks {
            self.steps[fork] = format!("Fork({})", self.steps.len());
        }
    }

    /// A step that is filled in once its target is known.
    fn reserve(&mut self) -> usize {
        self.steps.push(String::new());
        self.steps.len() - 1
    }
}
