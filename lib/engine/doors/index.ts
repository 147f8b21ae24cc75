export { isDoorOpen, listDoors, setDoor } from "./doors";
export * from "./schemas";
