//! What the OpenAPI document says of parameters is what the service does, for every open endpoint there is.

use crate::support::{Instance, NO_REDIS};
use axum::http::StatusCode;
use kansoku_query_api::openapi;
use kansoku_stack::postgres::Database;
use serde_json::Value;

/// An open endpoint with good values for all that it needs.
struct Endpoint {
    path: String,
    parameters: Vec<Value>,
}

fn endpoints() -> Vec<Endpoint> {
    let document: Value = serde_json::from_str(&openapi::rendered().expect("a document")).expect("JSON");
    let paths = document["paths"].as_object().expect("paths");
    let of = |(path, item): (&String, &Value)| Endpoint {
        path: path.clone(),
        parameters: item["get"]["parameters"].as_array().cloned().unwrap_or_default(),
    };
    paths.iter().filter(|(path, _)| !path.starts_with("/api/v1/operator/")).map(of).collect()
}

impl Endpoint {
    /// An address where one parameter has this value, and each other one that is needed a good one.
    fn address(&self, name: &str, value: &str) -> String {
        let mut path = self.path.clone();
        let mut query = Vec::new();
        for parameter in &self.parameters {
            let this = text(&parameter["name"]);
            let good = match this {
                "mal_id" => "101",
                "epoch" => "1000",
                "seq" => "5",
                "q" => "moon",
                // The most days are for few titles.
                "limit" if self.path.ends_with("top-anime") => "1",
                _ => "",
            };
            let given = if this == name { value } else { good };
            if parameter["in"] == "path" {
                path = path.replace(&format!("{{{this}}}"), given);
            } else if this != name && !given.is_empty() {
                query.push(format!("{this}={given}"));
            }
        }
        if self.parameters.iter().all(|one| one["name"] != name || one["in"] == "query") {
            query.push(format!("{name}={value}"));
        }
        format!("{path}?{}", query.join("&"))
    }

    /// Values within each documented bound, and those just outside.
    fn values(&self) -> Vec<(&str, Vec<String>, Vec<String>)> {
        self.parameters.iter().map(around).collect()
    }
}

fn around(parameter: &Value) -> (&str, Vec<String>, Vec<String>) {
    let schema = &parameter["schema"];
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for (bound, step) in [("minimum", -1), ("maximum", 1)] {
        if let Some(number) = schema[bound].as_i64() {
            good.push(number.to_string());
            bad.push((number + step).to_string());
        }
    }
    if let Some(words) = schema["enum"].as_array() {
        good.extend(words.iter().map(|word| text(word).to_owned()));
        bad.push("neither".into());
    }
    if schema["minLength"] == 1 {
        bad.push(String::new());
    }
    if let Some(most) = schema["maxLength"].as_u64() {
        bad.push("x".repeat(usize::try_from(most).expect("a length") + 1));
    }
    (text(&parameter["name"]), good, bad)
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

async fn assert_refused(service: &Instance, path: &str, parameter: &str) {
    let got = service.get(path).await;
    assert_eq!(got.status, StatusCode::BAD_REQUEST, "{path}: {}", got.text());
    assert_eq!(got.json()["parameter"], parameter, "{path}");
}

#[tokio::test]
async fn every_documented_bound_is_the_one_that_is_checked() {
    let database = Database::migrated().await.expect("a database");
    crate::support::seed(&database).await;
    let service = Instance::over(&database, NO_REDIS).await;
    let mut checked = 0;
    for endpoint in endpoints() {
        for (name, good, bad) in endpoint.values() {
            for value in good {
                let path = endpoint.address(name, &value);
                let got = service.get(&path).await;
                let found = matches!(got.status, StatusCode::OK | StatusCode::NOT_FOUND);
                assert!(found, "{path}: {}", got.text());
            }
            for value in bad {
                assert_refused(&service, &endpoint.address(name, &value), name).await;
                checked += 1;
            }
        }
    }
    assert!(checked > 50, "the document tells {checked} bounds");
}

#[tokio::test]
async fn every_endpoint_refuses_what_it_does_not_know_and_what_comes_twice() {
    let database = Database::migrated().await.expect("a database");
    crate::support::seed(&database).await;
    let service = Instance::over(&database, NO_REDIS).await;
    for endpoint in endpoints() {
        assert_refused(&service, &endpoint.address("page", "1"), "page").await;
        assert_refused(&service, &endpoint.address("page", "1&page=2"), "page").await;
        for parameter in endpoint.parameters.iter().filter(|one| one["in"] == "query") {
            let name = text(&parameter["name"]);
            assert_refused(&service, &endpoint.address(name, &format!("1&{name}=1")), name).await;
            if parameter["required"] == true {
                let without =
                    endpoint.address("x", "").replace(&format!("{name}=moon&"), "").replace("x=", "");
                assert_refused(&service, &without, name).await;
            }
        }
    }
}
