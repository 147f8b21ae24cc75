export type { SettingName, SettingValue } from "./schemas";
export { readSetting, writeSetting } from "./settings";
