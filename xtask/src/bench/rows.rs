//! The comparisons.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::Bench;
use super::measure::{
    Cost, Judged, Pairs, Wanted, hundredths, median, micros, noise, pairs, run, time,
};
use super::peers;
use crate::sandbox::{Sandbox, post, program};
use crate::shell::{self, Stopwatch};

/// A comparison by its name.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) says: &'static str,
    pub(super) measure: fn(&Bench) -> Result<Vec<Judged>>,
}

pub(super) const ROWS: [Row; 9] = [
    Row {
        name: "recipients",
        says: "a CSV of ten million rows, a tenth of them doubled: unique numbers, in their order, written out; beside polars",
        measure: recipients,
    },
    Row {
        name: "growth",
        says: "the same for one, two, four and eight million rows",
        measure: growth,
    },
    Row {
        name: "bodies",
        says: "numbers checked, deduplicated, given references, and written as campaigns; beside the vendor's Python client",
        measure: bodies,
    },
    Row {
        name: "client",
        says: "what our layers add to a call, in processor time; beside reqwest alone",
        measure: client,
    },
    Row {
        name: "callbacks",
        says: "callbacks kept durably; beside the same server throwing them away, and beside one commit a callback",
        measure: callbacks,
    },
    Row {
        name: "sandbox",
        says: "campaigns of 5000 taken in over HTTP; beside Prism answering from the same document",
        measure: sandbox,
    },
    Row {
        name: "million",
        says: "a million recipients planned and applied, journalled; beside the same requests with nothing kept",
        measure: million,
    },
    Row {
        name: "simulation",
        says: "simulated campaigns of 50 recipients a second and core",
        measure: simulation,
    },
    Row {
        name: "start",
        says: "the program's start to its end, for a small thing",
        measure: start,
    },
];

fn example(name: &str) -> PathBuf {
    shell::target().join("release/examples").join(name)
}

/// Pseudo-random numbers, the same each time.
fn noise_of(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    }
}

/// A list of so many rows of 31 bytes, every tenth of a number that came before; made once.
fn list(bench: &Bench, rows: u64) -> Result<PathBuf> {
    let path = bench.file(&format!("{rows}.csv"));
    if path.is_file() {
        return Ok(path);
    }
    let unfinished = bench.file("unfinished.csv");
    let mut file = BufWriter::new(File::create(&unfinished)?);
    let (mut next, mut kept) = (noise_of(1), Vec::new());
    writeln!(file, "phone,reference")?;
    for row in 0..rows {
        let number = if row % 10 == 9 {
            let place = usize::try_from(next())? % kept.len();
            kept[place]
        } else {
            380_500_000_000 + next() % 500_000_000
        };
        kept.push(number);
        writeln!(file, "{number},customer {row:08}")?;
    }
    file.flush()?;
    fs::rename(unfinished, &path)?;
    Ok(path)
}

fn recipients(bench: &Bench) -> Result<Vec<Judged>> {
    let rows = bench.scale.of(10_000_000);
    let list = list(bench, rows)?;
    let (ours, theirs) = (bench.file("ours.txt"), bench.file("theirs.txt"));
    let python = peers::interpreter(bench)?;
    let pairs = pairs(
        bench.scale.pairs(),
        || run(Command::new(example("unique")).arg(&list).arg(&ours)),
        || run(peers::script(&python, peers::UNIQUE).arg(&list).arg(&theirs)),
    )?;
    let (one, other) = (fs::read(&ours)?, fs::read(&theirs)?);
    ensure!(one == other, "both find the same numbers in the same order");
    let unique = u64::try_from(one.iter().filter(|byte| **byte == b'\n').count())?;
    let bytes =
        median(pairs.ours.iter().map(|cost| cost.memory_kib * 1024).collect()) * 100 / unique;
    Ok(vec![
        pairs.speed("recipients", &format!("{rows} rows, time"), 200),
        pairs.memory("recipients", &format!("{rows} rows, memory"), 25),
        Judged::of(
            "recipients",
            "memory of the whole process, bytes a number",
            (hundredths(bytes), "16".to_owned()),
            bytes,
            Wanted::AtMost(1600),
            0,
        ),
    ])
}

