//! The page: every resource with its parameters, then every type.

use serde_json::{Map, Value};

use super::html::{escaped, prose, table};

/// The whole page for an OpenAPI document.
pub(super) fn render(document: &Value) -> String {
    let info = &document["info"];
    let operations: Vec<Operation> =
        entries(&document["paths"]).flat_map(|(path, item)| operations(path, item)).collect();
    let types: Vec<_> = entries(&document["components"]["schemas"]).collect();
    let mut menu = String::new();
    let mut body = String::new();
    for tag in list(&document["tags"]) {
        let name = text(&tag["name"]);
        let of_tag: Vec<_> = operations.iter().filter(|operation| operation.has_tag(name)).collect();
        menu += &format!("<li><span>{}</span><ul>", escaped(name));
        body += &format!("<h2>{}</h2><p>{}</p>", escaped(name), prose(text(&tag["description"])));
        for operation in of_tag {
            menu += &format!("<li><a href=\"#{}\">{}</a></li>", operation.anchor(), escaped(operation.path));
            body += &operation.section();
        }
        menu += "</ul></li>";
    }
    menu += "<li><a href=\"#types\">Types</a></li>";
    body += "<h2 id=\"types\">Types</h2>";
    for (name, schema) in types {
        body += &type_section(name, schema);
    }
    let (title, version) = (escaped(text(&info["title"])), escaped(text(&info["version"])));
    let about = prose(text(&info["description"]));
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">\
         <title>{title}: the HTTP API</title><link rel=\"stylesheet\" href=\"/docs/style.css\"></head><body>\
         <a class=\"skip\" href=\"#main\">Skip to the resources</a>\
         <header><p class=\"kick\"><a href=\"/\">{title}</a></p><h1>The HTTP API</h1><p class=\"lede\">{about}</p>\
         <p class=\"note\">Version {version}. The same as a document for programs: <a href=\"/openapi.json\">openapi.json</a> \
         (OpenAPI {}).</p></header>\
         <div class=\"columns\"><nav aria-label=\"Resources\"><ul>{menu}</ul></nav><main id=\"main\">{body}</main></div></body></html>\n",
        escaped(text(&document["openapi"]))
    )
}

struct Operation<'a> {
    method: &'a str,
    path: &'a str,
    about: &'a Value,
}

fn operations<'a>(path: &'a str, item: &'a Value) -> Vec<Operation<'a>> {
    entries(item).map(|(method, about)| Operation { method, path, about }).collect()
}

impl Operation<'_> {
    fn has_tag(&self, name: &str) -> bool {
        list(&self.about["tags"]).iter().any(|tag| text(tag) == name)
    }

    fn anchor(&self) -> String {
        escaped(text(&self.about["operationId"]))
    }

    fn section(&self) -> String {
        let rows: Vec<_> = list(&self.about["parameters"]).iter().map(parameter).collect();
        let parameters = if rows.is_empty() {
            "<p>No parameters.</p>".into()
        } else {
            table("Parameters", &["Name", "Type", "What it does"], &rows)
        };
        let rows: Vec<_> = entries(&self.about["requestBody"]["content"])
            .map(|(kind, content)| vec![code(kind), type_of(&content["schema"])])
            .collect();
        let body = if rows.is_empty() { String::new() } else { table("Request", &["Kind", "Body"], &rows) };
        let rows: Vec<_> =
            entries(&self.about["responses"]).map(|(status, response)| answer(status, response)).collect();
        let answers = table("Responses", &["Status", "Body", "When"], &rows);
        let (method, path) = (escaped(&self.method.to_uppercase()), escaped(self.path));
        // Where a value is missing, the path leads nowhere.
        let address = if path.contains('{') { path } else { format!("<a href=\"{path}\">{path}</a>") };
        format!(
            "<section id=\"{}\"><h3>{}</h3><p class=\"call\"><b>{method}</b> {address}</p>\
             <p>{}</p>{parameters}{body}{answers}</section>",
            self.anchor(),
            escaped(text(&self.about["summary"])),
            prose(text(&self.about["description"])),
        )
    }
}

fn parameter(parameter: &Value) -> Vec<String> {
    let schema = &parameter["schema"];
    let mut about = prose(text(&parameter["description"]));
    if !parameter["example"].is_null() {
        about += &format!(" Example: <code>{}</code>.", plain(&parameter["example"]));
    }
    vec![code(text(&parameter["name"])), type_of(schema) + &range(schema), about]
}

fn answer(status: &str, response: &Value) -> Vec<String> {
    let body = |(kind, content): (&str, &Value)| format!("{} {}", code(kind), type_of(&content["schema"]));
    let bodies: Vec<_> = entries(&response["content"]).map(body).collect();
    let status = if status == "default" { "any other".into() } else { escaped(status) };
    vec![status, bodies.join("<br>"), prose(text(&response["description"]))]
}

fn type_section(name: &str, schema: &Value) -> String {
    let rows: Vec<_> = entries(&schema["properties"])
        .map(|(field, about)| vec![code(field), type_of(about) + &range(about), prose(description(about))])
        .collect();
    let fields = if rows.is_empty() {
        format!("<p>{}</p>", type_of(schema))
    } else {
        table(&format!("Fields of {name}"), &["Field", "Type", "What it is"], &rows)
    };
    let name = escaped(name);
    let about = prose(description(schema));
    format!("<section id=\"type-{name}\"><h3>{name}</h3><p>{about}</p>{fields}</section>")
}

/// A type in words, with links to the named ones.
fn type_of(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return format!("<a href=\"#type-{0}\">{0}</a>", escaped(name));
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        return choices.iter().map(type_of).collect::<Vec<_>>().join(" or ");
    }
    if let Some(words) = schema["enum"].as_array() {
        return words.iter().map(|word| code(&plain(word))).collect::<Vec<_>>().join(", ");
    }
    let kinds = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().map(text).collect(),
        one => vec![text(one)],
    };
    let kinds = kinds.into_iter().map(|kind| match (kind, text(&schema["format"])) {
        ("array", _) => format!("list of {}", type_of(&schema["items"])),
        ("string", "date-time") => "instant".into(),
        ("string", "date") => "day".into(),
        ("string", "uuid") => "UUID".into(),
        (kind, _) => escaped(kind),
    });
    kinds.collect::<Vec<_>>().join(" or ")
}

fn range(schema: &Value) -> String {
    let mut out = String::new();
    if let (Some(low), Some(high)) = (schema["minimum"].as_i64(), schema["maximum"].as_i64()) {
        out += &format!(", {low} to {high}");
    }
    if !schema["default"].is_null() {
        out += &format!(", default {}", plain(&schema["default"]));
    }
    out
}

/// A field that may be null has its description inside.
fn description(schema: &Value) -> &str {
    let inner = list(&schema["oneOf"]).iter().map(|choice| text(&choice["description"]));
    std::iter::once(text(&schema["description"]))
        .chain(inner)
        .find(|found| !found.is_empty())
        .unwrap_or_default()
}

fn code(text: &str) -> String {
    format!("<code>{}</code>", escaped(text))
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| escaped(&value.to_string()), escaped)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter).map(|(name, value)| (name.as_str(), value))
}
