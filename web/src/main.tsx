import "@fontsource-variable/archivo/wdth.css";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/print.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App.tsx";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no element with the id `root`");
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);

// After the first paint: fonts that only some pages and readers need.
void import("./styles/later.ts");