fn growth(bench: &Bench) -> Result<Vec<Judged>> {
    let unit = bench.scale.of(1_000_000);
    let mut costs = Vec::new();
    for times in [1, 2, 4, 8] {
        let list = list(bench, unit * times)?;
        let mut runs = Vec::new();
        for _ in 0..bench.scale.pairs() {
            runs.push(run(Command::new(example("unique")).arg(&list).arg(bench.file("ours.txt")))?);
        }
        let wall: Vec<_> = runs.iter().map(|cost| cost.wall_us).collect();
        let memory = median(runs.iter().map(|cost| cost.memory_kib).collect());
        println!("  {} rows: {}, {} MiB", unit * times, time(median(wall.clone())), memory / 1024);
        costs.push((median(wall.clone()), memory, noise(&wall)));
    }
    let [(first, small, noisy), .., (last, great, noisier)] = costs.as_slice() else {
        bail!("four runs")
    };
    let noise = *noisy.max(noisier);
    let times = (time(*last), time(*first));
    let sizes = (format!("{} MiB", great / 1024), format!("{} MiB", small / 1024));
    Ok(vec![
        Judged::of(
            "growth",
            "time of eight times the rows",
            times,
            last * 100 / first,
            Wanted::AtMost(960),
            noise,
        )
        .because("a straight line would be 8.00"),
        Judged::of(
            "growth",
            "memory of eight times the rows",
            sizes,
            great * 100 / small,
            Wanted::AtMost(800),
            0,
        ),
    ])
}

fn bodies(bench: &Bench) -> Result<Vec<Judged>> {
    let list = list(bench, bench.scale.of(500_000))?;
    let python = peers::interpreter(bench)?;
    let (ours, theirs) = (bench.file("ours.json"), bench.file("theirs.json"));
    let pairs = pairs(
        3,
        || run(Command::new(example("bodies")).arg(&list).arg(&ours)),
        || run(peers::script(&python, peers::BODIES).arg(&list).arg(&theirs)),
    )?;
    let lines = |path: &Path| fs::read_to_string(path).map(|text| text.lines().count());
    ensure!(lines(&ours)? == lines(&theirs)?, "both write as many campaigns");
    Ok(vec![pairs.speed("bodies", &format!("{} rows, time", bench.scale.of(500_000)), 5000)])
}

fn client(bench: &Bench) -> Result<Vec<Judged>> {
    let calls = bench.scale.of(20_000).max(5000).to_string();
    let sandbox = Sandbox::start(&bench.folder)?;
    let fresh = || sandbox.post("/sandbox/reset", "", "{}");
    let pairs = pairs(
        bench.scale.pairs(),
        || {
            fresh()?;
            let mut ours = Command::new(example("calls"));
            run(ours.args([&sandbox.url, &calls]).env("BSG_API_KEY", "live_sandbox"))
        },
        || {
            fresh()?;
            run(Command::new(example("bare")).args([&sandbox.url, &calls, "live_sandbox"]))
        },
    )?;
    let cpu = |costs: &[Cost]| costs.iter().map(|cost| cost.cpu_us).collect::<Vec<_>>();
    let (ours, theirs) = (cpu(&pairs.ours), cpu(&pairs.theirs));
    let noise = noise(&ours).max(noise(&theirs));
    let (ours, theirs) = (median(ours), median(theirs));
    let shown = (time(ours), time(theirs));
    let what = format!("{calls} single sends, processor time");
    Ok(vec![Judged::of(
        "client",
        &what,
        shown,
        ours * 100 / theirs.max(1),
        Wanted::AtMost(125),
        noise,
    )])
}

/// A line of the test that measures callbacks: percent, rate, and how long 99 of 100 took at most.
struct Kept {
    percent: u64,
    rate: u64,
    p99: u64,
}

/// What a test of the program's says, run alone and optimised.
fn said_by(test: &str, variable: &str, value: &str) -> Result<String> {
    let mut command = shell::cargo();
    command.args(["test", "--release", "--quiet", "--package", "bsg-rcs-cli", "--test", "it"]);
    command.args(["--", "--include-ignored", "--exact", "--nocapture", test]);
    let output = command.env(variable, value).output()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.success(), "{said}");
    Ok(said)
}

/// The numbers of the line that begins so.
fn numbers(said: &str, begins: &str) -> Result<Vec<u64>> {
    let line = said.lines().find(|line| line.starts_with(begins));
    let line = line.with_context(|| format!("no line `{begins}`: {said}"))?;
    let words = line.split(|c: char| !c.is_ascii_digit());
    Ok(words.filter_map(|word| word.parse().ok()).collect())
}

