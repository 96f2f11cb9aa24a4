//! `campaign status` and `campaign report`: how a campaign stands, in words and as files.

use std::path::Path;

use bsg_rcs_campaign::breakdown::{Breakdown, breakdown, course};
use bsg_rcs_campaign::compare::compare;
use bsg_rcs_campaign::report;
use bsg_rcs_campaign::{CampaignError, CampaignReport, Clock, MessageFile, SystemClock};
use bsg_rcs_domain::CampaignId;
use bsg_rcs_store::Store;

use crate::args::{General, Report};
use crate::context;
use crate::exit::{Exit, Failure};
use crate::output::file::{self, File};
use crate::output::rows_file::RowsFile;
use crate::output::{self, Output};

pub(super) async fn status(general: &General, id: &str, output: Output) -> Result<Exit, Failure> {
    let id = context::campaign_id(id)?;
    let store = context::store(general).await?;
    let report = report::report(&*store, id).await?;
    output.result(&report, || output::report(&report))?;
    Ok(Exit::Done)
}

pub(super) async fn run(
    general: &General,
    asked: &Report,
    output: Output,
) -> Result<Exit, Failure> {
    let id = context::campaign_id(&asked.id)?;
    if asked.html.is_some() && asked.html == asked.csv {
        return Err(Failure::input("--html and --csv name the same file: name two"));
    }
    let store = context::store(general).await?;
    let mut report = report::report(&*store, id).await?;
    if asked.compare {
        report.differences = compare(&context::tools(general, output).await?, id).await?;
    }
    if asked.html.is_some() || asked.csv.is_some() {
        let sums = read(&*store, id, asked.csv.as_deref()).await?;
        if let Some(path) = &asked.html {
            file::write(path, &drawn(&*store, id, &report, &sums).await?)?;
        }
    }
    output.result(&report, || output::report(&report))?;
    for path in asked.html.iter().chain(&asked.csv) {
        output.note(&format!("written to {}", path.display()));
    }
    Ok(Exit::Done)
}

/// Reads the campaign recipient by recipient, and writes a row each as they come.
async fn read(store: &dyn Store, id: CampaignId, csv: Option<&Path>) -> Result<Breakdown, Failure> {
    let Some(path) = csv else { return breakdown(store, id, |_| Ok::<_, Failure>(())).await };
    let failed = |why: csv::Error| file::failed(path, &why);
    let mut file = File::begin(path)?;
    let mut rows = RowsFile::begin(&mut file).map_err(failed)?;
    let sums = breakdown(store, id, |line| rows.add(line).map_err(failed)).await?;
    rows.end().map_err(|why| file::failed(path, &why))?;
    file.end()?;
    Ok(sums)
}

async fn drawn(
    store: &dyn Store,
    id: CampaignId,
    report: &CampaignReport,
    sums: &Breakdown,
) -> Result<String, Failure> {
    let campaign = store.campaign(id).await.map_err(CampaignError::from)?;
    let campaign = campaign.ok_or(CampaignError::NoCampaign(id))?;
    let message = bsg_rcs_campaign::stored_plan::message_of(&campaign)?;
    let handset = output::preview::handset(&MessageFile::from(&message).into_draft(), &[]);
    let course = course(store, id).await?;
    Ok(output::report_file::html(report, sums, &course, &handset, SystemClock.now()))
}
