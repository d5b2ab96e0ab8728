import { titlePath } from "../address/paths.ts";
import { readShared } from "../address/shared.ts";
import type { Script, Titled } from "../lib/titles.ts";
import { TitleName } from "../ui/TitleName.tsx";
import { useView } from "./useView.ts";

interface TitleLinkProps {
  title: Titled;
  script: Script;
  /** Characters after which a long name is cut. */
  most?: number | undefined;
}

/** A title's name, leading to its page. */
export function TitleLink({ title, script, most }: TitleLinkProps) {
  const { search } = useView(readShared);
  return (
    <a href={titlePath(title.mal_id, search)}>
      <TitleName named={title} script={script} most={most} />
    </a>
  );
}
