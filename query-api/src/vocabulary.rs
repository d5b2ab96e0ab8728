//! The words of the API that are closed lists.

mod declared;

pub(crate) use declared::words;

words! {
    /// A world of titles. Rows of two catalogues never meet on one chart.
    pub enum Catalogue {
        /// MyAnimeList's titles.
        Mal = "mal",
        /// Fictional titles, made by the simulator; screens that show them say so.
        Sample = "sample",
    }
}

words! {
    /// How far a run has come.
    pub enum RunState {
        /// A page came before the run's own events.
        Stub = "stub",
        /// Pages are still being fetched.
        Running = "running",
        /// Every planned page came.
        Complete = "complete",
        /// It ended with pages missing.
        Incomplete = "incomplete",
        /// It ended without a usable page.
        Failed = "failed",
    }
}

words! {
    /// A quarter of the broadcasting year.
    pub enum Season {
        /// January to March.
        Winter = "winter",
        /// April to June.
        Spring = "spring",
        /// July to September.
        Summer = "summer",
        /// October to December.
        Fall = "fall",
    }
}

words! {
    /// How exactly a date is known.
    pub enum DatePrecision {
        /// To the day.
        Day = "day",
        /// To the month.
        Month = "month",
        /// To the year.
        Year = "year",
    }
}

words! {
    /// What happens to titles that are rated as pornography ("Rx").
    pub enum Adult {
        /// They are left out.
        Hide = "hide",
        /// They are shown like any other.
        Show = "show",
    }
}
