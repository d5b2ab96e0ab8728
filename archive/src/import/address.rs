//! The forms in which recordings write the address that was requested. Pure.

use url::Url;

/// Words for a person who has written an address otherwise.
pub(super) const FORMS: &str = "https://api.example.org/v4/anime/1, /v4/anime/1 or GET /v4/anime/1";

/// An address that was requested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// As it is kept: without a method, a user and a password.
    pub(super) text: String,
    pub(super) url: Url,
    pub(super) has_host: bool,
}

/// Reads an address: whole, or a path, either after the method GET.
pub(super) fn read(text: &str) -> Option<Address> {
    let text = text.strip_prefix("GET ").unwrap_or(text).trim();
    if text.contains(char::is_whitespace) {
        return None;
    }
    if text.starts_with('/') && !text.starts_with("//") {
        let url = Url::parse("http://host.invalid").ok()?.join(text).ok()?;
        return Some(Address { text: text.to_owned(), url, has_host: false });
    }
    let mut url = Url::parse(text).ok().filter(Url::has_host)?;
    if url.username().is_empty() && url.password().is_none() {
        return Some(Address { text: text.to_owned(), url, has_host: true });
    }
    // They are nobody's business, and everybody reads RAW.
    url.set_username("").and_then(|()| url.set_password(None)).ok()?;
    Some(Address { text: url.to_string(), url, has_host: true })
}

/// The page that an address requests; `Err` with what stands there where that is no page.
pub(super) fn page(url: &Url) -> Result<Option<u32>, String> {
    let Some((_, text)) = url.query_pairs().find(|(key, _)| key == "page") else { return Ok(None) };
    text.parse().ok().filter(|page| *page > 0).map(Some).ok_or_else(|| text.into_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_form_of_an_address_is_taken_and_no_password_kept() {
        for (text, kept, host) in [
            ("https://api.example.org/v4/anime/1?page=2", "https://api.example.org/v4/anime/1?page=2", true),
            ("GET https://api.example.org/v4/anime/1", "https://api.example.org/v4/anime/1", true),
            ("GET /v4/anime/59032/full", "/v4/anime/59032/full", false),
            ("/v4/top/anime?page=3", "/v4/top/anime?page=3", false),
            ("https://me:geheim@api.example.org/v4/anime/1", "https://api.example.org/v4/anime/1", true),
        ] {
            let address = read(text).unwrap();
            assert_eq!((address.text.as_str(), address.has_host), (kept, host), "{text}");
        }
        for none in [
            "",
            "any",
            "anime/1",
            "//host/v4/anime/1",
            "file:///etc/passwd",
            "POST /v4/anime/1",
            "/v4/anime/1, status 200",
        ] {
            assert_eq!(read(none), None, "{none}");
        }
    }

    #[test]
    fn a_page_is_a_number_or_none() {
        let page = |query: &str| page(&Url::parse(&format!("http://h/v4/top/anime{query}")).unwrap());
        assert_eq!([page(""), page("?limit=5"), page("?page=3")], [Ok(None), Ok(None), Ok(Some(3))]);
        for wrong in ["abc", "0", "-1", "", "1e3"] {
            assert_eq!(page(&format!("?page={wrong}")), Err(wrong.to_owned()));
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text: String) {
            let _ = read(&text);
        }
    }
}
