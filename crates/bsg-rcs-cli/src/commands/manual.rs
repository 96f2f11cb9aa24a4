//! `completions` and `man`: what shells and manual readers are given, made from the arguments themselves.

use clap::CommandFactory as _;

use crate::args::{Args, Completions, Man};
use crate::exit::{Exit, Failure};
use crate::output;

/// The program's name in a shell.
const NAME: &str = "bsg-rcs";

pub(super) fn completions(asked: &Completions) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(asked.shell, &mut Args::command(), NAME, &mut script);
    output::bytes(&script)?;
    Ok(Exit::Done)
}

pub(super) fn pages(asked: &Man) -> Result<Exit, Failure> {
    let unwritten = |why: std::io::Error| Failure::fault(format!("no manual page: {why}"));
    match &asked.folder {
        Some(folder) => {
            clap_mangen::generate_to(Args::command(), folder).map_err(|why| {
                Failure::input(format!("{} cannot be written to: {why}", folder.display()))
            })?;
        }
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Args::command()).render(&mut page).map_err(unwritten)?;
            output::bytes(&page)?;
        }
    }
    Ok(Exit::Done)
}
