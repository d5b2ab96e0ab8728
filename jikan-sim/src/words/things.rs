//! What the story turns around.

use super::{Moods, Suited};

/// A thing, real or not.
#[derive(Debug)]
pub struct Thing {
    /// Hepburn, capitals as in a title.
    pub romaji: &'static str,
    /// Countable, singular, without an article.
    pub english: &'static str,
    /// As written.
    pub japanese: &'static str,
    moods: Moods,
}

impl Suited for Thing {
    fn moods(&self) -> Moods {
        self.moods
    }
}

const fn thing(romaji: &'static str, english: &'static str, japanese: &'static str, moods: &str) -> Thing {
    Thing { romaji, english, japanese, moods: Moods::of(moods) }
}

/// All things.
pub static THINGS: [Thing; 60] = [
    thing("Tegami", "letter", "手紙", "crmhdu"),
    thing("Rashinban", "compass", "羅針盤", "fhsap"),
    thing("Sunadokei", "hourglass", "砂時計", "rmdfp"),
    thing("Yakusoku", "promise", "約束", "rcpuhay"),
    thing("Komoriuta", "lullaby", "子守唄", "udcr"),
    thing("Chizu", "map", "地図", "fchsmp"),
    thing("Kippu", "ticket", "切符", "crmysu"),
    thing("Aikagi", "spare key", "合鍵", "rmyd"),
    thing("Sekkeizu", "blueprint", "設計図", "smah"),
    thing("Houteishiki", "equation", "方程式", "srmy"),
    thing("Shohousen", "prescription", "処方箋", "cmry"),
    thing("Choubo", "ledger", "帳簿", "mhyfd"),
    thing("Bouenkyou", "telescope", "望遠鏡", "csrh"),
    thing("Hyouhon", "specimen", "標本", "dms"),
    thing("Kage", "shadow", "影", "dfamh"),
    thing("Amagasa", "umbrella", "雨傘", "crmy"),
    thing("Shuuhasuu", "frequency", "周波数", "usmd"),
    thing("Hohaba", "stride", "歩幅", "prc"),
    thing("Reigi Sahou", "book of manners", "礼儀作法", "yh"),
    thing("Kyuujitsu", "day off", "休日", "cyrfs"),
    thing("Choushoku", "breakfast", "朝食", "cyr"),
    thing("Yuigon", "last will", "遺言", "mdh"),
    thing("Koukai Nisshi", "logbook", "航海日誌", "hsm"),
    thing("Zankyou", "echo", "残響", "udsm"),
    thing("Kamen", "mask", "仮面", "adfhm"),
    thing("Katayoku", "wing", "片翼", "fasp"),
    thing("Tsurugi", "sword", "剣", "fah"),
    thing("Tsue", "staff", "杖", "fy"),
    thing("Yubiwa", "ring", "指輪", "rfm"),
    thing("Tomoshibi", "lamplight", "灯火", "chrf"),
    thing("Kisetsu", "season", "季節", "crup"),
    thing("Himitsu", "secret", "秘密", "rymdfpa"),
    thing("Kaerimichi", "way home", "帰り道", "crpds"),
    thing("Shinpaku", "heartbeat", "心拍", "rdsp"),
    thing("Ashiato", "footprint", "足跡", "mdpfas"),
    thing("Shougen", "testimony", "証言", "mdh"),
    thing("Keiyaku", "contract", "契約", "fydasu"),
    thing("Kyoukaisen", "boundary line", "境界線", "adspm"),
    thing("Gakufu", "sheet of music", "楽譜", "umr"),
    thing("Fukyouwaon", "dissonance", "不協和音", "ud"),
    thing("Metronome", "metronome", "メトロノーム", "uyp"),
    thing("Encore", "encore", "アンコール", "uyr"),
    thing("Hamon", "ripple", "波紋", "urdc"),
    thing("Haguruma", "gear", "歯車", "fsah"),
    thing("Kane", "bell", "鐘", "fhdu"),
    thing("Kanshou Chitai", "buffer zone", "緩衝地帯", "as"),
    thing("Tsuushinbo", "report card", "通信簿", "yp"),
    thing("Shoutaijou", "invitation", "招待状", "yadm"),
    thing("Zabuton", "cushion", "座布団", "y"),
    thing("Kizuato", "scar", "傷跡", "pra"),
    thing("Baton", "baton", "バトン", "pu"),
    thing("Sebangou", "jersey number", "背番号", "p"),
    thing("Kiroku", "record", "記録", "pshm"),
    thing("Fumidai", "step stool", "踏み台", "yp"),
    thing("Dangan", "bullet", "弾丸", "ad"),
    thing("Gunki", "war banner", "軍旗", "ah"),
    thing("Ginka", "silver coin", "銀貨", "fhy"),
    thing("Tenmado", "skylight", "天窓", "crsu"),
    thing("Jinkou Eisei", "satellite", "人工衛星", "s"),
    thing("Kouro", "sea route", "航路", "sah"),
];
