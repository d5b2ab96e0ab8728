//! What people do in the long titles, what they are told to do in the short ones, and what they are called.

use super::{Moods, Suited};

/// Something one does.
#[derive(Debug)]
pub struct Deed {
    /// Hepburn, capitals as in a title.
    pub romaji: &'static str,
    /// "opens a shop".
    pub third: &'static str,
    /// "open a shop".
    pub base: &'static str,
    /// Plain form.
    pub japanese: &'static str,
}

const fn deed(romaji: &'static str, third: &'static str, base: &'static str, japanese: &'static str) -> Deed {
    Deed { romaji, third, base, japanese }
}

/// All deeds.
pub static DEEDS: [Deed; 20] = [
    deed("Nonbiri Kurasu", "lives at leisure", "live at leisure", "のんびり暮らす"),
    deed("Pan wo Yaku", "bakes bread", "bake bread", "パンを焼く"),
    deed("Chikuwa wo Uru", "sells fish cakes", "sell fish cakes", "ちくわを売る"),
    deed("Teiji ni Kaeru", "goes home on time", "go home on time", "定時に帰る"),
    deed("Neko wo Yatou", "hires a cat", "hire a cat", "猫を雇う"),
    deed(
        "Maou to Cha wo Nomu",
        "has tea with the Demon King",
        "have tea with the Demon King",
        "魔王と茶を飲む",
    ),
    deed("Chizu wo Egaku", "draws maps", "draw maps", "地図を描く"),
    deed("Deshi wo Toru", "takes an apprentice", "take an apprentice", "弟子を取る"),
    deed("Shoutai wo Kakusu", "hides a true identity", "hide my true identity", "正体を隠す"),
    deed("Nidone Suru", "goes back to sleep", "go back to sleep", "二度寝する"),
    deed("Hashi wo Kakeru", "builds bridges", "build bridges", "橋を架ける"),
    deed("Yuubinkyoku wo Hajimeru", "starts a post office", "start a post office", "郵便局を始める"),
    deed("Sentou wo Tsugu", "inherits a public bath", "inherit a public bath", "銭湯を継ぐ"),
    deed("Ryuu wo Sodateru", "raises a dragon", "raise a dragon", "竜を育てる"),
    deed("Zeikin wo Keisan Suru", "calculates taxes", "calculate taxes", "税金を計算する"),
    deed("Ido wo Horu", "digs a well", "dig a well", "井戸を掘る"),
    deed("Kanban wo Kakikaeru", "repaints the signs", "repaint the signs", "看板を書き換える"),
    deed("Misoshiru wo Kiwameru", "masters miso soup", "master miso soup", "味噌汁を極める"),
    deed("Juubako wo Hakobu", "delivers lunch boxes", "deliver lunch boxes", "重箱を運ぶ"),
    deed("Tenki wo Ateru", "predicts the weather", "predict the weather", "天気を当てる"),
];

/// What is shouted at someone.
#[derive(Debug)]
pub struct Order {
    /// Hepburn.
    pub romaji: &'static str,
    /// Imperative.
    pub english: &'static str,
    /// Imperative, as written.
    pub japanese: &'static str,
}

/// All orders.
pub static ORDERS: [Order; 9] = [
    Order { romaji: "Hashire", english: "run", japanese: "走れ" },
    Order { romaji: "Isoge", english: "hurry", japanese: "急げ" },
    Order { romaji: "Okiro", english: "wake up", japanese: "起きろ" },
    Order { romaji: "Nakuna", english: "don't cry", japanese: "泣くな" },
    Order { romaji: "Warae", english: "smile", japanese: "笑え" },
    Order { romaji: "Furimukuna", english: "don't look back", japanese: "振り向くな" },
    Order { romaji: "Tsuzukero", english: "keep going", japanese: "続けろ" },
    Order { romaji: "Nigero", english: "get away", japanese: "逃げろ" },
    Order { romaji: "Tachiagare", english: "on your feet", japanese: "立ち上がれ" },
];

/// How the one next door is today.
#[derive(Debug)]
pub struct State {
    /// Hepburn.
    pub romaji: &'static str,
    /// Adjective.
    pub english: &'static str,
    /// As written.
    pub japanese: &'static str,
}

