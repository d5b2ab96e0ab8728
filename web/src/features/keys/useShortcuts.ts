import { useEffect, useState } from "react";
import { recall, remember } from "../../lib/storage.ts";
import { isShortcut } from "./keys.ts";

const KEY = "kansoku-shortcuts";

export interface Shortcuts {
  on: boolean;
  turn: (on: boolean) => void;
}

/** Calls the action of a key pressed on the page, unless the reader has switched the keys off. */
export function useShortcuts(actions: Readonly<Record<string, () => void>>): Shortcuts {
  const [on, setOn] = useState(() => recall(KEY) !== "off");
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const action = isShortcut(event) ? actions[event.key] : undefined;
      // Another part of the page may have switched them off.
      if (!action || !on || recall(KEY) === "off") return;
      event.preventDefault();
      action();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [actions, on]);
  const turn = (next: boolean) => {
    setOn(next);
    remember(KEY, next ? "on" : "off");
  };
  return { on, turn };
}
