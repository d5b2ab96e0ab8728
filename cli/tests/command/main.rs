//! The command against an API that gives prepared answers: what it asks, prints and ends with.

#![expect(clippy::unwrap_used, reason = "what tests share may panic as a test does")]

mod bodies;
mod doctor;
mod fake;
mod replays;

use bodies::{HOSTILE, PLAN, ROOT, detail, group, groups, item, items, job, plan, problem};
use fake::{Fake, Said};
use serde_json::{Value, json};

const LIST: &str = "GET /api/v1/operator/dead-letters";

fn of_item(rest: &str) -> String {
    format!("/api/v1/operator/dead-letters/{ROOT}{rest}")
}

#[track_caller]
fn ends(said: &Said, code: i32, words: &[&str]) {
    assert_eq!(said.code, Some(code), "{said:?}");
    for word in words {
        assert!(said.err.contains(word) || said.out.contains(word), "nothing of {word:?} in {said:?}");
    }
}

#[test]
fn nothing_from_outside_reaches_the_terminal_as_it_is() {
    let text = format!("{{\"t\":{},\"aired\":{{\"from\":\"2020\"}}}}", json!(HOSTILE));
    let raw = format!("{text}\u{1b}[2J\u{202e}");
    let fake = Fake::with(&[
        ("GET /api/v1/operator/dead-letters/groups", 200, groups()),
        (&format!("GET {}", of_item("")), 200, detail(&item("open", 1), &raw)),
        (LIST, 200, items(1)),
        ("GET /api/v1/operator/plans", 200, plan("ready", 97, 3)),
        ("POST /api/v1/operator/plans", 202, plan("ready", 97, 3)),
        ("POST /api/v1/operator/jobs", 202, job("done", 97, 0)),
        ("GET /api/v1/operator/jobs/", 200, job("done", 97, 0)),
        (
            "GET /api/v1/operator/audit",
            200,
            json!({"actions": [bodies::action("edit")], "next_cursor": HOSTILE, "unsent": 1}).to_string(),
        ),
        ("GET /api/v1/runs", 503, problem(HOSTILE)),
        ("GET /api/v1/operator/ledger", 409, problem(HOSTILE)),
    ]);
    let commands: [&[&str]; 10] = [
        &["dlq", "groups"],
        &["dlq", "show", ROOT],
        &["dlq", "ls"],
        &["dlq", "dry-run", "state:open"],
        &["dlq", "replay", PLAN, "--reason", "x", "--yes"],
        &["dlq", "jobs", "0d000000-0000-4000-8000-000000000002"],
        &["dlq", "audit"],
        &["runs"],
        &["ledger"],
        &["dlq", "export", "-o", "-"],
    ];
    for command in commands {
        for json in [&[][..], &["--json"]] {
            let said = fake.run(&[command, json].concat());
            for text in [&said.out, &said.err] {
                let hostile = |letter: char| {
                    (letter.is_control() && letter != '\n') || "\u{202e}\u{9b}".contains(letter)
                };
                assert!(!text.contains(hostile), "{command:?}: {text:?}");
            }
            // In JSON it is there, as an escape; for people no line of it begins anew.
            let is_json = !json.is_empty() || command.contains(&"-");
            let lines = said.out.lines().chain(said.err.lines());
            assert!(
                is_json || !lines.clone().any(|line| line.starts_with("forged")),
                "{command:?}: {said:?}"
            );
            if is_json && said.code == Some(0) {
                let value: Value = serde_json::from_str(&said.out).unwrap();
                assert!(
                    value.to_string().contains(&json!(HOSTILE).to_string().trim_matches('"').to_owned()),
                    "{said:?}"
                );
            }
        }
    }
}

#[test]
fn a_wrong_filter_is_marked_where_it_is_wrong() {
    let mut wrong: Value = serde_json::from_str(&problem("filter: no key is called \"stat\"")).unwrap();
    wrong["column"] = json!(12);
    for method in ["GET", "POST"] {
        let path = if method == "GET" { "dead-letters" } else { "plans" };
        let fake = Fake::with(&[(&format!("{method} /api/v1/operator/{path}"), 400, wrong.to_string())]);
        let command = if method == "GET" { ["dlq", "ls"] } else { ["dlq", "plan"] };
        let said = fake.run(&[&command[..], &["dataset:x*", "stat:open"]].concat());
        ends(&said, 2, &["no key is called", "\n  dataset:x* stat:open\n             ^\n"]);
    }
}

