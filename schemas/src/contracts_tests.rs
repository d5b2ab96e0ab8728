//! The schemas of the contracts, as files in `json/`, are those of the types.

use std::{borrow::Cow, fs, path::Path};

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings, json_schema};
use serde_json::json;

use crate::{ArchiveEvent, Capture, Dataset, GenreRow, HistoryRow, PageBody, RowKind, RunEvent, SnapshotRow};

impl JsonSchema for Dataset {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Dataset".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let season = "[0-9]{4}\\.(winter|spring|summer|fall)";
        let season = format!("season\\.(now|upcoming|{season})");
        let top = "top\\.(score|members|favorites|airing|upcoming)";
        json_schema!({ "type": "string", "pattern": format!("^({top}|{season}|genres|anime|history)$") })
    }
}

/// As we write it: keys that are always there are required, though they may be null.
fn written<T: JsonSchema>(name: &str) -> Schema {
    named::<T>(name, SchemaSettings::draft2020_12().for_serialize())
}

/// As we read it from others: what has a default may be missing.
fn read<T: JsonSchema>(name: &str) -> Schema {
    named::<T>(name, SchemaSettings::draft2020_12().for_deserialize())
}

fn named<T: JsonSchema>(name: &str, settings: SchemaSettings) -> Schema {
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.insert("$id".to_owned(), format!("kansoku:{name}").into());
    schema.insert("title".to_owned(), name.into());
    if let Some(contract) = schema.pointer_mut("/properties/contract") {
        *contract = json!({ "const": name });
    }
    schema
}

#[test]
fn the_schemas_of_the_contracts_are_those_of_the_types() {
    let page = RowKind::contract;
    let schemas = [
        written::<PageBody<Vec<SnapshotRow>>>(page(RowKind::Anime)),
        written::<PageBody<Vec<GenreRow>>>(page(RowKind::Genre)),
        written::<PageBody<Vec<HistoryRow>>>(page(RowKind::History)),
        written::<RunEvent>("run-event.v1"),
        written::<ArchiveEvent>("archive-event.v1"),
        read::<Capture>("capture.v1"),
    ];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("json");
    let mut differing = Vec::new();
    for schema in schemas {
        jsonschema::validator_for(schema.as_value()).unwrap();
        let name = format!("{}.json", schema.get("title").and_then(|title| title.as_str()).unwrap());
        let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        if fs::read_to_string(folder.join(&name)).unwrap_or_default() != text {
            let written = std::env::temp_dir().join(&name);
            fs::write(&written, text).unwrap();
            differing.push(written);
        }
    }
    assert!(differing.is_empty(), "types have changed; copy {differing:?} to {}", folder.display());
}
