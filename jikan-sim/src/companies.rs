//! Studios, producers and licensors, none of which exists.

use crate::chance::Chance;

/// Somebody who makes, pays for or sells a title.
#[derive(Debug, PartialEq, Eq)]
pub struct Company {
    /// Its number upstream.
    pub id: i32,
    /// Its name.
    pub name: &'static str,
}

const fn company(id: i32, name: &'static str) -> Company {
    Company { id, name }
}

/// Studios, the busiest first: the n-th gets its share with weight 1/(n+3).
pub static STUDIOS: [Company; 30] = [
    company(70_001, "Studio Kawazoi"),
    company(70_002, "Hoshikaze Motion"),
    company(70_003, "Paper Heron"),
    company(70_004, "Mikazuki Cel Works"),
    company(70_005, "Studio Amayadori"),
    company(70_006, "Ninth Tram"),
    company(70_007, "Kitakaze Drawing Room"),
    company(70_008, "Pale Otter"),
    company(70_009, "Kazamidori Pictures"),
    company(70_010, "Studio Konpeitou"),
    company(70_011, "Tobira Nijuuyon"),
    company(70_012, "Yamabiko Motion"),
    company(70_013, "Lantern & Reed"),
    company(70_014, "Studio Hachigatsu"),
    company(70_015, "Kuroshio Drawing"),
    company(70_016, "Asagiri Cel Lab"),
    company(70_017, "Inkstone Yard"),
    company(70_018, "Rokugatsu no Kaeru"),
    company(70_019, "Doyou Craft"),
    company(70_020, "Minamo Motion"),
    company(70_021, "Studio Yonaga"),
    company(70_022, "Suzukaze Ink"),
    company(70_023, "Karakuri-bako"),
    company(70_024, "Second Ferry"),
    company(70_025, "Studio Ginyoubi"),
    company(70_026, "Tanpopo Line"),
    company(70_027, "Hokkyoku Frames"),
    company(70_028, "Teal Umbrella"),
    company(70_029, "Nokogiri Yama Works"),
    company(70_030, "Studio Shiokaze Dai-ni"),
];

/// Members of production committees.
static PRODUCERS: [Company; 14] = [
    company(71_001, "Hinode Rights Partners"),
    company(71_002, "Koganeiro Publishing"),
    company(71_003, "Tokiwagi Music"),
    company(71_004, "Kita no Oka Television"),
    company(71_005, "Kumorizora Books"),
    company(71_006, "Shirakaba Toys"),
    company(71_007, "Sanbashi Records"),
    company(71_008, "Komorebi Events"),
    company(71_009, "Tategaki Press"),
    company(71_010, "Yoruwatari Games"),
    company(71_011, "Fuurin Distribution"),
    company(71_012, "Channel Thirteen Tokyo Bay"),
    company(71_013, "Usuzumi Advertising"),
    company(71_014, "Hitotsubashi Streaming Committee"),
];

static LICENSORS: [Company; 4] = [
    company(72_001, "Driftglass Releasing"),
    company(72_002, "Paper Boat Home Video"),
    company(72_003, "Northbound Streaming"),
    company(72_004, "Half Moon Imports"),
];

/// One studio, or two that work together.
pub fn studios(chance: Chance) -> Vec<&'static Company> {
    let first = studio(chance.of("first"));
    let second = studio(chance.of("second"));
    if chance.of("two").happens(0.05) && first != second { vec![first, second] } else { vec![first] }
}

fn studio(chance: Chance) -> &'static Company {
    let weight = |place: usize| 1.0 / (place as f64 + 3.0);
    let mut left = chance.unit() * (0..STUDIOS.len()).map(weight).sum::<f64>();
    for (place, studio) in STUDIOS.iter().enumerate() {
        left -= weight(place);
        if left < 0.0 {
            return studio;
        }
    }
    &STUDIOS[0]
}

/// Two to five members of a committee.
pub fn producers(chance: Chance) -> Vec<&'static Company> {
    some_of(&PRODUCERS, 2 + chance.of("how many").below(4), chance)
}

/// None or one licensor.
pub fn licensors(chance: Chance) -> Vec<&'static Company> {
    some_of(&LICENSORS, usize::from(chance.of("any").happens(0.6)), chance)
}

fn some_of(companies: &'static [Company], count: usize, chance: Chance) -> Vec<&'static Company> {
    let mut shuffled: Vec<&Company> = companies.iter().collect();
    shuffled.sort_by(|a, b| chance.of(a.name).unit().total_cmp(&chance.of(b.name).unit()));
    shuffled.truncate(count);
    shuffled.sort_by_key(|company| company.id);
    shuffled
}

/// Every name in this file.
pub fn names() -> impl Iterator<Item = &'static str> {
    STUDIOS.iter().chain(&PRODUCERS).chain(&LICENSORS).map(|company| company.name)
}