#[test]
fn the_exit_code_says_what_happened() {
    for (status, code) in [(401, 3), (403, 3), (409, 3), (404, 2), (400, 2), (500, 4), (503, 4)] {
        let fake = Fake::with(&[(LIST, status, problem("because"))]);
        ends(&fake.run(&["dlq", "ls"]), code, &["kansoku: because"]);
    }
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let said = fake::run(&format!("http://{nobody}"), std::path::Path::new("/none"), &[], &["dlq", "ls"]);
    ends(&said, 4, &["does not answer", "--api"]);
    let said = fake::run("https://api.invalid", std::path::Path::new("/none"), &[], &["dlq", "ls"]);
    ends(&said, 4, &["https://api.invalid", "does not answer"]);
    let said = fake::run("ftp://api.invalid", std::path::Path::new("/none"), &[], &["dlq", "ls"]);
    ends(&said, 2, &["not an address like http://127.0.0.1:7400"]);
    ends(&fake::run("x", std::path::Path::new("/none"), &[], &["dlq", "sing"]), 2, &["sing"]);
}

#[test]
fn the_text_of_a_certificate_in_the_place_of_its_file_is_refused_and_not_repeated() {
    let text = "-----BEGIN CERTIFICATE-----\nhUsH\n-----END CERTIFICATE-----\n";
    let fake = Fake::with(&[(LIST, 200, items(1))]);
    for said in [
        fake.run(&["dlq", "ls", "--tls-ca", text]),
        fake.run_with(&[("KANSOKU_TLS_CA", text), ("KANSOKU_TOKEN", "secret-word")], &["dlq", "ls"]),
    ] {
        ends(&said, 2, &["--tls-ca: it holds a certificate or a key itself: name a file that holds it"]);
        assert!(!said.err.contains("hUsH"), "{said:?}");
    }
    assert!(fake.requests().is_empty());
}

#[test]
fn a_busy_api_is_asked_again() {
    let fake = Fake::with(&[
        (LIST, 429, problem("too many")),
        (LIST, 429, problem("too many")),
        (LIST, 200, items(1)),
    ]);
    ends(&fake.run(&["dlq", "ls"]), 0, &[ROOT]);
    assert_eq!(fake.requests().len(), 3);
}

#[test]
fn what_the_api_cannot_give_for_now_is_read_again_and_nothing_is_done_twice() {
    let away = || (LIST, 503, problem("Postgres is away"));
    let fake = Fake::with(&[away(), away(), (LIST, 200, items(1))]);
    ends(&fake.run(&["dlq", "ls"]), 0, &[ROOT]);
    let fake = Fake::with(&[away()]);
    ends(&fake.run(&["dlq", "ls"]), 4, &["Postgres is away"]);
    assert_eq!(fake.requests().len(), 3);
    let fake = Fake::with(&[("POST /api/v1/operator/plans", 503, problem("Postgres is away"))]);
    ends(&fake.run(&["dlq", "plan", "state:open"]), 4, &["Postgres is away"]);
    assert_eq!(fake.requests().len(), 1);
}

#[test]
fn the_token_comes_from_its_file_or_the_environment() {
    let fake = Fake::with(&[(LIST, 200, items(1))]);
    let path = fake.file("elsewhere", "of-the-option\n");
    fake.run_with(&[], &["dlq", "ls"]);
    fake.file("operator.token", "of-the-folder\n");
    fake.run_with(&[], &["dlq", "ls"]);
    fake.run_with(&[("KANSOKU_TOKEN", "of-the-variable")], &["dlq", "ls"]);
    fake.run_with(&[("KANSOKU_TOKEN", "of-the-variable")], &["dlq", "ls", "--token-file", &path]);
    let tokens: Vec<_> = fake.requests().into_iter().map(|request| request.token).collect();
    let expected = [None, Some("of-the-folder"), Some("of-the-variable"), Some("of-the-option")];
    assert_eq!(tokens, expected.map(|token| token.map(ToOwned::to_owned)));
    let empty = fake.file("empty", " \n");
    ends(&fake.run(&["dlq", "ls", "--token-file", &empty]), 2, &["holds no token"]);
}

