export * from "./schemas";
export { signInByIdentity } from "./sign-in";
