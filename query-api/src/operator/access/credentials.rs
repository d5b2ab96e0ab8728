//! Secrets and how a request shows them. Secrets are 256 random bits; the database holds their SHA-256 alone.

use std::hint::black_box;

use axum::http::{HeaderMap, header};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// The cookie of a session.
pub(super) const COOKIE: &str = "kansoku_session";
/// The header that shows that a page of ours sent a request.
pub(super) const CSRF: &str = "x-csrf-token";

/// A secret in words, and its hash.
pub(super) fn secret(bytes: [u8; 32]) -> (String, [u8; 32]) {
    let text = URL_SAFE_NO_PAD.encode(bytes);
    let hash = hash(&text);
    (text, hash)
}

/// What the database knows of a secret.
pub(super) fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret).into()
}

/// Whether both are equal, in a time that does not tell where they differ.
pub(super) fn equal(left: &[u8], right: &[u8]) -> bool {
    let difference = left.iter().zip(right).fold(0, |all, (one, other)| black_box(all | (one ^ other)));
    left.len() == right.len() && difference == 0
}

/// What a request shows.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Shown<'a> {
    Nothing,
    Token(&'a str),
    Session(&'a str),
}

/// Reads it; a token comes before a cookie.
pub(super) fn shown(headers: &HeaderMap) -> Shown<'_> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let token = value.to_str().ok().and_then(|value| value.split_once(' '));
        let token = token.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        return Shown::Token(token.map_or("", |(_, token)| token.trim()));
    }
    let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs =
        cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map_or(Shown::Nothing, |(_, value)| Shown::Session(value))
}

/// Whether a page of another site sent the request. Programs send neither header.
pub(super) fn is_cross_site(headers: &HeaderMap) -> bool {
    let text = |name: header::HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(site) = text(header::HeaderName::from_static("sec-fetch-site")) {
        return !matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text(header::ORIGIN) else { return false };
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    authority.is_none() || authority != text(header::HOST)
}

/// The value of `Set-Cookie`; an empty one takes it away.
pub(super) fn cookie(value: &str, seconds: i64, is_https: bool) -> String {
    let secure = if is_https { "; Secure" } else { "" };
    format!("{COOKIE}={value}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Strict{secure}")
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn a_token_comes_before_a_cookie() {
        let both = headers(&[("authorization", "bearer abc"), ("cookie", "kansoku_session=x")]);
        assert_eq!(shown(&both), Shown::Token("abc"));
        assert_eq!(shown(&headers(&[("authorization", "Basic abc")])), Shown::Token(""));
        assert_eq!(shown(&headers(&[("cookie", "a=b; kansoku_session=x=y")])), Shown::Session("x=y"));
        assert_eq!(shown(&headers(&[("cookie", "xkansoku_session=x")])), Shown::Nothing);
    }

    #[test]
    fn pages_of_others_are_told_by_their_headers() {
        for (pairs, cross) in [
            (&[][..], false),
            (&[("sec-fetch-site", "same-origin"), ("origin", "http://localhost:5173")], false),
            (&[("sec-fetch-site", "none")], false),
            (&[("sec-fetch-site", "same-site")], true),
            (&[("sec-fetch-site", "cross-site"), ("origin", "http://k"), ("host", "k")], true),
            (&[("origin", "http://127.0.0.1:7400"), ("host", "127.0.0.1:7400")], false),
            (&[("origin", "http://evil.test"), ("host", "127.0.0.1:7400")], true),
            (&[("origin", "null"), ("host", "127.0.0.1:7400")], true),
            (&[("origin", "http://k")], true),
        ] {
            assert_eq!(is_cross_site(&headers(pairs)), cross, "{pairs:?}");
        }
    }

    #[test]
    fn hashes_are_compared_whole() {
        let (text, hashed) = secret([7; 32]);
        assert_eq!((text.len(), hash(&text)), (43, hashed));
        assert!(
            equal(&hashed, &hash(&text)) && !equal(&hashed, &hash("x")) && !equal(&hashed, &hashed[..31])
        );
    }
}