#[test]
fn many_are_discarded_only_when_somebody_says_yes() {
    let discard = "POST /api/v1/operator/dead-letters/discard";
    let fake = Fake::with(&[
        (LIST, 200, items(42)),
        (discard, 200, json!({"matching": 42, "discarded": 42, "actions": 42}).to_string()),
    ]);
    let command = ["dlq", "discard", "state:open", "--reason", "spam"];
    ends(&fake.run(&command), 2, &["Discard 42 dead letters?", "--yes"]);
    ends(&fake.run(&["dlq", "discard", "--reason", "spam", "--yes"]), 2, &["--all"]);
    ends(&fake.run(&["dlq", "discard", "state:open", "--yes"]), 2, &["--reason"]);
    let done = |fake: &Fake| fake.requests().iter().any(|request| request.body.get("expect").is_some());
    assert!(!done(&fake), "it was only counted");

    ends(&fake.run(&[&command[..], &["--yes"]].concat()), 0, &["42 dead letters discarded"]);
    let body = json!({"filter": "state:open", "expect": 42, "reason": "spam", "all": false});
    assert_eq!(fake.requests().last().unwrap().body, body);
}

#[test]
fn a_command_on_one_item_names_the_version_that_was_seen() {
    let done = json!({ "item": item("discarded", 4) }).to_string();
    let (read, discard) = (format!("GET {}", of_item("")), format!("POST {}", of_item("/discard")));
    let fake = Fake::with(&[
        (&read, 200, detail(&item("open", 3), "{}")),
        (&discard, 200, done),
        (&discard, 409, problem("at version 4, and you saw 3; since then: ada did edit")),
    ]);
    ends(&fake.run(&["dlq", "discard", ROOT, "--reason", "spam"]), 0, &["is discarded (version 4)"]);
    assert_eq!(fake.requests().last().unwrap().body, json!({"version": 3, "reason": "spam"}));
    ends(&fake.run(&["dlq", "discard", ROOT, "--reason", "spam"]), 3, &["ada did edit"]);
}

#[test]
fn what_was_done_is_taken_back() {
    let mut edited = item("open", 2);
    edited["edited"] = json!(true);
    for (seen, action) in [(item("discarded", 2), "/restore"), (edited, "/revert")] {
        let after = json!({ "item": item("open", 3) }).to_string();
        let (read, act) = (format!("GET {}", of_item("")), format!("POST {}", of_item(action)));
        let fake = Fake::with(&[(&read, 200, detail(&seen, "{}")), (&act, 200, after)]);
        ends(&fake.run(&["dlq", "undo", ROOT, "--reason", "mistake"]), 0, &["is open"]);
    }
    let fake = Fake::with(&[(&format!("GET {}", of_item("")), 200, detail(&item("open", 2), "{}"))]);
    ends(&fake.run(&["dlq", "undo", ROOT, "--reason", "mistake"]), 2, &["nothing to take back"]);
}

