/** Settings that are a quantity: a time, a number of things, a size. */
import { setting, wholeNumber } from './kinds.ts';

export const KIB = 1_024;
export const MIB = 1_024 * KIB;
export const DAY_MS = 86_400_000;
/** The longest time a timer can wait, in ms. */
const MAX_MS = 2 ** 31 - 1;
const MAX_COUNT = 10_000_000;

/** A time in ms that a timer can wait. */
export const ms = (fallback: number, description: string, min = 0) =>
  setting(wholeNumber(min, MAX_MS), fallback, description);

/** A number of things, at least 1. */
export const count = (fallback: number, description: string) =>
  setting(wholeNumber(1, MAX_COUNT), fallback, description);

/** A size from 1 KiB to 1 GiB. */
export const bytes = (fallback: number, description: string) =>
  setting(wholeNumber(KIB, 1_024 * MIB), fallback, description);
