import { piecesOf } from "../lib/visible.ts";
import styles from "./Visible.module.css";

/** Foreign text as text, whatever it holds: its hidden characters stand there by name, and its direction ends with it. */
export function Visible({ children }: { children: string }) {
  let at = 0;
  return (
    <bdi>
      {piecesOf(children).map(({ text, isHidden }) => {
        at += text.length;
        return isHidden ? (
          <span key={at} className={styles.hidden}>
            {text}
          </span>
        ) : (
          text
        );
      })}
    </bdi>
  );
}