#[test]
fn a_text_is_edited_by_value_by_file_and_in_the_editor() {
    let text = "{\"id\":12345678901234567890,\"aired\":{\"from\":\"2020\"}}";
    let new = text.replace("\"2020\"", "null");
    let (read, edit) = (format!("GET {}", of_item("")), format!("POST {}", of_item("/edit")));
    let after = json!({ "item": item("open", 2) }).to_string();
    let fake = Fake::with(&[(&read, 200, detail(&item("open", 1), text)), (&edit, 200, after)]);
    let file = fake.file("new.json", &new);
    let editor = ("EDITOR", "sed -i -e 's/\"2020\"/null/' -e '$a\\'");
    for (environment, option) in
        [(&[][..], &["--set", "/aired/from=null"][..]), (&[], &["--file", &file]), (&[editor], &[])]
    {
        let environment = [&[("KANSOKU_TOKEN", "t")], environment].concat();
        let said = fake.run_with(&environment, &[&["dlq", "edit", ROOT, "--reason", "day"], option].concat());
        ends(&said, 0, &["is open"]);
        let body = fake.requests().last().unwrap().body.clone();
        assert_eq!(body, json!({"version": 1, "reason": "day", "text": new, "force": false}), "{option:?}");
    }
    for (set, words) in [
        ("/aired/from=never", "never is not JSON; a text stands in quotes: \"never\""),
        ("/aired/x/y=1", "nothing is at /aired/x/y"),
        ("/t", "after the path = and a value are expected"),
    ] {
        ends(&fake.run(&["dlq", "edit", ROOT, "--set", set, "--reason", "x"]), 2, &[words]);
    }
    let before = fake.requests().len();
    ends(&fake.run_with(&[("EDITOR", "true")], &["dlq", "edit", ROOT]), 0, &["nothing was done"]);
    ends(&fake.run(&["dlq", "edit", ROOT]), 2, &["EDITOR"]);
    assert!(fake.requests()[before..].iter().all(|request| request.line.starts_with("GET")));
}

#[test]
fn what_was_typed_survives_a_refusal() {
    let mut refused: Value = serde_json::from_str(&problem("the text still does not pass")).unwrap();
    refused["faults"] =
        json!([{"path": "/score", "keyword": "type", "message": "no number", "line": 1, "column": 9}]);
    let (read, edit) = (format!("GET {}", of_item("")), format!("POST {}", of_item("/edit")));
    let fake = Fake::with(&[(&read, 200, detail(&item("open", 1), "{}")), (&edit, 400, refused.to_string())]);
    let said = fake.run_with(&[("EDITOR", "printf typed >")], &["dlq", "edit", ROOT, "--reason", "x"]);
    ends(&said, 2, &["/score · type · line 1, column 9: no number", "--file"]);
    let kept = said.err.split("--file ").nth(1).unwrap().split(' ').next().unwrap();
    assert_eq!(std::fs::read_to_string(kept).unwrap(), "typed");
    std::fs::remove_file(kept).unwrap();
}

#[test]
fn the_ledger_names_the_places_that_are_missing_or_too_many() {
    let run = json!({
        "run": "r", "dataset": "top.score", "captured_at": "2026-10-03T02:00:00Z", "received": 25, "stored": 20, "duplicate": 0,
        "dead_open": 4, "dead_quarantined": 0, "dead_discarded": 0, "in_flight_pages": 0,
        "missing": [{"page": 3, "row": 7}], "extra": [{"page": 4, "row": null}]
    });
    let projection =
        json!({"dlq": {"epoch": 1, "seq": 88, "last_seq": 97, "at": "2026-10-03T02:00:00Z"}, "audit": null});
    let ledger = |balanced: bool| {
        let totals = json!({"received": 25});
        json!({"balanced": balanced, "runs": [run], "totals": totals, "projection": projection}).to_string()
    };
    let fake = Fake::with(&[("GET /api/v1/operator/ledger", 200, ledger(false))]);
    let late = "projection at DLQ 88 of 97, nothing of AUDIT yet: what is not read yet counts as missing";
    ends(&fake.run(&["ledger"]), 1, &["missing          row 8 of page 3", "too many         page 4", late]);
    let fake = Fake::with(&[("GET /api/v1/operator/ledger", 200, ledger(true))]);
    ends(&fake.run(&["ledger", "--json"]), 0, &["\"balanced\":true"]);
}

#[test]
fn an_export_has_the_bytes_of_every_page_of_the_list() {
    let page = |cursor: Value| {
        json!({"items": [item("open", 1)], "next_cursor": cursor, "total": 2, "total_is_exact": true, "projection": bodies::projection()})
            .to_string()
    };
    let text = "{\"n\":1.50,\"e\":\"\\u001b\"}";
    let fake = Fake::with(&[
        (&format!("GET {}", of_item("")), 200, detail(&item("open", 1), text)),
        ("GET /api/v1/operator/dead-letters?", 200, page(json!("more"))),
        ("GET /api/v1/operator/dead-letters?", 200, page(Value::Null)),
    ]);
    let file = fake.file("export.jsonl", "old");
    ends(&fake.run(&["dlq", "export", "state:open", "-o", &file]), 0, &["2 dead letters in"]);
    let written = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<Value> = written.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().all(|line| line["body"] == text && line["root"] == ROOT), "{written}");
    assert!(fake.requests().iter().any(|request| request.line.ends_with("&cursor=more")));
}

