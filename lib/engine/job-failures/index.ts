export { idOf, noteJobFailure, noteJobSuccess } from "./note";
