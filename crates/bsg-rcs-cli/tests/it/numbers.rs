//! Numbers as people write them, wherever the program takes one.

use crate::stage::Stage;

#[test]
fn a_national_list_is_read_with_its_country() {
    let stage = Stage::new();
    stage.file(
        "people.csv",
        "phone\n0664/1234567\n0664 1234568\n(+43) 664 1234567\n'+436641234569\n6641234570\n",
    );
    let check = ["check", "--message", "message.toml", "--recipients", "people.csv"];
    let told = stage.json(&[&check[..], &["--country", "AT"]].concat());
    let people = &told["recipients"];
    assert_eq!((&people["recipients"], &people["refused"]), (&4.into(), &0.into()));
    assert_eq!((&people["duplicates"], &people["doubtful"]), (&1.into(), &0.into()));
    let told = stage.json(&check);
    let people = &told["recipients"];
    assert_eq!((&people["recipients"], &people["refused"]), (&3.into(), &2.into()));
    // Thailand has no number that begins like 66 41234570.
    assert_eq!(people["doubts"][0]["value"], "6641234570");
    let plan = ["campaign", "plan", "--message", "message.toml", "--recipients", "people.csv"];
    let plan = stage.json(&[&plan[..], &["--country", "AT"]].concat());
    assert_eq!(plan["recipients"], 4);
}

#[test]
fn a_country_that_is_none_is_wrong_usage() {
    let stage = Stage::new();
    for (country, says) in [
        ("UK", "UK is not a country code: did you mean GB?"),
        ("EL", "EL is not a country code: did you mean GR?"),
        ("Germany", "a country is two letters"),
    ] {
        for args in [
            &["check", "--message", "message.toml", "--recipients", "people.csv"][..],
            &["campaign", "plan", "--message", "message.toml", "--recipients", "people.csv"],
            &["send", "--message", "message.toml", "--to", "0661231231"],
            &["stop-list", "add", "0661231231"],
            &["stop-list", "remove", "0661231231"],
            &["forget", "0661231231"],
        ] {
            stage.run(&[args, &["--country", country]].concat()).expect(2, says);
        }
    }
}

#[test]
fn a_number_is_read_alike_in_every_argument() {
    let stage = Stage::new();
    for (written, country) in [
        ("380661231210.0", None),
        ("+380 (0) 66 123 12 10", None),
        ("'+380661231210", None),
        ("+380\u{a0}66\u{2011}123\u{2011}12\u{2011}10\u{200b}", None),
        ("066 123 12 10", Some("UA")),
    ] {
        let country: &[&str] = match &country {
            Some(country) => &["--country", country],
            None => &[],
        };
        let added = stage.json(&[&["stop-list", "add", written], country].concat());
        assert_eq!(added[0]["number"], "380661231210", "{written}");
        let removed = stage.json(&[&["stop-list", "remove", written], country].concat());
        assert_eq!(removed[0]["number"], "380661231210", "{written}");
        stage.json(&[&["forget", written], country].concat());
        let send = ["send", "--message", "message.toml", "--dry-run", "--to", written];
        assert_eq!(stage.json(&[&send[..], country].concat())["accepted"], true, "{written}");
    }
    for args in [
        &["send", "--message", "message.toml", "--to", "380661231210.5"][..],
        &["stop-list", "add", "380661231210.5"],
        &["stop-list", "remove", "380661231210.5"],
        &["forget", "380661231210.5"],
    ] {
        stage.run(args).expect(3, "NUM-CHAR");
    }
}

#[test]
fn a_doubt_is_told_wherever_a_number_is_taken() {
    let stage = Stage::new();
    for (args, says) in [
        (
            &["send", "--message", "message.toml", "--dry-run", "--to", "8 495 123 45 67"][..],
            "NUM-PLAUSIBLE",
        ),
        (&["stop-list", "add", "380 66 123 12"], "NUM-PLAUSIBLE"),
        (&["forget", "442079460018"], "NUM-LANDLINE"),
    ] {
        stage.run(args).expect(0, says);
    }
}
