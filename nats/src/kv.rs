//! Key-value buckets. A key is a subject of the stream `KV_<bucket>`, which keeps its last message; that message's sequence is
//! the key's revision. A value is changed by compare-and-set only.

use async_nats::{HeaderMap, Request, header::NATS_EXPECTED_LAST_SUBJECT_SEQUENCE};
use bytes::Bytes;
use kansoku_service::Unavailable;

use crate::{
    api::{self, code},
    client::Client,
    publish::Answer,
};

/// A value with its revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The value; empty where the key was deleted.
    pub value: Bytes,
    /// Its revision.
    pub revision: u64,
}

impl Client {
    /// The newest value of a key; `None` where nobody has set it.
    pub async fn kv_get(&self, bucket: &str, key: &str) -> Result<Option<Entry>, Unavailable> {
        let stored = self.last_on_subject(&format!("KV_{bucket}"), &subject(bucket, key)).await?;
        Ok(stored.map(|stored| Entry { value: stored.body, revision: stored.seq }))
    }

    /// Sets a key if its revision is still `revision` (0: nobody has set it), and waits until that is on the server's disk.
    /// `None` where the revision is another one: then nothing has changed. After [`Unavailable`] it may or may not be set.
    pub async fn kv_update(
        &self,
        bucket: &str,
        key: &str,
        value: Bytes,
        revision: u64,
    ) -> Result<Option<u64>, Unavailable> {
        let subject = subject(bucket, key);
        let mut headers = HeaderMap::new();
        headers.insert(NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, revision.to_string());
        let request = Request::new().headers(headers).payload(value);
        let answer = api::send(&self.nats, &subject, request).await;
        let answer = answer.and_then(|answer| api::read::<Answer>(&subject, &answer.payload));
        match answer {
            Ok(Answer { seq, .. }) => Ok(Some(seq)),
            Err(error) => match error.code() {
                Some(code::WRONG_LAST_SEQUENCE | code::WRONG_LAST_SEQUENCE_CONSTANT) => Ok(None),
                _ => Err(self.unavailable(error, &format!("set {key} in the bucket {bucket}"))),
            },
        }
    }
}

fn subject(bucket: &str, key: &str) -> String {
    format!("$KV.{bucket}.{key}")
}
