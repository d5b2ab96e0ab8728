import { act, render, screen } from "@testing-library/preact";
import userEvent from "@testing-library/user-event";
import { App } from "../App.tsx";
import { memoryHistory } from "../router/history.ts";

/** The dashboard at an address, with somebody who uses it. */
export function open(address = "/") {
  const history = memoryHistory(address);
  render(<App history={history} tries={0} />);
  return {
    user: userEvent.setup(),
    path: () => history.place.path,
    search: () => new URLSearchParams(history.place.search),
    back: () => act(() => history.back()),
  };
}

/** A chart, by its finding over the fixtures. */
export const figure = (finding: RegExp) => screen.findByRole("figure", { name: finding });
export const ranking = () => figure(/Village Bridge|River’s|Watashi|私が/);
export const genres = () => figure(/of the titles/);
export const seasons = () => figure(/Autumn 2026/);
