//! What operators see.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{BYTES, PAGE, ROW, get, read, refusal, row, service};
use crate::support::{Instance, NO_REDIS, execute};

fn roots(list: &Value) -> Vec<&str> {
    let items = list["items"].as_array().expect("items");
    items.iter().map(|item| item["root"].as_str().expect("a root")).collect()
}

/// The schemas change, and the judge with them.
fn without_schemas(mut body: Value) -> Value {
    for place in ["/schema/now", "/now/judge"] {
        if let Some(text) = body.pointer_mut(place).filter(|text| text.is_string()) {
            *text = json!("…");
        }
    }
    body
}

#[tokio::test]
async fn bodies_are_as_kept() {
    let (_database, service) = service().await;
    for (name, path) in [
        ("dead_letters", "dead-letters?filter=stage:validate&limit=2&order=oldest".to_owned()),
        ("dead_letter_groups", "dead-letters/groups".to_owned()),
        ("dead_letter_groups_of_a_path", "dead-letters/groups?filter=path:/genres/*/name".to_owned()),
        ("dead_letter", format!("dead-letters/{ROW}")),
        ("dead_letter_of_a_page", format!("dead-letters/{PAGE}")),
        ("dead_letter_of_bytes", format!("dead-letters/{BYTES}")),
    ] {
        insta::assert_json_snapshot!(name, without_schemas(read(&service, &path).await));
    }
}

#[tokio::test]
async fn a_schema_that_cannot_be_used_is_told() {
    let (database, _) = service().await;
    let folder = tempfile::tempdir().expect("a folder");
    let overlay = folder.path().to_owned();
    let service =
        Instance::start(database.url(), NO_REDIS, |settings| settings.schemas.overlay = Some(overlay));
    service.ready().await;
    let good = read(&service, "schemas").await;
    assert_eq!(good["trouble"], Value::Null);
    std::fs::write(folder.path().join("anime.v1.json"), "{").expect("a file");
    let broken = read(&service, "schemas").await;
    assert!(broken["trouble"].as_str().is_some_and(|words| words.contains("anime.v1")), "{broken}");
    assert_eq!(broken["judge"], good["judge"], "the ones of before judge");
}

#[tokio::test]
async fn pages_of_the_list_follow_one_another() {
    let (_database, service) = service().await;
    for order in ["newest", "oldest"] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("dead-letters?filter=path:/aired/*&limit=5&order={order}{cursor}");
            let page = read(&service, &path).await;
            assert_eq!((&page["total"], &page["total_is_exact"]), (&json!(12), &json!(true)));
            seen.extend(roots(&page).into_iter().map(str::to_owned));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let mut expected: Vec<_> = (0..12).map(row).collect();
        if order == "newest" {
            expected.reverse();
        }
        assert_eq!(seen, expected);
    }
}

#[tokio::test]
async fn bytes_come_back_as_they_were() {
    let (database, service) = service().await;
    let large = "update dead_letter_letter set body = convert_to('{\"t\": \"' || repeat('月', 340000) || '\"}', 'utf8')
        where title = 'Row 3'";
    execute(&database, large).await;
    for (root, start, length) in [
        (ROW, &b"{\"mal_id\": \"x\",\n"[..], 110),
        (PAGE, b"<html>\x1b[31m\x07", 30),
        (BYTES, b"\xff\x00\xfe", 3),
        (&row(3), "{\"t\": \"月".as_bytes(), 1_020_009),
    ] {
        let got = get(&service, &format!("dead-letters/{root}/body")).await;
        assert_eq!(got.status, StatusCode::OK);
        assert!(got.body.starts_with(start), "{root}");
        assert_eq!(got.body.len(), length, "{root}");
        assert_eq!(got.header("content-type"), "text/plain; charset=utf-8");
        assert!(got.header("content-disposition").starts_with("attachment; filename=\"dead-letter-"));
        assert_eq!(got.header("x-content-type-options"), "nosniff");
    }
    let detail = read(&service, &format!("dead-letters/{}", row(3))).await;
    assert_eq!(
        (&detail["size"], detail["text"].as_str().map(str::len)),
        (&json!(1_020_009), Some(1_020_009))
    );
    let hostile = read(&service, &format!("dead-letters/{ROW}")).await;
    assert_eq!(hostile["item"]["title"], "<script>alert(1)</script>");
    assert_eq!(hostile["headers"]["Kansoku-Source"], "<img src=x onerror=alert(1)>");
}

#[tokio::test]
async fn what_is_not_there_or_makes_no_sense_is_said() {
    let (_database, service) = service().await;
    for path in ["dead-letters/no:such:root", "dead-letters/a%2Fb", "dead-letters/%ff", "nothing"] {
        refusal(&get(&service, path).await, StatusCode::NOT_FOUND);
    }
    for (path, words, column) in [
        ("dead-letters?filter=state:opn", "filter: column 7: state: unknown state", Some(7)),
        ("dead-letters/groups?filter=page:1%20%20colour:red", "filter: column 9: unknown key", Some(9)),
        ("dead-letters/%00", "the request holds the character U+0000", None),
        ("dead-letters?limit=0", "limit: 0 is not a whole number from 1 to 500", None),
        ("dead-letters?limit=x", "Failed to deserialize query string: limit", None),
        ("dead-letters?cursor=x", "cursor: x is not a cursor", None),
        ("dead-letters?order=best", "Failed to deserialize query string: order", None),
        ("dead-letters?colour=red", "Failed to deserialize query string: colour", None),
    ] {
        let got = get(&service, path).await;
        let detail = refusal(&got, StatusCode::BAD_REQUEST);
        assert!(detail.starts_with(words), "{path}: {detail}");
        assert_eq!(got.json()["column"].as_u64(), column, "{path}");
    }
}

#[tokio::test]
async fn kept_counts_say_what_counting_says() {
    let (_database, service) = service().await;
    let ask = async |path: &str, filter: &str| {
        read(&service, &format!("{path}filter={}", filter.replace(' ', "%20"))).await
    };
    for filter in [
        "",
        "state:open",
        "state:open dataset:top.score",
        "dataset:top.* stage:validate",
        "dataset:genres",
        "reason:schema title:row",
        "title:_",
        "judge:judge-1 page:2",
        "judge:nobody",
    ] {
        let list = ask("dead-letters?limit=500&", filter).await;
        let items = list["items"].as_array().expect("items").len();
        assert_eq!((&list["total"], &list["total_is_exact"]), (&items.into(), &true.into()), "{filter}");
        let all = ask("dead-letters/groups?", filter).await;
        assert_eq!(all["counts_are_exact"], true, "{filter}");
        for group in all["groups"].as_array().expect("groups") {
            let of_group = format!("{filter} group:{}", group["group"]);
            let list = ask("dead-letters?limit=500&", &of_group).await;
            let items = list["items"].as_array().expect("items").len();
            assert_eq!((&group["items"], &list["total"]), (&items.into(), &items.into()), "{of_group}");
            let same = ask("dead-letters/groups?", &of_group).await;
            let same = same["groups"].as_array().expect("groups").clone();
            let counts = |group: &serde_json::Value| ["items", "open", "sole"].map(|key| group[key].clone());
            let found = same.iter().find(|one| one["group"] == group["group"]).map(counts);
            assert_eq!(found, Some(counts(group)), "{of_group}");
        }
    }
}