/// All states.
pub static STATES: [State; 9] = [
    State { romaji: "Nemui", english: "sleepy", japanese: "眠い" },
    State { romaji: "Fukigen", english: "grumpy", japanese: "不機嫌" },
    State { romaji: "Maigo", english: "lost", japanese: "迷子" },
    State { romaji: "Harapeko", english: "hungry", japanese: "腹ぺこ" },
    State { romaji: "Mukuchi", english: "silent", japanese: "無口" },
    State { romaji: "Chikoku", english: "late", japanese: "遅刻" },
    State { romaji: "Zubunure", english: "drenched", japanese: "ずぶ濡れ" },
    State { romaji: "Joukigen", english: "cheerful", japanese: "上機嫌" },
    State { romaji: "Rusu", english: "out", japanese: "留守" },
];

/// What a school club is about.
#[derive(Debug)]
pub struct Subject {
    /// Hepburn.
    pub romaji: &'static str,
    /// Adjective use.
    pub english: &'static str,
    /// As written, without 部.
    pub japanese: &'static str,
    moods: Moods,
}

impl Suited for Subject {
    fn moods(&self) -> Moods {
        self.moods
    }
}

const fn subject(
    romaji: &'static str,
    english: &'static str,
    japanese: &'static str,
    moods: &str,
) -> Subject {
    Subject { romaji, english, japanese, moods: Moods::of(moods) }
}

/// All subjects.
pub static SUBJECTS: [Subject; 20] = [
    subject("Kishou", "meteorology", "気象", "cyr"),
    subject("Sokuryou", "surveying", "測量", "cym"),
    subject("Tetsudou", "railway", "鉄道", "cyd"),
    subject("Hakkou", "fermentation", "発酵", "cy"),
    subject("Musen", "radio", "無線", "cymru"),
    subject("Youhou", "beekeeping", "養蜂", "cyr"),
    subject("Kappan", "letterpress", "活版", "crm"),
    subject("Sokki", "shorthand", "速記", "cymr"),
    subject("Jishin", "seismology", "地震", "cdm"),
    subject("Soutei", "rowing", "漕艇", "pr"),
    subject("Kyougi Karuta", "card-reading", "競技歌留多", "p"),
    subject("Orienteering", "orienteering", "オリエンテーリング", "pyc"),
    subject("Choukyori", "long-distance", "長距離", "pr"),
    subject("Fencing", "fencing", "フェンシング", "pr"),
    subject("Curling", "curling", "カーリング", "py"),
    subject("Tsunahiki", "tug-of-war", "綱引き", "py"),
    subject("Pipe Organ", "pipe organ", "パイプオルガン", "u"),
    subject("Marimba", "marimba", "マリンバ", "uyr"),
    subject("Shakuhachi", "bamboo flute", "尺八", "u"),
    subject("Rokuon", "recording", "録音", "umdr"),
];

/// A family name.
#[derive(Debug)]
pub struct Surname {
    /// Hepburn.
    pub romaji: &'static str,
    /// As written.
    pub japanese: &'static str,
}

/// All family names.
pub static SURNAMES: [Surname; 16] = [
    Surname { romaji: "Hatori", japanese: "羽鳥" },
    Surname { romaji: "Mashiba", japanese: "真柴" },
    Surname { romaji: "Kugayama", japanese: "久我山" },
    Surname { romaji: "Nanao", japanese: "七尾" },
    Surname { romaji: "Yunoki", japanese: "柚木" },
    Surname { romaji: "Amakusa", japanese: "天草" },
    Surname { romaji: "Shiomi", japanese: "汐見" },
    Surname { romaji: "Tachibanaki", japanese: "橘木" },
    Surname { romaji: "Kurumizawa", japanese: "胡桃沢" },
    Surname { romaji: "Onodera", japanese: "小野寺" },
    Surname { romaji: "Isurugi", japanese: "石動" },
    Surname { romaji: "Wakasa", japanese: "若狭" },
    Surname { romaji: "Mikumo", japanese: "三雲" },
    Surname { romaji: "Hinokawa", japanese: "火野川" },
    Surname { romaji: "Tsukinuma", japanese: "月沼" },
    Surname { romaji: "Asamiya", japanese: "浅宮" },
];
