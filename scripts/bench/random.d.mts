export interface RandomNumbers {
  next(): number;
  below(limit: number): number;
  logarithmic(max: number): number;
}
export function randomNumbers(seed: number): RandomNumbers;
export function shuffle<T>(list: T[], random: RandomNumbers): T[];
