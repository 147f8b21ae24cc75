export { type Authority, ensureAuthority, loadAuthority } from "./authority";
export { sha256, toFingerprint } from "./fingerprint";
export { isDue, type ListenerCertificate, type ListenerInput, loadListenerCertificate } from "./listener";
export { seal, unseal } from "./seal";
