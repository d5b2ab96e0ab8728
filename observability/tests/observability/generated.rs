//! What is committed is what is made.

use kansoku_observability::generated;

use crate::{alerts, events, recording, root};

#[test]
fn what_is_committed_is_what_is_made() {
    for file in generated(&alerts(), &recording(), &events()) {
        let path = root().join(&file.path);
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == file.text, "{} is not what `make generate` makes", file.path);
    }
}
