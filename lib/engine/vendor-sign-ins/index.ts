export { endVendorSignIn, endVendorSignInById, listVendorSignIns } from "./end";
export { findVendorSignIn } from "./find";
export {
  exchangeVendorSignIn,
  type OpenedVendorSignIn,
  type OpenVendorSignInInput,
  openVendorSignIn,
  renewVendorSignIn,
} from "./open";
export { verifyVendorPassword } from "./password";
export * from "./schemas";
