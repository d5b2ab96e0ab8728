//! Whether another page is asked for. Pure.

use kansoku_runs::envelope::Envelope;

/// What comes after a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// The page with this number.
    Page(u32),
    /// Nothing: the list ended.
    End,
    /// Nothing: there is more, and the limit of pages is reached.
    Limit,
}

/// Decides from the page just read. The upstream's `has_next_page` lies now and then (jikan-rest#198: true on the last
/// page, whose next one is empty), so a page without rows ends the list whatever it says.
pub fn next(page: u32, envelope: &Envelope, most: u32) -> Next {
    if envelope.rows == 0 || !envelope.has_next_page {
        Next::End
    } else if page >= most {
        Next::Limit
    } else {
        Next::Page(page + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_ends_when_it_says_so_or_is_empty_or_long_enough() {
        let envelope = |rows, has_next_page| Envelope { rows, has_next_page, last_visible_page: None };
        assert_eq!(next(1, &envelope(25, true), 4), Next::Page(2));
        assert_eq!(next(4, &envelope(25, true), 4), Next::Limit);
        assert_eq!(next(2, &envelope(7, false), 4), Next::End);
        assert_eq!(next(3, &envelope(0, true), 4), Next::End);
    }
}
