//! The titles of one season: what goes on from earlier ones, and what is new.

use std::collections::HashSet;

use super::{
    ORIGIN,
    schedule::Schedule,
    title::{Kind, Story, Title},
};
use crate::{
    calendar::Quarter,
    labels::{self, Label, Labels},
    naming::{self, Continuation, Named},
    rng::SeededRng,
    trajectory::{Dates, Prospects, Trajectory},
};

/// Ids are given out in blocks, so that a season's never depend on another's size.
const BLOCK: i32 = 64;
const FIRST_ID: i32 = 700_001;

/// A season to be filled.
pub(super) struct Cohort {
    pub(super) quarter: Quarter,
    pub(super) size: usize,
    /// Only what people still talk about years later.
    pub(super) kept: bool,
    pub(super) rng: SeededRng,
}

/// What is decided first about a title.
struct Plan {
    named: Named,
    story: Story,
    kind: Kind,
    labels: Labels,
    studios: Vec<&'static Label>,
    continues: Option<Continuation>,
}

impl Cohort {
    /// Its titles; `earlier` are those of all seasons before it, `names` those that are taken.
    pub(super) fn titles(&self, earlier: &[Title], names: &mut HashSet<String>) -> Vec<Title> {
        let mut plans: Vec<Plan> = earlier
            .iter()
            .filter_map(|title| {
                let (seasons, how) = what_follows(title)?;
                (self.quarter.since(title.quarter) == seasons).then(|| continued(title, how))
            })
            .filter(|plan| names.insert(plan.named.name.romaji.to_lowercase()))
            .take(if self.kept { 0 } else { self.size / 4 })
            .collect();
        while plans.len() < self.size {
            plans.push(self.new_story(self.rng.at(plans.len() as i64), names));
        }
        let places = 0..;
        places.zip(plans).map(|(place, plan)| self.title(place, plan)).collect()
    }

    fn new_story(&self, rng: SeededRng, names: &mut HashSet<String>) -> Plan {
        let mood = labels::mood(rng.of("mood"));
        let mut named = naming::invent(mood, rng.of("name"), names);
        let first = named.clone();
        let luck = rng.of("appeal").normal();
        let appeal = if self.kept { 1.1 + 0.7 * luck.abs() } else { luck };
        let quality = 6.9 + 0.46 * appeal + 0.42 * rng.of("quality").normal();
        if appeal < -0.9 {
            named.name.english = None;
        }
        Plan {
            named,
            story: Story { first, mood, season: 1, appeal, quality: quality.clamp(4.9, 8.2) },
            kind: rng.of("kind").weighted(&[
                (68, Kind::Tv),
                (11, Kind::Movie),
                (11, Kind::Ona),
                (5, Kind::Ova),
                (5, Kind::Special),
            ]),
            labels: labels::labels(mood, rng.of("labels")),
            studios: labels::studios(rng.of("studios")),
            continues: None,
        }
    }

    fn title(&self, place: i32, plan: Plan) -> Title {
        let Plan { named, story, kind, labels, studios, continues } = plan;
        let id = FIRST_ID + self.quarter.since(ORIGIN) * BLOCK + place;
        let rng = self.rng.of("title").at(i64::from(id));
        let Schedule { minutes, episodes, first_day, last_day, slot, announced, dated, premiere } =
            Schedule::draw(self.quarter, kind, continues, rng.of("schedule"));
        let run_days = u32::try_from((last_day - first_day).num_days()).unwrap_or_default();
        // Extras please those who come for them, but seldom as much as the series did.
        let quality = story.quality - if matches!(kind, Kind::Ova | Kind::Special) { 0.35 } else { 0.0 };
        let prospects =
            Prospects { appeal: story.appeal, quality, reach: kind.reach(), known: continues.is_some() };
        Title {
            id,
            trajectory: Trajectory::new(Dates { announced, premiere, run_days }, prospects, rng.of("life")),
            producers: labels::producers(rng.of("producers")),
            licensors: labels::licensors(rng.of("licensors")),
            quarter: self.quarter,
            name: named.name,
            premise: named.premise,
            story,
            kind,
            labels,
            minutes,
            episodes,
            announced,
            dated,
            premiere,
            first_day,
            last_day,
            slot,
            studios,
        }
    }
}

/// What comes of a title, and how many seasons later: the more people like it, the likelier.
fn what_follows(title: &Title) -> Option<(i32, Continuation)> {
    let rng = SeededRng::seeded(0).of("what follows").at(i64::from(title.id)).of(&title.name.romaji);
    if title.kind != Kind::Tv {
        return None;
    }
    if title.episodes == 12 && rng.of("cut").happens(0.08) && title.story.season < 4 {
        return Some((2, Continuation::SecondCour));
    }
    let liked = 0.14 + 0.12 * title.story.appeal;
    let fate = rng.of("fate").unit();
    let season = title.story.season + 1;
    match fate {
        fate if fate < liked => Some((4 + rng.of("wait").below(4) as i32, Continuation::Season(season))),
        fate if fate < liked + 0.05 => Some((3, Continuation::Film)),
        fate if fate < liked + 0.09 => Some((2, Continuation::Extra)),
        _ => None,
    }
}

fn continued(title: &Title, how: Continuation) -> Plan {
    let first = &title.story.first;
    let (kind, season) = match how {
        Continuation::SecondCour => (Kind::Tv, title.story.season),
        Continuation::Season(season) => (Kind::Tv, season),
        Continuation::Film => (Kind::Movie, title.story.season),
        Continuation::Extra => (Kind::Ova, title.story.season),
    };
    let base = if how == Continuation::SecondCour { &title.name } else { &first.name };
    let mut named = naming::continued(base, &first.premise, how);
    if title.name.english.is_none() {
        named.name.english = None;
    }
    // Those who stay like it better than those who came.
    let story = Story {
        season,
        appeal: title.story.appeal - 0.3,
        quality: (title.story.quality + 0.1).min(8.25),
        ..title.story.clone()
    };
    Plan {
        named,
        story,
        kind,
        labels: title.labels.clone(),
        studios: title.studios.clone(),
        continues: Some(how),
    }
}