#[test]
fn something_is_said_of_a_group() {
    let patch = "PATCH /api/v1/operator/dead-letters/groups/7";
    let fake = Fake::with(&[
        ("GET /api/v1/operator/dead-letters/groups?filter=group:7", 200, groups()),
        (
            "GET /api/v1/operator/dead-letters/groups?filter=group:8",
            200,
            json!({"groups": [], "projection": bodies::projection()}).to_string(),
        ),
        (patch, 200, bodies::group().to_string()),
    ]);
    ends(&fake.run(&["dlq", "group", "7"]), 0, &["schema · /aired/from · pattern", "100 (100 open"]);
    ends(
        &fake.run(&["dlq", "group", "7", "--note", "", "--owner", "ada", "--hold", "--muted", "no"]),
        0,
        &[],
    );
    let body = json!({"version": 4, "note": null, "owner": "ada", "hold": true, "muted": false});
    assert_eq!(fake.requests().last().unwrap().body, body);
    ends(&fake.run(&["dlq", "group", "8"]), 2, &["there is no group 8"]);
}

#[test]
fn groups_of_a_filter_stand_apart_from_other_faults_of_the_same_dead_letters() {
    let mut fixed = group();
    (fixed["state"], fixed["open"]) = (json!("fixed"), json!(3));
    let mut other = group();
    (other["group"], other["path"]) = (json!(9), json!("/members"));
    let body = json!({"groups": [other, fixed], "projection": bodies::projection()}).to_string();
    let fake = Fake::with(&[("GET /api/v1/operator/dead-letters/groups", 200, body)]);
    let said = fake.run(&["dlq", "groups", "path:/aired/from state:open"]);
    ends(&said, 0, &["fixed, 3 open"]);
    let (of_filter, others) = said.out.split_once("other faults of the same dead letters").unwrap();
    assert!(of_filter.contains("/aired/from") && !of_filter.contains("/members"), "{said:?}");
    assert!(others.contains("/members") && !others.contains("/aired/from"), "{said:?}");
    let said = fake.run(&["dlq", "groups", "state:open"]);
    assert!(!said.out.contains("other faults"), "{said:?}");
}

#[test]
fn a_refused_edit_names_the_option() {
    let words = "the text still does not pass the present schemas; \"force\": true keeps it all the same";
    let fake = Fake::with(&[
        (&format!("GET {}", of_item("")), 200, detail(&item("open", 1), "{\"score\":null}")),
        (&format!("POST {}", of_item("/edit")), 400, problem(words)),
    ]);
    let said = fake.run(&["dlq", "edit", ROOT, "--set", "/score=\"bad\"", "--reason", "x"]);
    ends(&said, 2, &["; --force keeps it all the same"]);
}

#[test]
fn shells_get_completions_and_man_gets_pages() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| fake::run("http://127.0.0.1:9", folder.path(), &[], arguments);
    for (shell, word) in
        [("bash", "_kansoku()"), ("zsh", "#compdef kansoku"), ("fish", "complete -c kansoku")]
    {
        ends(&run(&["completions", shell]), 0, &[word]);
    }
    let pages = folder.path().join("man");
    ends(&run(&["man", pages.to_str().unwrap()]), 0, &[]);
    let page = std::fs::read_to_string(pages.join("kansoku-dlq-replay.1")).unwrap();
    assert!(page.contains("canary"), "{page}");
}

