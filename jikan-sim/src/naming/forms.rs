//! The grammar: how words become a title in three languages at once.

use super::{Draft, Parts};
use crate::{
    chance::Chance,
    words::{Mood, Moods, plural, with_article},
};

type Form = fn(&Parts) -> Draft;

/// One of the forms that suit the mood, by weight.
pub(super) fn of(mood: Mood, chance: Chance) -> Form {
    let suited: Vec<(u32, Form)> = FORMS
        .iter()
        .filter(|(moods, ..)| moods.suit(mood))
        .map(|&(_, weight, form)| (weight, form))
        .collect();
    chance.weighted(&suited)
}

static FORMS: [(Moods, u32, Form); 22] = [
    (Moods::of("*"), 9, role_thing),
    (Moods::of("*"), 7, place_role),
    (Moods::of("*"), 7, modified_thing),
    (Moods::of("*"), 6, two_roles),
    (Moods::of("dmfhc"), 6, strange_tales),
    (Moods::of("mdh"), 6, case_files),
    (Moods::of("chfyu"), 4, apprentice_diary),
    (Moods::of("pyua"), 5, order),
    (Moods::of("cypurm"), 6, after_school_club),
    (Moods::of("cypumr"), 4, club_thing),
    (Moods::of("f"), 9, exiled),
    (Moods::of("fyc"), 8, decided),
    (Moods::of("fay"), 6, unrivaled),
    (Moods::of("ryc"), 8, next_door),
    (Moods::of("suayp"), 7, brand),
    (Moods::of("fmscrhu"), 5, in_search),
    (Moods::of("cdsfru"), 5, place_without),
    (Moods::of("mahdps"), 4, seven),
    (Moods::of("ahsf"), 6, war),
    (Moods::of("ry"), 6, someone_is),
    (Moods::of("ryu"), 4, someones_thing),
    (Moods::of("cyhra"), 4, fine_day),
];

fn role_thing(Parts { role, thing, .. }: &Parts) -> Draft {
    Draft {
        romaji: format!("{} no {}", role.romaji, thing.romaji),
        english: format!("the {}'s {}", role.english, thing.english),
        japanese: format!("{}の{}", role.japanese, thing.japanese),
        hook: format!("{} has exactly one {} left, and", with_article(role.english), thing.english),
    }
}

fn place_role(Parts { role, place, .. }: &Parts) -> Draft {
    Draft {
        romaji: format!("{} no {}", place.romaji, role.romaji),
        english: format!("the {} of {}", role.english, place.english),
        japanese: format!("{}の{}", place.japanese, role.japanese),
        hook: format!("there is work for only one {} {}, until", role.english, place.located()),
    }
}

fn modified_thing(Parts { thing, of_thing, place, .. }: &Parts) -> Draft {
    Draft {
        romaji: format!("{} {}", of_thing.romaji, thing.romaji),
        english: format!("the {} {}", of_thing.english, thing.english),
        japanese: format!("{}{}", of_thing.japanese, thing.japanese),
        hook: format!(
            "everyone {} knows the {} {} by hearsay, until",
            place.located(),
            of_thing.english,
            thing.english
        ),
    }
}

fn two_roles(Parts { role, other, of_role, of_other, .. }: &Parts) -> Draft {
    Draft {
        romaji: format!("{} {} to {} {}", of_role.romaji, role.romaji, of_other.romaji, other.romaji),
        english: format!(
            "the {} {} and the {} {}",
            of_role.english, role.english, of_other.english, other.english
        ),
        japanese: format!("{}{}と{}{}", of_role.japanese, role.japanese, of_other.japanese, other.japanese),
        hook: format!(
            "the {} {} shares a roof with the {} {}, and",
            of_role.english, role.english, of_other.english, other.english
        ),
    }
}

