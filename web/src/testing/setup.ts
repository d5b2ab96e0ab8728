import { cleanup, configure } from "@testing-library/preact";
import { afterAll, afterEach, beforeAll } from "vitest";
import { server } from "./server.ts";

// Parts that load later take their time on a busy machine.
configure({ asyncUtilTimeout: 5_000 });

beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
afterEach(() => {
  cleanup();
  server.resetHandlers();
});
afterAll(() => server.close());
