//! What is refused before anything is connected: arguments, configuration, paths.

use std::ffi::OsStr;

use kansoku_stack::world::{Said, end, program};
use tempfile::TempDir;

async fn said<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Said {
    end(program("archive", arguments)).await
}

#[tokio::test]
async fn arguments_that_will_not_do_are_named() {
    for (arguments, words) in [
        (&["import", "a", "--page", "0"][..], &["--page"][..]),
        (&["import", "a", "--source", ""], &["--source"]),
        (&["import"], &["PATHS"]),
        (&["import", "a", "--dataset", "season.2026.autumn"], &["season.2026.autumn"]),
        (&["import", "a", "--captured-at", "yesterday"], &["yesterday", "2026-11-01T00:00:00Z"]),
        (&["export", "-", "--from", "2026-11-01"], &["--from", "looks like 2026-11-01T00:00:00Z"]),
        (&["export", "-", "--to", "2026-11-01T00:00:00"], &["--to", "looks like 2026-11-01T00:00:00Z"]),
        (&["import", "a", "--catalogue", "anidb"], &["anidb", "mal, sample"]),
    ] {
        said(arguments).await.fails(2, words);
    }
}

#[tokio::test]
async fn keep_asks_for_its_folder() {
    let said = said(["keep"]).await;
    assert!(said.code == Some(1) && said.out.contains("keep.dir: `archive keep` writes files"), "{said:?}");
}

/// Nothing of this needs a server: it is said at once.
#[tokio::test]
async fn a_path_that_cannot_be_imported_is_named() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let file = |name: &str, content: &[u8]| {
        std::fs::write(folder.path().join(name), content).unwrap();
        path(name)
    };
    std::fs::create_dir(folder.path().join("empty folder")).unwrap();
    std::fs::create_dir(folder.path().join("no index")).unwrap();
    file("no index/page.json", b"{}");
    std::fs::create_dir(folder.path().join("bad index")).unwrap();
    file("bad index/captures.json", b"{\"name\":1}");
    for (path, words) in [
        (path("nothing"), &["nothing: No such file or directory"][..]),
        (path("empty folder"), &["empty folder is empty", ".jsonl"]),
        (path("no index"), &["no index has no index captures.json", ".jsonl"]),
        (path("bad index"), &["captures.json as an index of captures"]),
        (file("empty.jsonl", b""), &["empty.jsonl is empty"]),
        (
            file("words.txt", b"hello"),
            &["words.txt is no archive of captures", "JSON Lines", "does not begin with {"],
        ),
        (file("list.json", b"[1]"), &["list.json is no archive of captures"]),
    ] {
        said(["import", &path]).await.fails(1, words);
    }
    let page = file("page.json", b"{\"data\":[]}");
    said(["import", &page, "--dataset", "genres"]).await.fails(1, &["page.json", "--captured-at"]);
    let at = "2026-10-20T06:00:00Z";
    said(["import", &page, "--captured-at", at]).await.fails(1, &["page.json", "--dataset or --url"]);
    said(["import", &page, "--url", "here", "--captured-at", at])
        .await
        .fails(1, &["--url: \"here\" is no address"]);
    let huge = file("huge.json", b"");
    std::fs::File::options().write(true).open(&huge).unwrap().set_len(1 << 40).unwrap();
    said(["import", &huge, "--dataset", "genres", "--captured-at", at])
        .await
        .fails(1, &["huge.json", "more than 8 MiB"]);
}