fn strange_tales(Parts { role, place, .. }: &Parts) -> Draft {
    Draft {
        romaji: format!("{} Kitan", place.romaji),
        english: format!("strange tales of {}", place.english),
        japanese: format!("{}奇譚", place.japanese),
        hook: format!(
            "{} writes down what happens {} after dark, and",
            with_article(role.english),
            place.located()
        ),
    }
}

fn case_files(Parts { role, place, .. }: &Parts) -> Draft {
    Draft {
        romaji: format!("{} Jikenbo", place.romaji),
        english: format!("{} case files", place.bare()),
        japanese: format!("{}事件簿", place.japanese),
        hook: format!("{} keeps the unsolved cases of {}, and", with_article(role.english), place.english),
    }
}

fn apprentice_diary(Parts { role, place, .. }: &Parts) -> Draft {
    let english = role.english.strip_prefix("apprentice ").unwrap_or(role.english);
    Draft {
        romaji: format!("Minarai {} Nikki", role.romaji.strip_prefix("Minarai ").unwrap_or(role.romaji)),
        english: format!("diary of an apprentice {english}"),
        japanese: format!("見習い{}日記", role.japanese.strip_prefix("見習い").unwrap_or(role.japanese)),
        hook: format!("an apprentice {english} keeps a diary {}, and", place.located()),
    }
}

fn order(Parts { role, order, place, .. }: &Parts) -> Draft {
    Draft {
        romaji: format!("{}, {}!", order.romaji, role.romaji),
        english: format!("{}, {}!", order.english, role.english),
        japanese: format!("{}、{}！", order.japanese, role.japanese),
        hook: format!(
            "nobody {} believes in {}, least of all when",
            place.located(),
            with_article(role.english)
        ),
    }
}

fn after_school_club(Parts { subject, .. }: &Parts) -> Draft {
    Draft {
        romaji: format!("Houkago {}-bu", subject.romaji),
        english: format!("after-school {} club", subject.english),
        japanese: format!("放課後{}部", subject.japanese),
        hook: format!("the {} club has three members and one term to live, and", subject.english),
    }
}

fn club_thing(Parts { subject, thing, .. }: &Parts) -> Draft {
    Draft {
        romaji: format!("{}-bu no {}", subject.romaji, thing.romaji),
        english: format!("the {} club's {}", subject.english, thing.english),
        japanese: format!("{}部の{}", subject.japanese, thing.japanese),
        hook: format!("the {} club comes by {}, and", subject.english, with_article(thing.english)),
    }
}

fn exiled(Parts { role, place, deed, .. }: &Parts) -> Draft {
    Draft {
        romaji: format!("Tsuihou Sareta {} wa {} de {}", role.romaji, place.romaji, deed.romaji),
        english: format!("the exiled {} {} {}", role.english, deed.third, place.located()),
        japanese: format!("追放された{}は{}で{}", role.japanese, place.japanese, deed.japanese),
        hook: format!(
            "thrown out of the party, {} {} {}, and",
            with_article(role.english),
            deed.third,
            place.located()
        ),
    }
}

fn decided(Parts { role, place, deed, .. }: &Parts) -> Draft {
    Draft {
        romaji: format!("{} desu ga, {} de {} Koto ni Shimashita", role.romaji, place.romaji, deed.romaji),
        english: format!(
            "I'm {}, but I've decided to {} {}",
            with_article(role.english),
            deed.base,
            place.located()
        ),
        japanese: format!("{}ですが、{}で{}ことにしました", role.japanese, place.japanese, deed.japanese),
        hook: format!(
            "{} gives up fame and {} {}, but",
            with_article(role.english),
            deed.third,
            place.located()
        ),
    }
}

fn unrivaled(Parts { role, place, .. }: &Parts) -> Draft {
    Draft {
        romaji: format!("Sono {}, {} de wa Saikyou ni Tsuki", role.romaji, place.romaji),
        english: format!("this {} is unrivaled {}", role.english, place.located()),
        japanese: format!("その{}、{}では最強につき", role.japanese, place.japanese),
        hook: format!(
            "{} of no renown turns out to be the strongest {}, and",
            with_article(role.english),
            place.located()
        ),
    }
}

