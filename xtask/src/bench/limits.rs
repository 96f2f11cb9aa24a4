//! What this machine can do at all.

use std::fs::{self, File};
use std::hint::black_box;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use anyhow::Result;

use super::Bench;
use super::measure::{median, micros};
use crate::shell::Stopwatch;

/// Bytes that are read and looked at.
const BYTES: usize = 256 * 1024 * 1024;
/// Exchanges, and times that a file is brought to the disk.
const TIMES: u32 = 2000;

/// Each limit in words.
pub(super) fn measure(bench: &Bench) -> Result<Vec<(&'static str, String)>> {
    let path = bench.file("limit");
    fs::write(&path, vec![b'7'; BYTES])?;
    let watch = Stopwatch::start();
    let bytes = fs::read(&path)?;
    let read = rate(BYTES, micros(watch.passed()));
    let watch = Stopwatch::start();
    black_box(bytes.iter().filter(|byte| **byte == b'\n').count());
    let scan = rate(BYTES, micros(watch.passed()));
    fs::remove_file(&path)?;
    let limits = vec![
        ("a file read from the system's cache", format!("{read} MB/s")),
        ("bytes looked at", format!("{scan} MB/s")),
        ("an exchange over the loopback", format!("{} µs", exchange()?)),
        ("a write brought to the disk (fdatasync)", format!("{} µs", to_disk(&path)?)),
    ];
    for (name, figure) in &limits {
        println!("{name}: {figure}");
    }
    Ok(limits)
}

fn rate(bytes: usize, micros: u64) -> u64 {
    u64::try_from(bytes).unwrap_or(0) / micros.max(1)
}

fn exchange() -> Result<u64> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let echo = thread::spawn(move || -> Result<()> {
        let (mut peer, _) = listener.accept()?;
        peer.set_nodelay(true)?;
        let mut bytes = [0; 64];
        while peer.read_exact(&mut bytes).is_ok() {
            peer.write_all(&bytes)?;
        }
        Ok(())
    });
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut took = Vec::new();
    for _ in 0..TIMES {
        let watch = Stopwatch::start();
        stream.write_all(&[1; 64])?;
        stream.read_exact(&mut [0; 64])?;
        took.push(micros(watch.passed()));
    }
    drop(stream);
    let _ = echo.join();
    Ok(median(took))
}

fn to_disk(path: &std::path::Path) -> Result<u64> {
    let mut file = File::create(path)?;
    let mut took = Vec::new();
    for _ in 0..TIMES / 4 {
        let watch = Stopwatch::start();
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        took.push(micros(watch.passed()));
    }
    fs::remove_file(path)?;
    Ok(median(took))
}
