// Invented titles for tests and for looking at the page without a server. None of them exists.

interface Invented {
  title: string;
  english: string | null;
  japanese: string;
  studio: string;
  score: number;
}

export const TITLES: readonly Invented[] = [
  {
    title: "Sumi no Kanata",
    english: "Beyond the Ink",
    japanese: "墨の彼方",
    studio: "Studio Kareha",
    score: 9.03,
  },
  {
    title: "Yoake no Kōtsūkyoku",
    english: "The Bureau of Daybreak Traffic",
    japanese: "夜明けの交通局",
    studio: "Works Hibari",
    score: 8.94,
  },
  {
    title: "Shiokaze Tegami",
    english: "Letters on a Salt Wind",
    japanese: "潮風手紙",
    studio: "Minato Pictures",
    score: 8.88,
  },
  {
    title: "Kumo Banchi",
    english: "No Fixed Cloud",
    japanese: "雲番地",
    studio: "Studio Kareha",
    score: 8.86,
  },
  {
    title: "Watashi ga Mura no Hashi-mori ni Natta no wa, Dōkangaetemo Kawa no Sei da",
    english: "However You Look at It, It Is the River’s Fault That I Became Keeper of the Village Bridge",
    japanese: "私が村の橋守になったのは、どう考えても川のせいだ",
    studio: "Kitakaze",
    score: 8.81,
  },
  {
    title: "Garasu no Kikanshi",
    english: "The Glass Engineer",
    japanese: "硝子の機関士",
    studio: "Works Hibari",
    score: 8.77,
  },
  { title: "Nemuranu Shokudō", english: null, japanese: "眠らぬ食堂", studio: "Tsuzumi", score: 8.74 },
  {
    title: "Tombi no Kazoekata",
    english: "How to Count Kites",
    japanese: "鳶の数え方",
    studio: "Minato Pictures",
    score: 8.7,
  },
  {
    title: "Hoshi Kuzu Yūbin",
    english: "Stardust Post",
    japanese: "星屑郵便",
    studio: "Kitakaze",
    score: 8.69,
  },
  {
    title: "Ame no Hi no Sakka",
    english: "Rainy-Day Writers",
    japanese: "雨の日の作家",
    studio: "Tsuzumi",
    score: 8.66,
  },
];

export const GENRES: readonly (readonly [name: string, titles: number, mean: number | null])[] = [
  ["Comedy", 131, 7.12],
  ["Fantasy", 118, 7.05],
  ["Drama", 97, 7.58],
  ["Action", 92, 7.21],
  ["Slice of Life", 74, 7.33],
  ["Romance", 66, 7.09],
  ["Adventure", 61, 7.27],
  ["Supernatural", 48, 6.98],
  ["Sci-Fi", 41, 7.16],
  ["Mystery", 33, 7.41],
  ["Sports", 19, 7.36],
  ["Suspense", 14, 7.02],
  ["Horror", 11, 6.71],
  ["Gourmet", 7, 7.24],
  ["Avant Garde", 3, null],
];

export const THEMES: readonly (readonly [name: string, titles: number, mean: number | null])[] = [
  ["School", 88, 7.01],
  ["Workplace", 37, 7.38],
  ["Music", 26, 7.29],
  ["Time Travel", 15, 7.44],
];
