//! The rooms of the workspace: which crate has which one job, and which of ours it may use. An edge that is
//! not in this table is a decision that nobody made yet; `docs/architecture.md` says why each one stands.

use cargo_metadata::{DependencyKind, Package};

/// One crate of ours.
struct Room {
    name: &'static str,
    /// Its one job, in a few words.
    job: &'static str,
    /// The crates of ours that it may use.
    uses: &'static [&'static str],
    /// The crates of ours that its tests may use besides.
    tests_use: &'static [&'static str],
}

/// Every library.
const LIBRARIES: &[&str] = &[
    "bsg-rcs",
    "bsg-rcs-campaign",
    "bsg-rcs-domain",
    "bsg-rcs-sandbox",
    "bsg-rcs-sandbox-engine",
    "bsg-rcs-store",
    "bsg-rcs-store-postgres",
    "bsg-rcs-store-sqlite",
    "bsg-rcs-transport",
    "bsg-rcs-transport-reqwest",
    "bsg-rcs-view",
    "bsg-rcs-webhook",
    "bsg-rcs-wire",
];

/// Every crate of the workspace, from the ground up.
const ROOMS: &[Room] = &[
    Room { name: "bsg-rcs-domain", job: "the rules, pure", uses: &[], tests_use: &[] },
    Room {
        name: "bsg-rcs-wire",
        job: "the JSON of the contract",
        uses: &["bsg-rcs-domain"],
        tests_use: &[],
    },
    Room { name: "bsg-rcs-transport", job: "one HTTP exchange", uses: &[], tests_use: &[] },
    Room {
        name: "bsg-rcs-transport-reqwest",
        job: "the default transport",
        uses: &["bsg-rcs-transport"],
        tests_use: &[],
    },
    Room {
        name: "bsg-rcs",
        job: "the client",
        uses: &["bsg-rcs-domain", "bsg-rcs-wire", "bsg-rcs-transport", "bsg-rcs-transport-reqwest"],
        tests_use: &["bsg-rcs-sandbox", "bsg-rcs-webhook"],
    },
    Room {
        name: "bsg-rcs-webhook",
        job: "callbacks in",
        uses: &["bsg-rcs-domain", "bsg-rcs-wire"],
        tests_use: &[],
    },
    Room {
        name: "bsg-rcs-store",
        job: "what must survive a crash",
        uses: &["bsg-rcs-domain"],
        tests_use: &[],
    },
    Room {
        name: "bsg-rcs-store-sqlite",
        job: "the embedded store",
        uses: &["bsg-rcs-store", "bsg-rcs-domain"],
        tests_use: &[],
    },
    Room {
        name: "bsg-rcs-store-postgres",
        job: "the store for many machines",
        uses: &["bsg-rcs-store", "bsg-rcs-domain"],
        tests_use: &[],
    },
    Room {
        name: "bsg-rcs-campaign",
        job: "durable sending",
        uses: &["bsg-rcs", "bsg-rcs-wire", "bsg-rcs-store", "bsg-rcs-domain"],
        tests_use: &["bsg-rcs-sandbox", "bsg-rcs-transport", "bsg-rcs-transport-reqwest"],
    },
    Room { name: "bsg-rcs-view", job: "what people see", uses: &[], tests_use: &[] },
    Room {
        name: "bsg-rcs-sandbox-engine",
        job: "the platform as a pure function",
        uses: &["bsg-rcs-domain"],
        tests_use: &[],
    },
    Room {
        name: "bsg-rcs-sandbox",
        job: "the platform on this machine",
        uses: &["bsg-rcs-domain", "bsg-rcs-sandbox-engine", "bsg-rcs-view", "bsg-rcs-wire"],
        tests_use: &[],
    },
    Room { name: "bsg-rcs-cli", job: "the program", uses: LIBRARIES, tests_use: &[] },
    Room {
        name: "bsg-rcs-docs",
        job: "the guide's examples, as tests",
        uses: &[],
        tests_use: LIBRARIES,
    },
    Room { name: "xtask", job: "what the workspace does to itself", uses: &[], tests_use: &[] },
];

/// Crates of others that one room alone may know, so that a choice can be changed in one place.
const KEPT: &[(&str, &str)] = &[
    ("reqwest", "bsg-rcs-transport-reqwest"),
    ("rlibphonenumber", "xtask"),
    ("rusqlite", "bsg-rcs-store-sqlite"),
    ("tokio-postgres", "bsg-rcs-store-postgres"),
];

/// A dependency of one of our crates.
struct Edge<'a> {
    from: &'a str,
    to: &'a str,
    for_tests: bool,
}

/// One sentence for each edge that the table does not permit, and for each crate that it does not know.
pub(crate) fn findings(packages: &[Package]) -> Vec<String> {
    let mut findings = Vec::new();
    for package in packages {
        let from = package.name.as_str();
        let Some(room) = ROOMS.iter().find(|room| room.name == from) else {
            findings.push(format!(
                "{from} has no room: give it one job and its edges in xtask/src/rooms.rs"
            ));
            continue;
        };
        for dependency in &package.dependencies {
            let for_tests = dependency.kind == DependencyKind::Development;
            let edge = Edge { from, to: dependency.name.as_str(), for_tests };
            let ours = packages.iter().any(|package| package.name.as_str() == edge.to);
            let finding = if ours { permitted(room, &edge) } else { kept(&edge) };
            findings.extend(finding);
        }
    }
    findings
}

