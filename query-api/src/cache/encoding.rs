//! Content codings of a cached body: each is made once, when it is first asked for, and kept beside the bytes.

use std::io::{self, Write as _};

use axum::http::{HeaderMap, header};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use tokio::sync::{OnceCell, Semaphore};

/// A smaller body fits into one packet as it is.
const MIN_BODY: usize = 1_024;
/// A body that does not become this much smaller is not worth a second copy. It also bounds what a body and its variants
/// take: twice its length.
const MIN_RATIO: usize = 3;
/// Encoders at work at the same time: each takes a core, and some MiB for as long.
static ENCODERS: Semaphore = Semaphore::const_new(2);

/// A coding that clients can ask for, the preferred ones first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Brotli: the smallest.
    Br,
    /// Zstandard.
    Zstd,
    /// Gzip: understood by all.
    Gzip,
}

impl Encoding {
    const ALL: [Self; 3] = [Self::Br, Self::Zstd, Self::Gzip];

    /// The word in headers.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Br => "br",
            Self::Zstd => "zstd",
            Self::Gzip => "gzip",
        }
    }

    /// The coding that `Accept-Encoding` prefers; `None` where it is the body as it is.
    pub(crate) fn accepted(headers: &HeaderMap) -> Option<Self> {
        let values = headers.get_all(header::ACCEPT_ENCODING).into_iter();
        let items: Vec<(&str, f32)> = values
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(',').map(quality))
            .collect();
        let quality_of = |name: &str| {
            let of = |name: &str| items.iter().find(|(item, _)| item.eq_ignore_ascii_case(name));
            of(name).or_else(|| of("*").filter(|_| name != "identity")).map(|(_, quality)| *quality)
        };
        let plain = quality_of("identity").unwrap_or(0.0);
        let mut best = None;
        for encoding in Self::ALL {
            let quality = quality_of(encoding.name()).unwrap_or(0.0);
            if quality > 0.0 && quality >= plain && best.is_none_or(|(_, best)| quality > best) {
                best = Some((encoding, quality));
            }
        }
        best.map(|(encoding, _)| encoding)
    }

    fn encode(self, body: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            // A window of 256 KiB holds most bodies, and takes less memory than the usual one of 4 MiB.
            Self::Br => {
                let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4_096, 5, 18);
                encoder.write_all(body)?;
                Ok(encoder.into_inner())
            }
            Self::Zstd => zstd::bulk::compress(body, 6),
            Self::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
                encoder.write_all(body)?;
                encoder.finish()
            }
        }
    }
}

fn quality(item: &str) -> (&str, f32) {
    let mut parts = item.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default();
    let quality = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    (name, quality.map_or(1.0, |quality| quality.parse().unwrap_or(0.0)))
}

/// The codings of one body, as far as they have been asked for; `None` where one is not worth it.
#[derive(Debug, Default)]
pub(super) struct Variants([OnceCell<Option<Bytes>>; 3]);

impl Variants {
    /// The body in that coding; `None` where it is not worth encoding.
    pub(super) async fn get(&self, body: &Bytes, encoding: Encoding) -> Option<Bytes> {
        if body.len() < MIN_BODY {
            return None;
        }
        self.0[encoding as usize].get_or_init(|| make(body.clone(), encoding)).await.clone()
    }
}

async fn make(body: Bytes, encoding: Encoding) -> Option<Bytes> {
    let _encoder = ENCODERS.acquire().await.ok()?;
    let max = body.len() / MIN_RATIO;
    let encoded = tokio::task::spawn_blocking(move || encoding.encode(&body)).await;
    let encoded = encoded.map_err(io::Error::other).flatten();
    let encoded = encoded
        .inspect_err(|error| tracing::error!("failed to encode a body as {}: {error}", encoding.name()));
    // A boxed slice has no spare capacity.
    encoded.ok().filter(|bytes| bytes.len() <= max).map(|bytes| Bytes::from(bytes.into_boxed_slice()))
}

/// What a body and its variants take at most.
pub(super) const fn weight(body: &Bytes) -> usize {
    if body.len() < MIN_BODY { body.len() } else { 2 * body.len() }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use axum::http::HeaderValue;
    use sha2::{Digest as _, Sha256};

    use super::*;

    #[test]
    fn the_best_coding_that_a_client_takes() {
        let accepted = |value: &'static str| {
            Encoding::accepted(&HeaderMap::from_iter([(
                header::ACCEPT_ENCODING,
                HeaderValue::from_static(value),
            )]))
        };
        for (value, encoding) in [
            ("gzip, deflate, br, zstd", Some(Encoding::Br)),
            ("gzip, zstd;q=0.9", Some(Encoding::Gzip)),
            ("GZIP", Some(Encoding::Gzip)),
            ("br;q=0, zstd;q=0, *", Some(Encoding::Gzip)),
            ("br;q=0.2, identity;q=0.5", None),
            ("br;q=x", None),
            ("deflate", None),
            ("identity", None),
            ("", None),
        ] {
            assert_eq!(accepted(value), encoding, "{value}");
        }
        assert_eq!(Encoding::accepted(&HeaderMap::new()), None);
    }

    #[tokio::test]
    async fn every_coding_gives_the_body_back_and_takes_no_more_than_its_share() {
        let body = Bytes::from(r#"{"mal_id":1,"score":8.5},"#.repeat(1_000));
        let variants = Variants::default();
        let mut taken = body.len();
        for encoding in Encoding::ALL {
            let encoded = variants.get(&body, encoding).await.expect("it is worth it");
            let mut decoded = Vec::new();
            match encoding {
                Encoding::Br => brotli::Decompressor::new(&encoded[..], 4_096).read_to_end(&mut decoded),
                Encoding::Zstd => {
                    zstd::Decoder::new(&encoded[..]).and_then(|mut it| it.read_to_end(&mut decoded))
                }
                Encoding::Gzip => flate2::read::GzDecoder::new(&encoded[..]).read_to_end(&mut decoded),
            }
            .expect("it decodes");
            assert_eq!(decoded, body);
            let again = variants.get(&body, encoding).await.expect("it is kept");
            assert_eq!(again.as_ptr(), encoded.as_ptr(), "it is made once");
            taken += encoded.len();
        }
        assert!(taken <= weight(&body));
    }

    #[tokio::test]
    async fn a_body_that_gains_nothing_stays_as_it_is() {
        let noise = (0..100_u8).flat_map(|n| Sha256::digest([n])).collect::<Vec<u8>>();
        for body in [Bytes::from_static(b"{\"a\":1}"), Bytes::from(noise)] {
            assert_eq!(Variants::default().get(&body, Encoding::Br).await, None);
        }
    }
}
