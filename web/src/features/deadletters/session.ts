import { createContext, use } from "react";
import type { Right, Session } from "../../api/operator.ts";

/** Who is signed in around a part of the page. */
export const SessionContext = createContext<Session | null>(null);

/** Whose session it is. */
export function useOwner(): Session {
  const session = use(SessionContext);
  if (!session) throw new Error("useOwner is called outside of a Gate");
  return session;
}

/** Whether the operator has a right. The server decides; this only leaves out what it would refuse. */
export function useRight(right: Right): boolean {
  return useOwner().rights.includes(right);
}

/** Where the address is kept that somebody wanted who was not signed in. */
export const WANTED = "kansoku-wanted";
