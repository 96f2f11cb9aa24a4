//! Refusals, from the documented ones to bodies that nobody expected.

use bsg_rcs_wire::generated::RefusalBody;
use bsg_rcs_wire::{Fault, Faults, RAW_BYTES, Refusal};

fn check(status: u16, body: &str, expected: &str) {
    assert_eq!(Refusal::read(status, body.as_bytes()).to_string(), expected, "{body}");
}

#[test]
fn documented_bodies() {
    check(422, r#"{"message":"Tariff was not found","errors":[]}"#, "422: Tariff was not found");
    check(
        422,
        r#"{"message":"The given data was invalid.","errors":{"messages0phone":["Invalid phone number format"]}}"#,
        "422: The given data was invalid.; messages0phone: Invalid phone number format",
    );
    check(422, r#"{"message":"m","errors":["a","b"]}"#, "422: m; a; b");
    check(422, r#"{"message":null,"errors":["a"]}"#, "422; a");
    check(
        429,
        r#"{"message":"Too many duplicate request detected"}"#,
        "429: Too many duplicate request detected",
    );
    check(404, r#"{"message":"Not found."}"#, "404: Not found.");
}

#[test]
fn older_surfaces() {
    check(
        200,
        r#"{"error":8,"errorDescription":"not enough funds"}"#,
        "200: not enough funds (error 8)",
    );
    check(
        400,
        r#"{"error":"23","errorDescription":"id already present"}"#,
        "400: id already present (error 23)",
    );
    check(401, r#"{"error":"Unauthenticated"}"#, "401: Unauthenticated");
    check(500, r#"{"error":5}"#, "500 (error 5)");
}

#[test]
fn anything_else_is_kept_raw() {
    check(502, "<html>Bad Gateway</html>\n", "502: <html>Bad Gateway</html>");
    check(503, "", "503");
    check(500, "{}", "500: {}");
    check(500, "[1]", "500: [1]");
    check(500, r#"{"message":"#, r#"500: {"message":"#);
}

#[test]
fn a_raw_body_is_bounded() {
    for body in [vec![b'x'; 100_000], vec![0xff; 100_000], "é".repeat(50_000).into_bytes()] {
        let raw = Refusal::read(500, &body).raw.unwrap();
        assert!(raw.len() <= RAW_BYTES && raw.len() > RAW_BYTES - 4, "{}", raw.len());
    }
}

#[test]
fn a_refusal_is_written_as_the_document_has_it() {
    let body = RefusalBody {
        message: Some("The given data was invalid.".into()),
        errors: Some(Faults(vec![Fault {
            field: Some("phones.0.number".into()),
            sentence: "Invalid phone number format".into(),
        }])),
    };
    assert_eq!(
        serde_json::to_string(&body).unwrap(),
        r#"{"message":"The given data was invalid.","errors":{"phones.0.number":["Invalid phone number format"]}}"#
    );
}
