import { titlePath } from "../../address/paths.ts";
import { readShared } from "../../address/shared.ts";
import { asApiError } from "../../api/problem.ts";
import type { FoundTitle } from "../../api/types.gen.ts";
import { TitleName } from "../../ui/TitleName.tsx";
import { Late } from "../Late.tsx";
import { useView } from "../useView.ts";
import styles from "./FoundPopup.module.css";
import { figureOf, kindOf, otherName } from "./found.ts";
import { CUT } from "./text.ts";
import type { Found } from "./useFound.ts";

interface FoundPopupProps {
  id: string;
  found: Found;
  text: string;
  isCut: boolean;
  /** The option that Enter opens. */
  chosen: number | null;
  onPoint: (index: number) => void;
  onRetry: () => void;
}

/** The id of an option of a list. */
export function optionId(list: string, index: number | null): string {
  return `${list}-${index}`;
}

/** The titles found, or what is to be said in their place. The field keeps the focus. */
export function FoundPopup({ id, found, text, isCut, chosen, onPoint, onRetry }: FoundPopupProps) {
  const { titles, isCurrent, error } = found;
  const options = titles?.map((title, index) => (
    <Option
      key={title.mal_id}
      id={optionId(id, index)}
      title={title}
      isChosen={index === chosen}
      onPoint={() => onPoint(index)}
    />
  ));
  const sure = titles?.filter((title) => !title.guess).length ?? 0;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a press on it must not take the focus from the field.
    <div className={styles.popup} onMouseDown={(event) => event.preventDefault()}>
      {error ? (
        <Failed error={error} onRetry={onRetry} />
      ) : (
        <>
          <div id={id} className={styles.list} role="listbox" aria-label="Titles" aria-busy={!isCurrent}>
            {options?.slice(0, sure)}
            {titles && sure < titles.length && (
              // biome-ignore lint/a11y/useSemanticElements: the options of a list are no fields of a form.
              <div role="group" aria-labelledby={`${id}-guesses`}>
                <div id={`${id}-guesses`} role="presentation" className={styles.guesses}>
                  Similar names
                </div>
                {options?.slice(sure)}
              </div>
            )}
          </div>
          {titles === null && <div className={styles.waiting} />}
          {!isCurrent && (
            <p className={styles.words}>
              <Late>Looking for “{text}”.</Late>
            </p>
          )}
          {isCurrent && titles?.length === 0 && (
            <p className={styles.words}>
              <b>No title has a name like “{text}”.</b> Romaji, English, Japanese and other names were looked
              through.
            </p>
          )}
        </>
      )}
      {isCut && <p className={styles.words}>{CUT}</p>}
    </div>
  );
}

interface OptionProps {
  id: string;
  title: FoundTitle;
  isChosen: boolean;
  onPoint: () => void;
}

function Option({ id, title, isChosen, onPoint }: OptionProps) {
  const { search } = useView(readShared);
  const script = search.names ?? "english";
  const other = otherName(title, script);
  const figure = figureOf(title);
  return (
    <a
      id={id}
      role="option"
      aria-selected={isChosen}
      tabIndex={-1}
      className={styles.option}
      href={titlePath(title.mal_id, search)}
      onPointerMove={onPoint}
    >
      <span>
        <b>
          <TitleName named={title} script={script} />
        </b>{" "}
        {other && <span lang={other.lang}>{other.text}</span>}{" "}
        <small className={styles.kind}>{kindOf(title)}</small>
      </span>
      {figure && (
        <span className={styles.figure}>
          {figure.value} <small>{figure.name}</small>
        </span>
      )}
    </a>
  );
}

function Failed({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { message, requestId } = asApiError(error);
  return (
    <div className={styles.words} role="alert">
      <p>
        <b>The titles could not be searched.</b> {message}
        {requestId && (
          <>
            {" "}
            Request <code>{requestId}</code>.
          </>
        )}
      </p>
      <button type="button" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}
