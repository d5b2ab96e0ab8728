import "@fontsource-variable/noto-sans-jp/wght.css";
import "@fontsource/ibm-plex-mono/latin-400.css";