fn callbacks(bench: &Bench) -> Result<Vec<Judged>> {
    let connections = if bench.scale.quick { "1,256" } else { "1,64,256,512,1024" };
    let said = said_by("onslaught::how_many_are_kept_durably", "CONNECTIONS", connections)?;
    let read = |connections: &str| -> Result<Kept> {
        match numbers(&said, &format!("sqlite, {connections} conn"))?.as_slice() {
            [_, percent, rate, _, p99] => Ok(Kept { percent: *percent, rate: *rate, p99: *p99 }),
            other => bail!("not five numbers: {other:?}"),
        }
    };
    let alone = read("1")?;
    let mut judged = Vec::new();
    for count in connections.split(',').skip(1) {
        let kept = read(count)?;
        let what = format!("{count} connections, kept durably by SQLite");
        let shown =
            (format!("{} a second, p99 {} ms", kept.rate, kept.p99), "thrown away".to_owned());
        judged.push(Judged::of("callbacks", &what, shown, kept.percent, Wanted::AtLeast(50), 0));
        if count == "256" {
            let shown = (format!("{} a second", kept.rate), format!("{} a second", alone.rate));
            let ratio = kept.rate * 100 / alone.rate.max(1);
            let what = "256 connections, beside one that has a commit for each";
            judged.push(Judged::of("callbacks", what, shown, ratio, Wanted::AtLeast(800), 0));
        }
    }
    let others = bench.scale.of(10_000_000);
    let test = "onslaught::the_rate_does_not_fall_as_the_store_grows";
    let said = said_by(test, "OTHERS", &others.to_string())?;
    let [_, great, small] = numbers(&said, "beside ")?[..] else { bail!("not three: {said}") };
    let shown = (format!("{great} a second"), format!("{small} a second"));
    let what = format!("into a store of {others} messages, beside an empty one");
    let ratio = great * 100 / small.max(1);
    judged.push(Judged::of("callbacks", &what, shown, ratio, Wanted::AtLeast(90), 0));
    Ok(judged)
}

/// A server that ends when it is dropped.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn prism(bench: &Bench) -> Result<(Server, String)> {
    let program = peers::prism(bench)?;
    let port = free_port()?.to_string();
    let document = shell::root().join("crates/bsg-rcs-wire/openapi.json");
    let mut server = Command::new(program);
    server.args(["mock", "--host", "127.0.0.1", "--port", &port]).arg(document);
    let server = Server(server.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?);
    let address = format!("127.0.0.1:{port}");
    let watch = Stopwatch::start();
    while TcpStream::connect(&address).is_err() {
        ensure!(watch.passed().as_secs() < 60, "Prism does not listen");
        std::thread::yield_now();
    }
    Ok((server, address))
}

