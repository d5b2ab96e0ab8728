import { createMemoryHistory } from "@tanstack/react-router";
import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { App } from "../App.tsx";

/** The dashboard at an address, with somebody who uses it. */
export function open(address = "/") {
  const history = createMemoryHistory({ initialEntries: [address] });
  render(<App history={history} tries={0} />);
  return { user: userEvent.setup(), search: () => new URLSearchParams(history.location.search) };
}
