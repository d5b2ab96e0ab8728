import { useEffect } from "react";

/** Names the page in the browser's tab and history; `null` while its name is not known. */
export function useDocumentTitle(name: string | null): void {
  useEffect(() => {
    if (name === null) return;
    const before = document.title;
    document.title = `${name} – Kansoku`;
    return () => {
      document.title = before;
    };
  }, [name]);
}
