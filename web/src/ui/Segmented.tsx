import styles from "./Segmented.module.css";

interface SegmentedProps<Value extends string> {
  /** What is chosen, for readers aloud. */
  label: string;
  value: Value;
  options: readonly (readonly [value: Value, name: string, lang?: string])[];
  onChange: (value: Value) => void;
}

/** A choice of a few, all in sight. */
export function Segmented<Value extends string>({ label, value, options, onChange }: SegmentedProps<Value>) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms and cannot be laid out in a row everywhere.
    <div className={styles.group} role="group" aria-label={label}>
      {options.map(([option, name, lang]) => (
        <button
          key={option}
          type="button"
          className={styles.option}
          aria-pressed={option === value}
          lang={lang}
          onClick={() => onChange(option)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}
