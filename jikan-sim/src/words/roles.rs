//! Who the story is about.

use super::{Moods, Suited};

/// A person, by what they do or are.
#[derive(Debug)]
pub struct Role {
    /// Hepburn, capitals as in a title.
    pub romaji: &'static str,
    /// Countable, singular, without an article.
    pub english: &'static str,
    /// As written.
    pub japanese: &'static str,
    moods: Moods,
}

impl Suited for Role {
    fn moods(&self) -> Moods {
        self.moods
    }
}

const fn role(romaji: &'static str, english: &'static str, japanese: &'static str, moods: &str) -> Role {
    Role { romaji, english, japanese, moods: Moods::of(moods) }
}

/// All roles.
pub static ROLES: [Role; 70] = [
    role("Toudaimori", "lighthouse keeper", "灯台守", "crmdh"),
    role("Tokei Shokunin", "clockmaker", "時計職人", "cmfhd"),
    role("Yuubinya", "mail carrier", "郵便屋", "cyrfm"),
    role("Shisho", "librarian", "司書", "crmfd"),
    role("Sokuryoushi", "surveyor", "測量士", "chsfm"),
    role("Kishou Yohoushi", "weather forecaster", "気象予報士", "cyrs"),
    role("Chizu Shokunin", "mapmaker", "地図職人", "cfha"),
    role("Kusushi", "apothecary", "薬師", "fhmc"),
    role("Kajiya", "blacksmith", "鍛冶屋", "fhay"),
    role("Tougeika", "potter", "陶芸家", "crhy"),
    role("Youhouka", "beekeeper", "養蜂家", "cyrf"),
    role("Tenmongakusha", "astronomer", "天文学者", "csrmh"),
    role("Sensuishi", "diver", "潜水士", "crpsa"),
    role("Kikanshi", "engine driver", "機関士", "chas"),
    role("Tsuuyaku", "interpreter", "通訳", "rhmsf"),
    role("Shuufukushi", "restorer", "修復師", "cmdhf"),
    role("Hanabishi", "fireworks maker", "花火師", "crhy"),
    role("Kasa Shokunin", "umbrella maker", "傘職人", "crhd"),
    role("Chouritsushi", "piano tuner", "調律師", "urcm"),
    role("Pan Shokunin", "baker", "パン職人", "cyrf"),
    role("Yakei", "night watchman", "夜警", "mdha"),
    role("Sokkisha", "stenographer", "速記者", "hmrd"),
    role("Shouboushi", "firefighter", "消防士", "apy"),
    role("Shashinka", "photographer", "写真家", "crmd"),
    role("Soujuushi", "pilot", "操縦士", "sap"),
    role("Minarai Majo", "apprentice witch", "見習い魔女", "fcyr"),
    role("Kyuutei Gaka", "court painter", "宮廷画家", "hfrd"),
    role("Moto Yuusha", "former hero", "元勇者", "fya"),
    role("Akuyaku Reijou", "villainess", "悪役令嬢", "fry"),
    role("Shinkan", "priest", "神官", "fhd"),
    role("Monban", "gatekeeper", "門番", "fahy"),
    role("Kanteishi", "appraiser", "鑑定士", "mfyh"),
    role("Shichiya", "pawnbroker", "質屋", "mydh"),
    role("Tantei", "detective", "探偵", "myda"),
    role("Kenshikan", "coroner", "検死官", "md"),
    role("Koushounin", "negotiator", "交渉人", "masd"),
    role("Angou Kaidokusha", "codebreaker", "暗号解読者", "mhsd"),
    role("Kirokugakari", "record keeper", "記録係", "mdfsh"),
    role("Yuurei", "ghost", "幽霊", "dyrmu"),
    role("Kitsune", "fox", "狐", "fcyd"),
    role("Android", "android", "アンドロイド", "sdra"),
    role("Uchuu Hikoushi", "astronaut", "宇宙飛行士", "sr"),
    role("Kidou Seibishi", "orbital mechanic", "軌道整備士", "say"),
    role("Niwashi", "gardener", "庭師", "crfd"),
    role("Seito Kaichou", "student council president", "生徒会長", "yrpm"),
    role("Tenkousei", "transfer student", "転校生", "yrdpum"),
    role("Osananajimi", "childhood friend", "幼なじみ", "ryp"),
    role("Hoken no Sensei", "school nurse", "保健の先生", "yrc"),
    role("Kishi", "shogi player", "棋士", "pcm"),
    role("Toushu", "pitcher", "投手", "p"),
    role("Goalkeeper", "goalkeeper", "ゴールキーパー", "py"),
    role("Kogite", "rower", "漕ぎ手", "pa"),
    role("Yumitsukai", "archer", "弓使い", "fpah"),
    role("Choukyori Sousha", "long-distance runner", "長距離走者", "p"),
    role("Setter", "setter", "セッター", "p"),
    role("Tozanka", "mountaineer", "登山家", "pcd"),
    role("Shikisha", "conductor", "指揮者", "ur"),
    role("Utahime", "songstress", "歌姫", "uafs"),
    role("Drummer", "drummer", "ドラマー", "uyr"),
    role("Organ-hiki", "organist", "オルガン弾き", "uhd"),
    role("Maihime", "dancer", "舞姫", "uhf"),
    role("Sakkyokuka", "composer", "作曲家", "urd"),
    role("Ryuukishi", "dragon knight", "竜騎士", "fa"),
    role("Kenkaku", "swordsman", "剣客", "ha"),
    role("Ansatsusha", "assassin", "暗殺者", "adfy"),
    role("Hikyaku", "courier", "飛脚", "ahf"),
    role("Shounin", "witness", "証人", "md"),
    role("Ooya", "landlord", "大家", "yd"),
    role("Violin Shokunin", "violin maker", "ヴァイオリン職人", "ucr"),
    role("Onkyou Gishi", "sound engineer", "音響技師", "usy"),
];