/// Where the table of crates in the architecture page is not what the manifests say, a sentence each.
pub(crate) fn page_findings(packages: &[Package], page: &str) -> Vec<String> {
    let mut findings = Vec::new();
    let row_of = |name: &str| -> Option<&str> {
        let begin = format!("| `{name}` |");
        let row = page.lines().find(|line| line.starts_with(&begin))?;
        row.trim_end_matches([' ', '|']).rsplit('|').next().map(str::trim)
    };
    for package in packages {
        let name = package.name.as_str();
        let Some(said) = row_of(name) else {
            findings.push(format!("docs/architecture.md has no row for {name}"));
            continue;
        };
        let mut uses: Vec<&str> = package
            .dependencies
            .iter()
            .filter(|dependency| dependency.kind == DependencyKind::Normal)
            .map(|dependency| dependency.name.as_str())
            .filter(|used| packages.iter().any(|package| package.name.as_str() == *used))
            .map(
                |used| {
                    if used == "bsg-rcs" { "facade" } else { used.trim_start_matches("bsg-rcs-") }
                },
            )
            .collect();
        uses.sort_unstable();
        let without_remarks: String =
            said.split('(').map(|part| part.split(')').next_back().unwrap_or("")).collect();
        let mut says: Vec<&str> = match without_remarks.trim() {
            "all of them" => continue,
            words if words.starts_with("no") => Vec::new(),
            words => words.split(',').map(str::trim).collect(),
        };
        says.sort_unstable();
        if says != uses {
            findings.push(format!(
                "docs/architecture.md says that {name} uses {}; its manifest says {}",
                says.join(", "),
                uses.join(", ")
            ));
        }
    }
    findings
}

/// What is wrong with an edge between two crates of ours.
fn permitted(room: &Room, edge: &Edge<'_>) -> Option<String> {
    let Edge { from, to, for_tests } = edge;
    if room.uses.contains(to) || (*for_tests && room.tests_use.contains(to)) {
        return None;
    }
    let may = if room.uses.is_empty() { "nothing of ours".into() } else { room.uses.join(", ") };
    let advice = if room.tests_use.contains(to) {
        "its tests may: make it a dev-dependency"
    } else {
        "move the code to a room that may, or decide on the edge in xtask/src/rooms.rs and \
         docs/architecture.md"
    };
    let who = if *for_tests { "the tests of " } else { "" };
    Some(format!(
        "{who}{from} ({job}) must not depend on {to}; it may use {may}: {advice}",
        job = room.job
    ))
}

/// What is wrong with an edge to a crate of others.
fn kept(edge: &Edge<'_>) -> Option<String> {
    let Edge { from, to, for_tests } = edge;
    let (_, keeper) = KEPT.iter().find(|(name, _)| name == to)?;
    (from != keeper && !for_tests).then(|| {
        format!("{from} must not depend on {to}: only {keeper} knows it; go through that crate")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(from: &str, to: &str, for_tests: bool, allowed: bool) {
        let room = ROOMS.iter().find(|room| room.name == from).unwrap();
        let edge = Edge { from, to, for_tests };
        let ours = ROOMS.iter().any(|room| room.name == to);
        let finding = if ours { permitted(room, &edge) } else { kept(&edge) };
        assert_eq!(finding.is_none(), allowed, "{from} -> {to}: {finding:?}");
    }

    #[test]
    fn edges_go_down_only() {
        check("bsg-rcs-wire", "bsg-rcs-domain", false, true);
        check("bsg-rcs-domain", "bsg-rcs-wire", false, false);
        check("bsg-rcs-domain", "bsg-rcs-wire", true, false);
        check("bsg-rcs-sandbox", "bsg-rcs", false, false);
        check("bsg-rcs", "bsg-rcs-sandbox", false, false);
        check("bsg-rcs", "bsg-rcs-sandbox", true, true);
        check("bsg-rcs-cli", "bsg-rcs-store-sqlite", false, true);
        check("xtask", "bsg-rcs-domain", false, false);
    }

    #[test]
    fn some_crates_of_others_have_one_keeper() {
        check("bsg-rcs-transport-reqwest", "reqwest", false, true);
        check("bsg-rcs", "reqwest", false, false);
        check("bsg-rcs-domain", "rlibphonenumber", true, true);
        check("bsg-rcs-domain", "rlibphonenumber", false, false);
        check("bsg-rcs-cli", "rusqlite", false, false);
        check("bsg-rcs-cli", "serde", false, true);
    }

    #[test]
    fn the_table_has_no_circles() {
        // Each room may use rooms only that stand before it, which the order of the table itself proves.
        for (position, room) in ROOMS.iter().enumerate().filter(|(_, room)| room.name != "xtask") {
            for used in room.uses {
                let below = ROOMS.iter().position(|room| room.name == *used).unwrap();
                assert!(below < position, "{} -> {used}", room.name);
            }
        }
    }
}
