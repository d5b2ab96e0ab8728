//! What goes wrong: the second half of a synopsis.

use super::{Moods, Suited};

/// An independent clause, without a capital or a full stop.
#[derive(Debug)]
pub struct Twist {
    /// The clause.
    pub english: &'static str,
    moods: Moods,
}

impl Suited for Twist {
    fn moods(&self) -> Moods {
        self.moods
    }
}

const fn twist(english: &'static str, moods: &str) -> Twist {
    Twist { english, moods: Moods::of(moods) }
}

/// All twists.
pub static TWISTS: [Twist; 47] = [
    twist("the neighbours start to bring soup", "cy"),
    twist("a letter arrives that was posted forty years ago", "cmrh"),
    twist("the rainy season refuses to end", "crd"),
    twist("a stray cat decides who may stay", "cyf"),
    twist("an old friend asks for one more summer", "crup"),
    twist("the bill comes due in vegetables", "yf"),
    twist("everybody turns out too polite to mention the goat", "y"),
    twist("the lunch break turns into a constitutional crisis", "y"),
    twist("no two people can agree on whose fault it was", "yma"),
    twist("the wrong person says yes", "ry"),
    twist("neither of them can remember who apologised last", "r"),
    twist("the last train leaves without either of them", "rc"),
    twist("two diaries turn out to tell the same evening differently", "rmd"),
    twist("the only witness starts to speak in proverbs", "mhy"),
    twist("a second set of footprints turns up on the fresh snow", "mdp"),
    twist("the town's oldest clock strikes thirteen", "mfdh"),
    twist("someone signs the guest book for tomorrow", "mds"),
    twist("the map grows a road overnight", "fcm"),
    twist("the dragon turns out to hold the lease", "fy"),
    twist("the guild loses the only copy of the prophecy", "fya"),
    twist("magic starts to charge by the hour", "fy"),
    twist("the border moves a little further every night", "fhsd"),
    twist("the reply from Earth comes eleven minutes late", "s"),
    twist("the station counts one passenger more than tickets", "sdm"),
    twist("the ship's computer develops a taste for poetry", "syu"),
    twist("the air ration is put to a popular vote", "sa"),
    twist("the captain's chair turns out to have been empty since launch", "sdm"),
    twist("the regional qualifier is moved up by nine days", "p"),
    twist("the best player in the prefecture turns out to be afraid of the ball", "py"),
    twist("the rival school sends flowers", "pr"),
    twist("the coach admits to never having seen the sport played", "py"),
    twist("last place is decided by a photograph", "p"),
    twist("the photographs begin to look back", "d"),
    twist("the residents' association forbids mirrors", "d"),
    twist("people begin to forget the way home", "du"),
    twist("the thing in the cellar learns to knock", "d"),
    twist("a voice that belongs to no one turns up on the demo tape", "ud"),
    twist("the piano begins to play what was forgotten", "ur"),
    twist("the encore goes on past the first train", "uc"),
    twist("the tax collector arrives with an army", "hfa"),
    twist("a treaty is signed in disappearing ink", "hma"),
    twist("the shogunate wants its calendar corrected", "h"),
    twist("the river changes sides", "haf"),
    twist("the enemy commander asks for piano lessons", "au"),
    twist("the ceasefire is given a closing time", "a"),
    twist("the last bullet turns out to be an heirloom", "a"),
    twist("both sides hire the same courier", "asy"),
];
