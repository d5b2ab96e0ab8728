import { SignIn } from "../../features/deadletters/SignIn.tsx";

/** Where a sign-in link leads. */
export function SignInPage() {
  return <SignIn />;
}