fn next_door(Parts { role, state, .. }: &Parts) -> Draft {
    Draft {
        romaji: format!("Tonari no {} wa Kyou mo {}", role.romaji, state.romaji),
        english: format!("the {} next door is {} again today", role.english, state.english),
        japanese: format!("隣の{}は今日も{}", role.japanese, state.japanese),
        hook: format!("the {} next door is {} every single day, and", role.english, state.english),
    }
}

fn brand(Parts { role, brand: (first, second), .. }: &Parts) -> Draft {
    let english = format!("{} {}", first.english, second.english);
    Draft {
        romaji: english.clone(),
        japanese: format!("{}・{}", first.japanese, second.japanese),
        hook: format!("{} signs on with the {english}, and", with_article(role.english)),
        english,
    }
}

fn in_search(Parts { role, thing, place, .. }: &Parts) -> Draft {
    Draft {
        romaji: format!("{} wo Sagashite", thing.romaji),
        english: format!("in search of the {}", thing.english),
        japanese: format!("{}を探して", thing.japanese),
        hook: format!(
            "{} looks everywhere {} for {}, and",
            with_article(role.english),
            place.located(),
            with_article(thing.english)
        ),
    }
}

fn place_without(Parts { thing, place, role, .. }: &Parts) -> Draft {
    Draft {
        romaji: format!("{} no Nai {}", thing.romaji, place.romaji),
        english: format!("{} without {}", place.english, with_article(thing.english)),
        japanese: format!("{}のない{}", thing.japanese, place.japanese),
        hook: format!(
            "nobody {} has ever owned {}, so {} makes one, and",
            place.located(),
            with_article(thing.english),
            with_article(role.english)
        ),
    }
}

fn seven(Parts { role, place, .. }: &Parts) -> Draft {
    Draft {
        romaji: format!("{} no Shichinin no {}", place.romaji, role.romaji),
        english: format!("seven {} of {}", plural(role.english), place.english),
        japanese: format!("{}の七人の{}", place.japanese, role.japanese),
        hook: format!("seven {} meet {}, and", plural(role.english), place.located()),
    }
}

fn war(Parts { role, place, .. }: &Parts) -> Draft {
    Draft {
        romaji: format!("{} Senki", place.romaji),
        english: format!("chronicle of the war for {}", place.english),
        japanese: format!("{}戦記", place.japanese),
        hook: format!("{} is drafted into the war for {}, and", with_article(role.english), place.english),
    }
}

fn someone_is(Parts { surname, place, .. }: &Parts) -> Draft {
    Draft {
        romaji: format!("{}-san wa {} ni Iru", surname.romaji, place.romaji),
        english: format!("{}-san is {}", surname.romaji, place.located()),
        japanese: format!("{}さんは{}にいる", surname.japanese, place.japanese),
        hook: format!("every day after school {}-san waits {}, and", surname.romaji, place.located()),
    }
}

fn someones_thing(Parts { surname, thing, .. }: &Parts) -> Draft {
    Draft {
        romaji: format!("{}-senpai no {}", surname.romaji, thing.romaji),
        english: format!("{}-senpai's {}", surname.romaji, thing.english),
        japanese: format!("{}先輩の{}", surname.japanese, thing.japanese),
        hook: format!("{}-senpai lends out {}, and", surname.romaji, with_article(thing.english)),
    }
}

fn fine_day(Parts { role, place, .. }: &Parts) -> Draft {
    Draft {
        romaji: format!("{} Biyori", role.romaji),
        english: format!("a fine day for {}", with_article(role.english)),
        japanese: format!("{}日和", role.japanese),
        hook: format!("{} keeps an eye on the sky {}, until", with_article(role.english), place.located()),
    }
}
