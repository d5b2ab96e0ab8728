//! What people and things are like, and the loan-word names of shops, ships and bands.

use super::{Moods, Suited};

/// A modifier in front of a noun.
#[derive(Debug)]
pub struct Modifier {
    /// Hepburn, with the particle that binds it.
    pub romaji: &'static str,
    /// In front of a noun.
    pub english: &'static str,
    /// As written, with the particle that binds it.
    pub japanese: &'static str,
    /// Whether it suits a person; otherwise only a thing.
    pub personal: bool,
    moods: Moods,
}

impl Suited for Modifier {
    fn moods(&self) -> Moods {
        self.moods
    }
}

const fn of_person(
    romaji: &'static str,
    english: &'static str,
    japanese: &'static str,
    moods: &str,
) -> Modifier {
    Modifier { romaji, english, japanese, personal: true, moods: Moods::of(moods) }
}

const fn of_thing(
    romaji: &'static str,
    english: &'static str,
    japanese: &'static str,
    moods: &str,
) -> Modifier {
    Modifier { romaji, english, japanese, personal: false, moods: Moods::of(moods) }
}

/// All modifiers.
pub static MODIFIERS: [Modifier; 33] = [
    of_person("Nemuranai", "sleepless", "眠らない", "*"),
    of_person("Na mo Naki", "nameless", "名もなき", "fdhasm"),
    of_person("Shizuka na", "quiet", "静かな", "crmup"),
    of_person("Usotsuki na", "lying", "嘘つきな", "rmyd"),
    of_person("Maigo no", "lost", "迷子の", "cyrfs"),
    of_person("Kimagure na", "fickle", "気まぐれな", "yrcu"),
    of_person("Bukiyou na", "clumsy", "不器用な", "yrcpu"),
    of_person("Warawanai", "unsmiling", "笑わない", "rmydpu"),
    of_person("Utawanai", "songless", "歌わない", "u"),
    of_person("Okubyou na", "timid", "臆病な", "fydap"),
    of_person("Wagamama na", "selfish", "わがままな", "yru"),
    of_person("Juusan-banme no", "thirteenth", "十三番目の", "dfmash"),
    of_person("Saigo no", "last", "最後の", "*"),
    of_person("Gin no", "silver", "銀の", "fhas"),
    of_person("Nakimushi no", "tearful", "泣き虫の", "yrpuc"),
    of_person("Hikaenome na", "modest", "控えめな", "crhu"),
    of_person("Kieta", "vanished", "消えた", "mdfs"),
    of_person("Toumei na", "transparent", "透明な", "drmsu"),
    of_person("Makezugirai no", "stubborn", "負けず嫌いの", "pya"),
    of_person("Ashi no Hayai", "swift", "足の速い", "pa"),
    of_thing("Sakasama no", "upside-down", "逆さまの", "ymdfs"),
    of_thing("Sabita", "rusty", "錆びた", "asdmhc"),
    of_thing("Nidome no", "second", "二度目の", "rypcu"),
    of_thing("Wasurerareta", "forgotten", "忘れられた", "mdfhsu"),
    of_thing("Mayonaka no", "midnight", "真夜中の", "dmyru"),
    of_thing("Yoake no", "daybreak", "夜明けの", "ahpsu"),
    of_thing("Ameagari no", "after-rain", "雨上がりの", "crp"),
    of_thing("Kootta", "frozen", "凍った", "fdsm"),
    of_thing("Nichiyoubi no", "Sunday", "日曜日の", "cyr"),
    of_thing("Ao Sugiru", "all too blue", "青すぎる", "rpc"),
    of_thing("Hikari Todokanu", "lightless", "光届かぬ", "sda"),
    of_thing("Karimono no", "borrowed", "借り物の", "ymfrpu"),
    of_thing("Owaranai", "unending", "終わらない", "adsyp"),
];

/// One word of a loan-word name.
#[derive(Debug)]
pub struct Brand {
    /// English, which is its romaji too.
    pub english: &'static str,
    /// In katakana.
    pub japanese: &'static str,
}

const fn brand(english: &'static str, japanese: &'static str) -> Brand {
    Brand { english, japanese }
}

/// First and second words of loan-word names.
pub static BRANDS: ([Brand; 22], [Brand; 20]) = (
    [
        brand("Gravity", "グラビティ"),
        brand("Signal", "シグナル"),
        brand("Velvet", "ベルベット"),
        brand("Paper", "ペーパー"),
        brand("Orbit", "オービット"),
        brand("Lantern", "ランタン"),
        brand("Static", "スタティック"),
        brand("Copper", "カッパー"),
        brand("Harbor", "ハーバー"),
        brand("Parallel", "パラレル"),
        brand("Monsoon", "モンスーン"),
        brand("Cobalt", "コバルト"),
        brand("Marble", "マーブル"),
        brand("Thursday", "サーズデイ"),
        brand("Indigo", "インディゴ"),
        brand("Saltwater", "ソルトウォーター"),
        brand("Pendulum", "ペンデュラム"),
        brand("Turbine", "タービン"),
        brand("Magnet", "マグネット"),
        brand("Overcast", "オーバーキャスト"),
        brand("Hazelnut", "ヘーゼルナッツ"),
        brand("Switchback", "スイッチバック"),
    ],
    [
        brand("Diner", "ダイナー"),
        brand("Parade", "パレード"),
        brand("Notebook", "ノートブック"),
        brand("Brigade", "ブリゲード"),
        brand("Sonata", "ソナタ"),
        brand("Protocol", "プロトコル"),
        brand("Junction", "ジャンクション"),
        brand("Almanac", "アルマナック"),
        brand("Courier", "クーリエ"),
        brand("Orchestra", "オーケストラ"),
        brand("Observatory", "オブザーバトリー"),
        brand("Laundry", "ランドリー"),
        brand("Quartet", "カルテット"),
        brand("Department", "デパートメント"),
        brand("Relay", "リレー"),
        brand("Workshop", "ワークショップ"),
        brand("Ferry", "フェリー"),
        brand("Archive", "アーカイブ"),
        brand("Motel", "モーテル"),
        brand("Symposium", "シンポジウム"),
    ],
);
