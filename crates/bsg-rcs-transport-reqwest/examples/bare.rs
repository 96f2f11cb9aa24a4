//! The calls that a client makes for single sends, by reqwest alone: what our client's layers are measured against.
//!
//! ```sh
//! cargo run --release -p bsg-rcs-transport-reqwest --example bare -- http://127.0.0.1:8080 1000 live_sandbox
//! ```
#![allow(clippy::print_stdout, reason = "it is a program")]

use reqwest::header::CONTENT_TYPE;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut words = std::env::args().skip(1);
    let url = words.next().ok_or("name the platform")?;
    let count: u64 = words.next().ok_or("say how many")?.parse()?;
    let key = words.next().ok_or("name the key")?;
    let client = reqwest::Client::builder().build()?;
    let post = |path: &str, body: String| {
        client.post(format!("{url}{path}")).header(CONTENT_TYPE, "application/json").body(body)
    };
    let login = post("/api/auth/login", format!("{{\"api_key\":\"{key}\"}}"));
    let login = login.send().await?.error_for_status()?.text().await?;
    let token = login.split("\"bearer\":\"").nth(1).and_then(|rest| rest.split('"').next());
    let token = token.ok_or("no token")?;
    let mut bytes = 0;
    for at in 0..count {
        let body = format!(
            "{{\"phone\":{{\"number\":\"{}\",\"reference_id\":\"bare{at:028}\"}},\"sender\":\"demo_agent\",\
             \"options\":{{\"text\":\"Your table is ready.\"}},\"add_to_contact_book\":false,\"check_stop_list\":true}}",
            380_600_000_000 + at
        );
        let answer = post("/api/messages/rcs/send", body).bearer_auth(token).send().await?;
        bytes += answer.error_for_status()?.bytes().await?.len();
    }
    println!("{count} answered, {bytes} bytes");
    Ok(())
}
