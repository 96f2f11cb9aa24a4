//! The disk is full, or lets nobody write: a clear error, nothing sent of which nothing could be
//! written, and everything goes on once there is room.
//!
//! A disk that is small enough to be full is a file system of its own in memory, which only root
//! may mount; elsewhere these tests say that they skip.

use std::path::PathBuf;
use std::process::Command;

use serde_json::json;
use tempfile::TempDir;

use crate::http;
use crate::stage::{Stage, delivered};

/// A small disk. Dropped, it is gone.
struct Disk(TempDir);

impl Disk {
    fn of(kib: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let options = format!("size={kib}k");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "tmpfs"])
            .arg(folder.path())
            .output()
            .is_ok_and(|output| output.status.success());
        if !mounted {
            eprintln!("skipped: it needs the right to mount a small disk");
            return None;
        }
        Some(Self(folder))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn store(&self) -> String {
        format!("sqlite:{}", self.path("store.db").display())
    }

    /// Fills it to the last byte.
    fn fill(&self) {
        let file = self.path("filler");
        let full = std::fs::write(file, vec![0; 64 << 20]);
        full.expect_err("it was to be full");
    }

    fn make_room(&self) {
        std::fs::remove_file(self.path("filler")).unwrap();
    }

    fn remount(&self, how: &str) {
        let options = format!("remount,{how}");
        let mut mount = Command::new("mount");
        assert!(mount.args(["-o", &options]).arg(self.0.path()).status().unwrap().success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0.path()).status();
    }
}

const FULL: &str = "the disk is full: make room and run it again";

#[test]
fn a_plan_that_does_not_fit_leaves_nothing() {
    let Some(disk) = Disk::of(1500) else { return };
    let mut stage = Stage::new();
    stage.store = disk.store();
    stage.people(100_000);
    let plan = ["campaign", "plan", "--message", "message.toml", "--recipients", "people.csv"];
    stage.run(&plan).expect(1, FULL);
    // What could not be removed on a full disk is listed as what it is, and never sent.
    let listed = stage.json(&["campaign", "list"]);
    assert!(listed.as_array().unwrap().iter().all(|one| one["state"] == "preparing"), "{listed}");
    disk.remount("size=8000k");
    stage.people(3);
    let id = stage.plan();
    assert_eq!(stage.json(&["campaign", "list"]).as_array().unwrap().len(), 1, "it is removed");
    stage.run(&["campaign", "apply", &id]).expect(0, "");
    stage.expect_each_once(delivered(3));
}

#[test]
fn what_cannot_be_written_is_not_sent_and_goes_on_once_there_is_room() {
    let Some(disk) = Disk::of(4000) else { return };
    let mut stage = Stage::new();
    stage.store = disk.store();
    stage.people(7000);
    let id = stage.plan();
    disk.fill();
    stage.run(&["campaign", "apply", &id]).expect(1, FULL);
    assert_eq!(stage.total(), 0, "no intent, no request");
    disk.make_room();
    stage.run(&["campaign", "apply", &id]).expect(0, "");
    stage.expect_each_once(delivered(7000));
}

#[test]
fn a_callback_that_cannot_be_kept_is_not_acknowledged() {
    let Some(disk) = Disk::of(4000) else { return };
    let mut stage = Stage::new();
    stage.store = disk.store();
    stage.people(1);
    let id = stage.plan();
    stage.run(&["campaign", "apply", &id]).expect(0, "");
    let (_webhook, url) = stage.webhook();
    let (address, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let call = || http::call(address, "POST", &format!("/{path}"), "{\"id\": 1}").0;
    assert_eq!(call(), 200);
    disk.fill();
    // The log of the store may have some room left in it.
    let mut full = call();
    for _ in 0..10_000 {
        if full != 200 {
            break;
        }
        full = call();
    }
    assert_eq!(full, 503);
    disk.make_room();
    assert_eq!(call(), 200);
    stage.advance("1h");
    let report = stage.json(&["campaign", "apply", &id, "--wait"]);
    assert_eq!((&report["state"], &report["accepted"]), (&json!("done"), &json!(1)));
}

#[test]
fn a_store_of_a_later_version_is_refused_and_left_as_it_is() {
    let stage = Stage::new();
    stage.people(3);
    let id = stage.plan();
    let version = |set: Option<u32>| -> u32 {
        let store = rusqlite::Connection::open(stage.folder.path().join("store.db")).unwrap();
        if let Some(set) = set {
            store.pragma_update(None, "user_version", set).unwrap();
        }
        store.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
    };
    let ours = version(None);
    version(Some(99));
    let says = "is of schema version 99, this program knows";
    stage.run(&["campaign", "apply", &id]).expect(3, says);
    assert_eq!((stage.total(), version(None)), (0, 99));
    version(Some(ours));
    stage.run(&["campaign", "apply", &id]).expect(0, "");
    stage.expect_each_once(delivered(3));
}

#[test]
fn a_store_that_may_not_be_written_to_is_refused() {
    let Some(disk) = Disk::of(4000) else { return };
    let mut stage = Stage::new();
    stage.store = disk.store();
    stage.people(3);
    let id = stage.plan();
    disk.remount("ro");
    let says = "cannot be opened";
    stage.run(&["campaign", "apply", &id]).expect(3, says);
    assert_eq!(stage.total(), 0);
    disk.remount("rw");
    stage.run(&["campaign", "apply", &id]).expect(0, "");
    stage.expect_each_once(delivered(3));
}

/// Other users of the machine cannot read numbers, texts and the webhook's secret (U4, and that a
/// copied file is a whole store once a command has ended).
#[cfg(unix)]
#[test]
fn what_a_store_holds_is_for_its_user_alone_and_can_be_copied() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut stage = Stage::new();
    stage.people(3);
    let id = stage.plan();
    let folder = stage.folder.path().to_owned();
    for entry in std::fs::read_dir(&folder).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with("store.db") {
            let mode = entry.metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "{name}: {mode:o}");
        }
    }
    let copied = folder.join("copied.db");
    std::fs::copy(folder.join("store.db"), &copied).unwrap();
    let backup = folder.join("backup.db");
    stage.run(&["store", "backup", backup.to_str().unwrap()]).expect(0, "");
    stage.run(&["store", "backup", backup.to_str().unwrap()]).expect(1, "");
    for other in [copied, backup] {
        stage.store = format!("sqlite:{}", other.display());
        assert_eq!(stage.json(&["campaign", "list"])[0]["campaign"], json!(id), "{other:?}");
    }
}
