import {
  type FocusEvent,
  type KeyboardEvent,
  type Ref,
  useEffect,
  useId,
  useImperativeHandle,
  useRef,
  useState,
} from "react";
import { flushSync } from "react-dom";
import { readShared } from "../../address/shared.ts";
import { usePlace } from "../../router/useHistory.ts";
import { useView } from "../useView.ts";
import { FoundPopup, optionId } from "./FoundPopup.tsx";
import { moved } from "./moved.ts";
import styles from "./SearchBox.module.css";
import { foundWords, wantedOf } from "./text.ts";
import { useFound } from "./useFound.ts";

/** Leads to the field from anywhere. */
export interface SearchHandle {
  focus: () => void;
}

/** Finds a title by any of its names, and leads to its page. */
export function SearchBox({ ref }: { ref: Ref<SearchHandle> }) {
  const { search } = useView(readShared);
  const id = useId();
  const opener = useRef<HTMLButtonElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState("");
  /** Whether the field has a row of its own, where the header has no room for it. */
  const [hasRow, setRow] = useState(false);
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  /** Whether Enter was pressed before the titles had come. */
  const [isAwaited, setAwaited] = useState(false);
  const { text, isCut } = wantedOf(typed);
  const found = useFound(text, search.catalogue);
  const shown = isOpen && text !== "";
  const count = found.error ? 0 : (found.titles?.length ?? 0);
  const chosen = shown && count > 0 ? Math.min(active, count - 1) : null;

  const change = (next: string) => {
    setTyped(next);
    setOpen(next !== "");
    setActive(0);
    setAwaited(false);
  };
  useOtherPage(() => {
    change("");
    setRow(false);
  });
  const focus = () => {
    flushSync(() => setRow(true));
    field.current?.focus();
  };
  useImperativeHandle(ref, () => ({ focus }));
  const option = (index: number | null) => document.getElementById(optionId(id, index));
  useEffect(() => {
    if (!isAwaited || !found.isCurrent) return;
    setAwaited(false);
    document.getElementById(optionId(id, 0))?.click();
  }, [isAwaited, found.isCurrent, id]);

  const press = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || text === "") {
      if (event.key === "Escape" && hasRow) {
        setRow(false);
        opener.current?.focus();
      }
      return;
    }
    const next = event.shiftKey ? null : moved(event.key, chosen ?? 0, count);
    if (next !== null) {
      setOpen(true);
      if (shown) {
        setActive(next);
        option(next)?.scrollIntoView({ block: "nearest" });
      }
    } else if (event.key === "Enter") {
      if (!shown) setOpen(true);
      else if (found.isCurrent) option(chosen)?.click();
      else setAwaited(true);
    } else if (event.key === "Escape") {
      if (shown) setOpen(false);
      else change("");
    } else return;
    event.preventDefault();
  };

  const retry = () => {
    // The button goes; the keys go on from the field.
    field.current?.focus();
    found.retry();
  };
  // The popup may have a button: it stays while the focus is in it.
  const leave = ({ currentTarget, relatedTarget }: FocusEvent<HTMLElement>) => {
    if (!currentTarget.contains(relatedTarget as Node | null)) setOpen(false);
  };

  return (
    <search className={styles.search} data-row={hasRow ? "" : undefined}>
      <button
        ref={opener}
        type="button"
        className={styles.opener}
        aria-label="Search titles"
        aria-expanded={hasRow}
        onClick={() => (hasRow ? setRow(false) : focus())}
      >
        <Lens />
      </button>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it only hears that the focus has left field and popup. */}
      <div className={styles.field} onBlur={leave}>
        <Lens />
        <input
          ref={field}
          type="text"
          role="combobox"
          aria-label="Search titles"
          aria-keyshortcuts="/"
          aria-autocomplete="list"
          aria-expanded={shown}
          aria-controls={shown && !found.error ? id : undefined}
          aria-activedescendant={chosen === null ? undefined : optionId(id, chosen)}
          placeholder="Search titles"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          enterKeyHint="search"
          value={typed}
          onChange={(event) => change(event.target.value)}
          onKeyDown={press}
          onFocus={() => setOpen(typed !== "")}
        />
        <span aria-hidden="true">
          <kbd>/</kbd>
        </span>
        {shown && (
          <FoundPopup
            id={id}
            found={found}
            text={text}
            isCut={isCut}
            chosen={chosen}
            onPoint={setActive}
            onRetry={retry}
          />
        )}
      </div>
      <p className="vh" role="status">
        {shown && foundWords(found)}
      </p>
    </search>
  );
}

/** Calls back when another page has been opened. */
function useOtherPage(left: () => void): void {
  const { path } = usePlace();
  const [before, setBefore] = useState(path);
  if (before === path) return;
  setBefore(path);
  left();
}

function Lens() {
  return (
    <svg viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.6" aria-hidden="true">
      <circle cx="6.8" cy="6.8" r="4.8" />
      <path d="m10.5 10.5 4 4" />
    </svg>
  );
}
