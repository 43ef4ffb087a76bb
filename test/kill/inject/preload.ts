/**
 * Loaded before the gateway (`node --import`), in tests alone: puts points around what leaves the process, from outside. The
 * gateway has no hook for it. Told by the environment:
 *
 * - `KILL_POINT_AT`: the point, and which passing of it (`spawn: after#2`), at which the process ends itself with SIGKILL;
 * - `KILL_POINT_FROM`: `signal`, if passings count only from a SIGCONT on;
 * - `KILL_POINT_TRACE`: the file to which the name of each point passed is appended.
 */
import './store-points.ts';
import './effect-points.ts';
import './reply-points.ts';
import './life-points.ts';
