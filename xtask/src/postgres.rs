//! A PostgreSQL cluster that is thrown away: made from whatever PostgreSQL is installed, for as
//! long as one command runs, on a free port of this machine.
//!
//! The command finds it by these variables:
//!
//! | variable | holds |
//! | --- | --- |
//! | `BSG_RCS_TEST_POSTGRES` | the URL of an empty database, of a user who may do everything |
//! | `BSG_RCS_TEST_POSTGRES_RESTART` | a program that ends the server as a crash would, and starts it again |

use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::shell;

/// Names the URL of the database.
const URL: &str = "BSG_RCS_TEST_POSTGRES";
/// Names the program that restarts the server.
const RESTART: &str = "BSG_RCS_TEST_POSTGRES_RESTART";
/// Where Debian and its kin put the servers, one folder a version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// Runs a command beside a cluster of its own.
pub(crate) fn run(command: &[String]) -> Result<()> {
    let (program, arguments) = command.split_first().context("say which command to run")?;
    let cluster = Cluster::start(&programs()?)?;
    let mut command = Command::new(program);
    command.args(arguments).envs(cluster.variables());
    shell::run(&mut command)
}

/// Gives a command a cluster, if PostgreSQL is installed: without, its tests say that they skip.
pub(crate) fn beside(command: &mut Command) -> Result<()> {
    let Ok(programs) = programs() else {
        println!("no PostgreSQL server is installed: the tests that need one are skipped");
        return shell::run(command);
    };
    let cluster = Cluster::start(&programs)?;
    shell::run(command.envs(cluster.variables()))
}

/// The folder of the server's programs.
fn programs() -> Result<PathBuf> {
    let mut folders: Vec<PathBuf> =
        std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect();
    if let Ok(said) = shell::output(Command::new("pg_config").arg("--bindir")) {
        folders.push(said.trim().into());
    }
    for version in fs::read_dir(DEBIAN).into_iter().flatten().flatten() {
        folders.push(version.path().join("bin"));
    }
    let has_server = |folder: &PathBuf| folder.join("initdb").is_file();
    folders
        .into_iter()
        .find(has_server)
        .context("no PostgreSQL server is installed (Debian: apt-get install postgresql)")
}

/// A cluster that runs. Dropped, it is stopped and its files are removed.
struct Cluster {
    folder: PathBuf,
    programs: PathBuf,
    port: u16,
}

impl Cluster {
    fn start(programs: &Path) -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("bsg-rcs-postgres-{}", std::process::id()));
        fs::create_dir(&folder).with_context(|| folder.display().to_string())?;
        let free = TcpListener::bind("127.0.0.1:0")?;
        let port = free.local_addr()?.port();
        drop(free);
        let cluster = Self { folder, programs: programs.to_owned(), port };
        if is_root() {
            // The server refuses to run as root; Debian's package brings this user.
            shell::output(Command::new("chown").arg("postgres").arg(&cluster.folder))?;
        }
        shell::output(cluster.server("initdb").args([
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--no-locale",
            "--no-instructions",
        ]))?;
        shell::output(&mut cluster.control("start"))?;
        let mut restart = cluster.control("restart");
        restart.arg("--mode=immediate");
        cluster.write_restart(&restart)?;
        Ok(cluster)
    }

    /// One of the server's programs at this cluster's data, as a user who may run it.
    fn server(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(&self.folder).arg("--pgdata").arg(self.folder.join("data"));
        command
    }

    fn control(&self, what: &str) -> Command {
        let mut command = self.server("pg_ctl");
        let (port, folder) = (self.port, self.folder.display());
        let options = format!("-p {port} -c listen_addresses=127.0.0.1 -k {folder}");
        command.args([what, "--wait", "--silent", "--options", &options, "--log"]);
        command.arg(self.folder.join("log"));
        command
    }

    /// Writes a control command down as a program.
    fn write_restart(&self, command: &Command) -> Result<()> {
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        let quoted: Vec<String> = words
            .map(|word| format!("'{}'", word.to_string_lossy().replace('\'', r"'\''")))
            .collect();
        let folder = self.folder.display();
        let script = format!("#!/bin/sh\ncd '{folder}' && exec {} </dev/null\n", quoted.join(" "));
        let path = self.restart();
        fs::write(&path, script)?;
        fs::set_permissions(&path, Permissions::from_mode(0o755))?;
        Ok(())
    }

    fn restart(&self) -> PathBuf {
        self.folder.join("restart")
    }

    fn variables(&self) -> [(&'static str, String); 2] {
        let url = format!("postgres://postgres@127.0.0.1:{}/postgres", self.port);
        [(URL, url), (RESTART, self.restart().display().to_string())]
    }

    fn stop(&self) -> Result<()> {
        shell::output(self.server("pg_ctl").args([
            "stop",
            "--wait",
            "--silent",
            "--mode=immediate",
        ]))?;
        fs::remove_dir_all(&self.folder)?;
        Ok(())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            eprintln!("the cluster in {} could not be stopped: {error:#}", self.folder.display());
        }
    }
}

fn is_root() -> bool {
    let id = shell::output(Command::new("id").arg("-u"));
    id.is_ok_and(|id| id.trim() == "0")
}
