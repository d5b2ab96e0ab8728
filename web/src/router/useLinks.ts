import { useEffect } from "react";
import { useHistory } from "./useHistory.ts";

/** Follows plain links to pages of the dashboard without loading it again. Any other link is the browser's. */
export function useLinks(isPage: (path: string) => boolean): void {
  const history = useHistory();
  useEffect(() => {
    const follow = (event: MouseEvent) => {
      const link =
        event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[href]") : null;
      if (!link || !isPlain(event) || !isFollowed(link) || !isPage(link.pathname)) return;
      event.preventDefault();
      const address = link.pathname + link.search + link.hash;
      history.go(address, address !== history.place.path + history.place.search);
    };
    document.addEventListener("click", follow);
    return () => document.removeEventListener("click", follow);
  }, [history, isPage]);
}

function isPlain(event: MouseEvent): boolean {
  const { button, ctrlKey, metaKey, shiftKey, altKey, defaultPrevented } = event;
  return button === 0 && !(ctrlKey || metaKey || shiftKey || altKey || defaultPrevented);
}

/** Not a file, another window's, another host's or a place in this page. */
function isFollowed(link: HTMLAnchorElement): boolean {
  if (link.target || link.hasAttribute("download") || link.getAttribute("href")?.startsWith("#"))
    return false;
  return link.origin === window.location.origin;
}
