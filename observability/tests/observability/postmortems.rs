//! A postmortem has what the template asks for, and its times are those that were recorded.

use std::fs::{read_dir, read_to_string};

use crate::root;

fn sections(text: &str) -> Vec<&str> {
    text.lines().filter(|line| line.starts_with("## ")).collect()
}

/// `23:15:55.591`
fn times(text: &str) -> Vec<&str> {
    let words = text.split(|c: char| !(c.is_ascii_digit() || c == ':' || c == '.'));
    words.filter(|word| word.len() == 12 && word.matches(':').count() == 2).collect()
}

#[test]
fn a_postmortem_follows_the_template_and_its_recording() {
    let folder = root().join("docs/postmortems");
    let template = read_to_string(folder.join("TEMPLATE.md")).unwrap();
    let mut seen = 0;
    for file in read_dir(&folder).unwrap().flatten().map(|file| file.path()) {
        let recorded = file.with_extension("json");
        if file.extension().is_none_or(|ending| ending != "md") || !recorded.exists() {
            continue;
        }
        let (text, recorded) = (read_to_string(&file).unwrap(), read_to_string(recorded).unwrap());
        assert_eq!(sections(&text), sections(&template), "{}", file.display());
        let times = times(&text);
        assert!(times.len() > 10, "{} has no timeline: {times:?}", file.display());
        for time in times {
            assert!(
                recorded.contains(&format!("T{time}")),
                "{}: nothing was recorded at {time}",
                file.display()
            );
        }
        seen += 1;
    }
    assert!(seen > 0, "no postmortem has a recording");
}
