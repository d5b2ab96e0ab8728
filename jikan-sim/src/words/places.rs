//! Where the story happens.

use super::{Moods, Suited};

/// A place.
#[derive(Debug)]
pub struct Place {
    /// Hepburn, capitals as in a title.
    pub romaji: &'static str,
    /// With its article, if it takes one.
    pub english: &'static str,
    /// How one is there: "in", "on", "at".
    pub preposition: &'static str,
    /// As written.
    pub japanese: &'static str,
    moods: Moods,
}

impl Place {
    /// "in the harbor town", "on Mars".
    pub fn located(&self) -> String {
        format!("{} {}", self.preposition, self.english)
    }

    /// "harbor town", "Mars".
    pub fn bare(&self) -> &'static str {
        self.english.strip_prefix("the ").unwrap_or(self.english)
    }
}

impl Suited for Place {
    fn moods(&self) -> Moods {
        self.moods
    }
}

const fn place(
    romaji: &'static str,
    preposition: &'static str,
    english: &'static str,
    japanese: &'static str,
    moods: &str,
) -> Place {
    Place { romaji, english, preposition, japanese, moods: Moods::of(moods) }
}

/// All places.
pub static PLACES: [Place; 49] = [
    place("Minatomachi", "in", "the harbor town", "港町", "crmuyhpa"),
    place("Yukiguni", "in", "the snow country", "雪国", "crhfd"),
    place("Tenmondai", "at", "the observatory", "天文台", "crsm"),
    place("Chikatetsu", "on", "the subway", "地下鉄", "ydmau"),
    place("Onsengai", "in", "the hot spring town", "温泉街", "cyrmp"),
    place("Haisen", "on", "the abandoned railway", "廃線", "cdm"),
    place("Okujou", "on", "the rooftop", "屋上", "ryudpc"),
    place("Toshokan", "in", "the library", "図書館", "crmfd"),
    place("Shoutengai", "in", "the shopping arcade", "商店街", "cyrmupa"),
    place("Hyougen", "on", "the ice field", "氷原", "fsadp"),
    place("Sabaku", "in", "the desert", "砂漠", "fash"),
    place("Getsumen", "on", "the moon", "月面", "sramyu"),
    place("Kasei", "on", "Mars", "火星", "sayd"),
    place("Shinkai", "in", "the deep sea", "深海", "sdra"),
    place("Ukishima", "on", "the floating island", "浮島", "fcar"),
    place("Outo", "in", "the royal capital", "王都", "famruy"),
    place("Henkyou", "on", "the frontier", "辺境", "fashy"),
    place("Meikyuu", "in", "the labyrinth", "迷宮", "fdya"),
    place("Maoujou", "in", "the Demon King's castle", "魔王城", "fya"),
    place("Koukyuu", "in", "the inner palace", "後宮", "hmr"),
    place("Yamagoya", "at", "the mountain hut", "山小屋", "cpdm"),
    place("Housoushitsu", "in", "the broadcasting room", "放送室", "yrud"),
    place("Hokenshitsu", "in", "the infirmary", "保健室", "yr"),
    place("Touge", "at", "the mountain pass", "峠", "phac"),
    place("Unga", "on", "the canal", "運河", "chrp"),
    place("Rojiura", "in", "the back alley", "路地裏", "mdauy"),
    place("Suizokukan", "at", "the aquarium", "水族館", "crym"),
    place("Shokubutsuen", "at", "the botanical garden", "植物園", "crdm"),
    place("Kiri no Tani", "in", "the valley of mist", "霧の谷", "fdhc"),
    place("Kidou Elevator", "on", "the orbital elevator", "軌道エレベーター", "smadr"),
    place("Uchuukou", "at", "the spaceport", "宇宙港", "syrau"),
    place("Sentou", "at", "the public bath", "銭湯", "cyr"),
    place("Danchi", "in", "the housing complex", "団地", "dymc"),
    place("Ritou", "on", "the remote island", "離島", "crmpd"),
    place("Shuuchakueki", "at", "the last station", "終着駅", "cmrdsu"),
    place("Tokeitou", "in", "the clock tower", "時計塔", "fmdh"),
    place("Yoichi", "at", "the night market", "夜市", "fdmyuc"),
    place("Dainana-ku", "in", "the seventh ward", "第七区", "sadm"),
    place("Ongakudou", "in", "the concert hall", "音楽堂", "umr"),
    place("Live House", "at", "the music club", "ライブハウス", "uyr"),
    place("Kyuukousha", "in", "the old school building", "旧校舎", "udym"),
    place("Taiikukan", "in", "the gymnasium", "体育館", "pyr"),
    place("Kasenjiki", "on", "the riverbank", "河川敷", "pucry"),
    place("Kyougijou", "in", "the stadium", "競技場", "pau"),
    place("Jousaimachi", "in", "the fortress town", "城塞町", "hfa"),
    place("Shukubamachi", "in", "the post town", "宿場町", "hcmya"),
    place("Teito", "in", "the imperial capital", "帝都", "hamdu"),
    place("Eisei Kidou", "in", "low orbit", "衛星軌道", "s"),
    place("Suimon", "at", "the floodgate", "水門", "mdh"),
];
