export { tarLength, tarStream } from "./stream";
