//! Where an answer redirects to. Pure.

use url::Url;

/// The most redirects that one attempt follows.
const MAX_HOPS: usize = 3;

/// The address to request next, if the answer names one that may be. `requested` are the addresses of this attempt, the last
/// one answered.
///
/// Only the same origin is followed: the limits are counted, and the key is meant, for that one alone. A plain address may
/// be redirected to its own host by TLS.
pub(super) fn next(requested: &[String], status: u16, location: Option<&str>) -> Option<String> {
    if !matches!(status, 301 | 302 | 303 | 307 | 308) || requested.len() > MAX_HOPS {
        return None;
    }
    let from = Url::parse(requested.last()?).ok()?;
    let mut to = from.join(location?).ok()?;
    to.set_fragment(None);
    let by_tls = to.host() == from.host()
        && (from.scheme(), to.scheme()) == ("http", "https")
        && (from.port(), to.port()) == (None, None);
    let to = Some(to).filter(|to| to.origin() == from.origin() || by_tls)?.to_string();
    (!requested.contains(&to)).then_some(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_origin_is_followed_and_nothing_twice() {
        let requested = ["http://api.example.org/v4/top/anime?page=1".to_owned()];
        let to = |location| next(&requested, 302, Some(location));
        assert_eq!(to("/v4/top?page=1#x").as_deref(), Some("http://api.example.org/v4/top?page=1"));
        assert_eq!(to("?page=2").as_deref(), Some("http://api.example.org/v4/top/anime?page=2"));
        assert_eq!(to("https://api.example.org/v4").as_deref(), Some("https://api.example.org/v4"));
        for refused in [
            "/v4/top/anime?page=1",
            "//other.example.org/v4",
            "http://other.example.org/v4",
            "http://api.example.org:8080/v4",
            "https://api.example.org:8443/v4",
            "ftp://api.example.org/v4",
            "http://[",
        ] {
            assert_eq!(to(refused), None, "{refused}");
        }
        assert_eq!(
            next(&["https://api.example.org/".to_owned()], 301, Some("http://api.example.org/v4")),
            None
        );
        assert_eq!(next(&requested, 302, None), None);
        assert_eq!(next(&requested, 304, Some("/v4")), None);
        let many: Vec<_> = (0..=MAX_HOPS).map(|hop| format!("http://api.example.org/{hop}")).collect();
        assert!(
            next(&many[..MAX_HOPS], 302, Some("/on")).is_some() && next(&many, 302, Some("/on")).is_none()
        );
    }
}