#[test]
fn a_stored_edit_is_corrected_and_the_correction_withdrawn() {
    let mut resolved = item("resolved", 4);
    resolved["edited"] = json!(true);
    let mut stored: Value = serde_json::from_str(&detail(&resolved, "{\"score\":7}")).unwrap();
    stored["stored"] = json!({"epoch": 9, "seq": 901, "n": 1, "edit": 3, "stands": true});
    let mut after = resolved.clone();
    (after["correction"], after["version"]) = (json!("waiting"), json!(5));
    let fake = Fake::with(&[
        (&format!("GET {}", of_item("")), 200, stored.to_string()),
        (&format!("POST {}", of_item("/correct")), 200, json!({"item": after}).to_string()),
    ]);
    let said = fake.run(&["dlq", "edit", ROOT, "--correct", "--set", "/score=8", "--reason", "eight"]);
    ends(
        &said,
        0,
        &[
            "is resolved, correction waiting, edited",
            "a dry run and its replay store it: bin/kansoku dlq dry-run root:",
        ],
    );
    assert_eq!(
        fake.requests().last().unwrap().body,
        json!({"version": 4, "reason": "eight", "text": "{\"score\":8}", "force": false,
            "stored": {"epoch": 9, "seq": 901}})
    );
    ends(&fake.run(&["dlq", "show", ROOT]), 0, &["by replay 1: bin/kansoku journey 9 901"]);
    ends(&fake.run(&["dlq", "undo", ROOT]), 2, &["bin/kansoku dlq edit --correct"]);

    stored["item"] = after;
    let fake = Fake::with(&[
        (&format!("GET {}", of_item("")), 200, stored.to_string()),
        (&format!("POST {}", of_item("/revert")), 200, json!({"item": resolved}).to_string()),
    ]);
    ends(&fake.run(&["dlq", "undo", ROOT, "--reason", "it was right"]), 0, &["is resolved, edited"]);
    let untouched = Fake::with(&[(&format!("GET {}", of_item("")), 200, detail(&item("resolved", 2), "{}"))]);
    let said = untouched.run(&["dlq", "edit", ROOT, "--correct", "--set", "/score=8"]);
    ends(&said, 2, &["there is nothing to correct"]);
}

#[test]
fn the_audit_says_what_an_edit_changed() {
    let mut edit = bodies::action("edit");
    edit["detail"] = json!({"text": "{\"score\":8,\"members\":5}"});
    edit["before"] = json!("{\"score\":null,\"members\":5}");
    let body = json!({"actions": [edit], "next_cursor": null, "unsent": 0}).to_string();
    let fake = Fake::with(&[("GET /api/v1/operator/audit", 200, body)]);
    let said = fake.run(&["dlq", "audit"]);
    ends(&said, 0, &["what 3 changed", "- {\"score\":null,\"members\":5}", "+ {\"score\":8,\"members\":5}"]);
}

#[test]
fn a_journey_says_that_its_row_was_edited_and_to_operators_by_whom() {
    let at = "2026-10-03T02:00:00Z";
    let journey = json!({"data": {
        "epoch": 9, "seq": 901, "catalogue": "sample", "dataset": "top.score", "run": "r", "run_state": "complete",
        "source": "s", "page": 3, "pages_planned": 4, "url": null, "judge": "j", "received": 0, "accepted": 1, "dead": 0,
        "stored": 1, "duplicate": 0, "replay_root": ROOT, "edited_at": at, "edit": 3, "trace_id": null, "trace_url": null,
        "archive": null, "captured_at": at, "stored_at": "2026-10-03T02:00:00.412Z", "judged_at": at, "committed_at": at,
    }});
    let fake = Fake::with(&[
        (&format!("GET {}", of_item("")), 200, detail(&item("resolved", 4), "{}")),
        ("GET /api/v1/journey/9/901", 200, journey.to_string()),
    ]);
    let words = [
        "by ada on 2026-10-03 02:00:00 UTC",
        &format!("row 8 of page 3: {ROOT}"),
        "(after 412 ms)",
        "rows       1 accepted, 0 dead; 1 stored, 0 duplicate",
        "bin/nats stream get RAW 901",
    ];
    ends(&fake.run(&["journey", "9", "901"]), 0, &words);
    let said = fake.run_with(&[], &["journey", "9", "901"]);
    ends(&said, 0, &["by an operator on 2026-10-03 02:00:00 UTC"]);
}
