//! An upstream that writes its bytes by hand: what no HTTP server would send.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use kansoku_service::{Clock, SystemClock};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// What is done with a connection once something was asked on it. It is closed afterwards.
#[derive(Clone)]
pub(crate) enum Answer {
    /// These bytes.
    Bytes(Vec<u8>),
    /// The bytes that are right now: a date among them is one of this moment.
    Made(fn() -> Vec<u8>),
    /// RST.
    Reset,
    /// These bytes, and then one more now and then for as long as anybody listens.
    Drip(Vec<u8>),
    /// These bytes, and then more and more for as long as anybody takes them.
    Flood(Vec<u8>),
    /// Nothing, for as long as anybody waits.
    Silence,
}

/// An HTTP answer with a content-length; `head` is the status line and what else stands there.
pub(crate) fn http(head: &str, body: &str) -> Answer {
    Answer::Bytes(message(head, body))
}

pub(crate) fn message(head: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {head}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes()
}

/// When something was asked, and in which words it began.
type Asked = Arc<Mutex<Vec<(Instant, String)>>>;

/// The server, and when something was asked of it.
pub(crate) struct RawSocket {
    pub(crate) port: u16,
    asked: Asked,
}

impl RawSocket {
    /// Answers one after another; the last one again and again.
    pub(crate) async fn start(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Asked::default();
        let (record, mut answers) = (Arc::clone(&asked), VecDeque::from(answers));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let answer = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() };
                tokio::spawn(serve(stream, answer.unwrap(), Arc::clone(&record)));
            }
        });
        Self { port, asked }
    }

    /// How often it was asked.
    pub(crate) fn requests(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    /// The paths asked for, one after another.
    pub(crate) fn paths(&self) -> Vec<String> {
        let path = |words: &String| words.split(' ').nth(1).unwrap_or_default().to_owned();
        self.asked.lock().unwrap().iter().map(|(_, words)| path(words)).collect()
    }

    /// How long after one question the next one came.
    pub(crate) fn pauses(&self) -> Vec<Duration> {
        self.asked.lock().unwrap().windows(2).map(|pair| pair[1].0 - pair[0].0).collect()
    }
}

async fn serve(mut stream: TcpStream, answer: Answer, asked: Asked) {
    let mut question = [0; 4096];
    let Ok(read @ 1..) = stream.read(&mut question).await else { return };
    let words = String::from_utf8_lossy(&question[..read]).into_owned();
    asked.lock().unwrap().push((SystemClock.monotonic(), words));
    // Whoever asked may be gone in the middle: then there is nothing left to do.
    let _ = match answer {
        Answer::Bytes(bytes) => stream.write_all(&bytes).await,
        Answer::Made(make) => stream.write_all(&make()).await,
        Answer::Reset => return stream.set_zero_linger().unwrap(),
        Answer::Drip(bytes) => more(&mut stream, &bytes, b" ", Duration::from_millis(20)).await,
        Answer::Flood(bytes) => more(&mut stream, &bytes, &[b' '; 4096], Duration::ZERO).await,
        Answer::Silence => stream.read(&mut question).await.map(drop),
    };
    let _ = stream.shutdown().await;
}

async fn more(stream: &mut TcpStream, first: &[u8], then: &[u8], pause: Duration) -> std::io::Result<()> {
    stream.write_all(first).await?;
    loop {
        tokio::time::sleep(pause).await;
        stream.write_all(then).await?;
    }
}
