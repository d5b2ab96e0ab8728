import { Component, type ReactNode } from "react";
import { Broken } from "./ErrorPages.tsx";

interface ErrorBoundaryProps {
  children: ReactNode;
}

interface Fault {
  error: unknown;
}

/** Says what went wrong in place of what could not be drawn. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, { fault: Fault | null }> {
  override state = { fault: null };

  static getDerivedStateFromError(error: unknown): { fault: Fault } {
    return { fault: { error } };
  }

  override render(): ReactNode {
    const { fault }: { fault: Fault | null } = this.state;
    return fault === null ? this.props.children : <Broken error={(fault as Fault).error} />;
  }
}