fn sandbox(bench: &Bench) -> Result<Vec<Judged>> {
    let list = list(bench, bench.scale.of(500_000))?;
    let file = bench.file("bodies.json");
    run(Command::new(example("bodies")).arg(&list).arg(&file))?;
    let bodies: Vec<String> =
        BufReader::new(File::open(&file)?).lines().take(8).collect::<Result<_, _>>()?;
    let ours = Sandbox::start(&bench.folder)?;
    let (_prism, theirs) = prism(bench)?;
    let send = |address: &str, headers: &str, path: &str| -> Result<Cost> {
        let watch = Stopwatch::start();
        for body in &bodies {
            post(address, path, headers, body)?;
        }
        Ok(Cost { wall_us: micros(watch.passed()), ..Cost::default() })
    };
    const PATH: &str = "/api/campaigns/rcs/send";
    let pairs = pairs(
        3,
        || {
            ours.post("/sandbox/reset", "", "{}")?;
            ours.top_up()?;
            let login = ours.post("/api/auth/login", "", r#"{"api_key": "live_sandbox"}"#)?;
            let token = login.split("\"bearer\":\"").nth(1).and_then(|rest| rest.split('"').next());
            let token = format!("Authorization: Bearer {}\r\n", token.context("a token")?);
            send(ours.url.trim_start_matches("http://"), &token, PATH)
        },
        || send(&theirs, "Authorization: Bearer any\r\n", PATH),
    )?;
    let messages = u64::try_from(bodies.len())? * 5000;
    let rate =
        messages * 1_000_000 / median(pairs.ours.iter().map(|cost| cost.wall_us).collect()).max(1);
    let judged =
        pairs.speed("sandbox", &format!("{messages} messages in campaigns of 5000, time"), 2000);
    Ok(vec![judged.because(&format!("{rate} messages a second were taken in"))])
}

fn million(bench: &Bench) -> Result<Vec<Judged>> {
    let count = bench.scale.of(1_000_000);
    let people = bench.file("people.csv");
    let mut file = BufWriter::new(File::create(&people)?);
    writeln!(file, "phone")?;
    for at in 0..count {
        writeln!(file, "{}", 380_500_000_000 + at / 90 * 100 + at % 90)?;
    }
    file.flush()?;
    fs::write(
        bench.file("message.toml"),
        "agent = \"demo_agent\"\ntext = \"Your table is ready.\"\n",
    )?;
    let fresh = || -> Result<Sandbox> {
        let sandbox = Sandbox::start(&bench.folder)?;
        sandbox.top_up()?;
        Ok(sandbox)
    };
    let pairs: Pairs = pairs(
        3,
        || {
            let (sandbox, store) = (fresh()?, bench.file("store.db"));
            for name in ["store.db", "store.db-wal", "store.db-shm"] {
                // There is none before the first run.
                let _ = fs::remove_file(bench.file(name));
            }
            let ours = |words: &[&str]| {
                let mut command = program(&bench.folder);
                command.env("BSG_BASE_URL", &sandbox.url).env("BSG_API_KEY", "live_sandbox");
                command.env("BSG_RCS_STORE", format!("sqlite:{}", store.display())).args(words);
                command
            };
            let plan =
                ["campaign", "plan", "--message", "message.toml", "--recipients", "people.csv"];
            let planned = run(&mut ours(&plan))?;
            let listed = shell::output(&mut ours(&["campaign", "list", "--output", "json"]))?;
            let listed: Value = serde_json::from_str(&listed)?;
            let id = listed[0]["campaign"].as_str().context("a campaign")?.to_owned();
            let applied = run(&mut ours(&["campaign", "apply", &id]))?;
            Ok(Cost {
                wall_us: planned.wall_us + applied.wall_us,
                cpu_us: planned.cpu_us + applied.cpu_us,
                memory_kib: planned.memory_kib.max(applied.memory_kib),
            })
        },
        || {
            let sandbox = fresh()?;
            let mut theirs = Command::new(example("calls"));
            theirs.args([&sandbox.url, &count.to_string(), "campaigns"]);
            run(theirs.env("BSG_API_KEY", "live_sandbox"))
        },
    )?;
    let wall = |costs: &[Cost]| costs.iter().map(|cost| cost.wall_us).collect::<Vec<_>>();
    let (ours, theirs) = (wall(&pairs.ours), wall(&pairs.theirs));
    let noise = noise(&ours).max(noise(&theirs));
    let (ours, theirs) = (median(ours), median(theirs));
    let memory = median(pairs.ours.iter().map(|cost| cost.memory_kib).collect()) / 1024;
    let shown = (time(ours), time(theirs));
    let what = format!("{count} recipients, time");
    Ok(vec![
        Judged::of("million", &what, shown, ours * 100 / theirs.max(1), Wanted::AtMost(350), noise),
        Judged::of(
            "million",
            &format!("{count} recipients, memory in MiB"),
            (format!("{memory} MiB"), "128 MiB".to_owned()),
            memory * 100,
            Wanted::AtMost(12_800),
            0,
        ),
    ])
}

fn simulation(bench: &Bench) -> Result<Vec<Judged>> {
    let seeds = bench.scale.of(5000);
    let mut test = shell::cargo();
    test.args(["test", "--release", "--quiet", "--package", "bsg-rcs-campaign", "--test", "it"]);
    shell::run(test.args(["--no-run"]))?;
    let mut rates = Vec::new();
    for round in 0..2 {
        let mut test = shell::cargo();
        test.args([
            "test",
            "--release",
            "--quiet",
            "--package",
            "bsg-rcs-campaign",
            "--test",
            "it",
        ]);
        test.args(["--", "--ignored", "--exact", "simulation::many_seeds"]);
        test.env("SEEDS", seeds.to_string()).env("FROM", (900_000 + round * seeds).to_string());
        rates.push(seeds * 1_000_000 / run(&mut test)?.wall_us.max(1));
    }
    let cores = u64::try_from(std::thread::available_parallelism()?.get())?;
    let rate = median(rates.clone()) / cores;
    let shown = (format!("{rate} a second and core"), "500".to_owned());
    Ok(vec![Judged::of(
        "simulation",
        "campaigns",
        shown,
        rate * 100 / 500,
        Wanted::AtLeast(100),
        noise(&rates),
    )])
}

fn start(bench: &Bench) -> Result<Vec<Judged>> {
    fs::write(
        bench.file("message.toml"),
        "agent = \"demo_agent\"\ntext = \"Your table is ready.\"\n",
    )?;
    let mut judged = Vec::new();
    for words in [&["--version"][..], &["check", "--message", "message.toml"]] {
        let mut took = Vec::new();
        for _ in 0..21 {
            took.push(run(program(&bench.folder).args(words))?.wall_us);
        }
        let shown = (time(median(took.clone())), "20 ms".to_owned());
        let what = format!("`bsg-rcs {}`, in milliseconds", words.join(" "));
        let noise = noise(&took);
        judged.push(Judged::of(
            "start",
            &what,
            shown,
            median(took) / 10,
            Wanted::AtMost(2000),
            noise,
        ));
    }
    Ok(judged)
}
