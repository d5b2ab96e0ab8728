//! An API that gives prepared answers, and remembers what it was asked.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    os::unix::process::CommandExt as _,
    process::{Command, Stdio},
    sync::{Arc, Mutex},
};

use serde_json::Value;

/// A request: method and path with its query, the token, the body.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) line: String,
    pub(crate) token: Option<String>,
    pub(crate) body: Value,
    pub(crate) text: String,
}

/// Answers by the beginning of the request's line; the one that comes first is given once if another of its kind follows.
pub(crate) struct Fake {
    url: String,
    requests: Arc<Mutex<Vec<Request>>>,
    folder: tempfile::TempDir,
}

/// What a command said, and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Fake {
    /// Starts it; each answer is for requests that begin so, and is used up but for the last of its kind.
    pub(crate) fn with(answers: &[(&str, u16, String)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let mut answers: Vec<_> =
            answers.iter().map(|(line, status, body)| ((*line).to_owned(), *status, body.clone())).collect();
        let remembered = Arc::clone(&requests);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let request = read(&mut BufReader::new(&stream));
                let of = |line: &str| request.line.starts_with(line);
                let at = answers.iter().position(|(line, ..)| of(line));
                let (status, body) = match at {
                    None => (404, r#"{"detail": "not prepared"}"#.to_owned()),
                    Some(at) if answers.iter().filter(|(line, ..)| of(line)).count() > 1 => {
                        let (_, status, body) = answers.remove(at);
                        (status, body)
                    }
                    Some(at) => (answers[at].1, answers[at].2.clone()),
                };
                remembered.lock().unwrap().push(request);
                let length = body.len();
                let head = format!(
                    "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nretry-after: 0\r\nconnection: close\r\n\r\n"
                );
                stream.write_all((head + &body).as_bytes()).unwrap();
            }
        });
        Self { url, requests, folder: tempfile::tempdir().unwrap() }
    }

    /// Runs the command against it, with a token.
    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        self.run_with(&[("KANSOKU_TOKEN", "secret-word")], arguments)
    }

    /// The same with variables of the test's own.
    pub(crate) fn run_with(&self, environment: &[(&str, &str)], arguments: &[&str]) -> Said {
        run(&self.url, self.folder.path(), environment, arguments)
    }

    /// What it was asked.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// A file in a folder of its own.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }
}

/// Runs the command against an address, with nothing of this machine's environment that could change what it does.
pub(crate) fn run(
    url: &str,
    folder: &std::path::Path,
    environment: &[(&str, &str)],
    arguments: &[&str],
) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kansoku"));
    command.arg0("bin/kansoku");
    for name in ["KANSOKU_TOKEN", "KANSOKU_TOKEN_FILE", "KANSOKU_SCHEMAS_DIR", "VISUAL", "EDITOR"] {
        command.env_remove(name);
    }
    command.env("KANSOKU_API_URL", url).env("KANSOKU_DATA", folder).envs(environment.iter().copied());
    let output = command.args(arguments).stdin(Stdio::null()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

fn read(stream: &mut impl BufRead) -> Request {
    let mut line = String::new();
    stream.read_line(&mut line).unwrap();
    let (mut length, mut token) = (0, None);
    loop {
        let mut header = String::new();
        stream.read_line(&mut header).unwrap();
        let Some((name, value)) = header.split_once(':') else { break };
        match name.to_lowercase().as_str() {
            "content-length" => length = value.trim().parse().unwrap(),
            "authorization" => token = value.trim().strip_prefix("Bearer ").map(ToOwned::to_owned),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    let line = line.rsplit_once(' ').unwrap().0.to_owned();
    let text = String::from_utf8(body).unwrap();
    Request { line, token, body: serde_json::from_str(&text).unwrap_or_default(), text }
}
