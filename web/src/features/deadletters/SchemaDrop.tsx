import { useState } from "react";
import type { Draft } from "../../api/commands.ts";
import { Button } from "../../ui/Button.tsx";
import { Visible } from "../../ui/Visible.tsx";
import styles from "./Forms.module.css";

const MAX_BYTES = 1_000_000;
const NAME = /^([a-z-]+\.v\d+)\.json$/;

interface SchemaDropProps {
  draft: Draft | null;
  onDraft: (draft: Draft | null) => void;
}

/** Takes a corrected schema that is not deployed, to judge by it. */
export function SchemaDrop({ draft, onDraft }: SchemaDropProps) {
  const [isOver, setOver] = useState(false);
  const [words, setWords] = useState<string | null>(null);
  const take = async (file: File | undefined) => {
    if (!file) return;
    const name = NAME.exec(file.name)?.[1];
    const text = await file.slice(0, MAX_BYTES).text();
    const wrong =
      name === undefined
        ? "A schema’s file is called like anime.v1.json."
        : file.size > MAX_BYTES
          ? "This file is too long for a schema."
          : jsonError(text);
    setWords(wrong);
    onDraft(name !== undefined && wrong === null ? { name, text } : null);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the field in it does the same by keyboard.
    <div
      className={styles.drop}
      data-over={isOver ? "" : undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void take(event.dataTransfer?.files[0]);
      }}
    >
      {draft ? (
        <>
          <span>
            Judged by{" "}
            <b>
              <Visible>{draft.name}</Visible>
            </b>
            , which is not deployed
          </span>
          <Button onClick={() => onDraft(null)}>Judge by the deployed schemas</Button>
        </>
      ) : (
        <label>
          Judge by another schema: drop the file here or choose it{" "}
          <input
            type="file"
            accept=".json,application/json"
            onChange={(event) => void take(event.currentTarget.files?.[0])}
          />
        </label>
      )}
      {words && <span role="alert">{words}</span>}
    </div>
  );
}

/** Why a text is no JSON; `null` where it is. */
function jsonError(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return `This file is no JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
}
