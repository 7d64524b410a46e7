// @ts-check
/** A sweep's jobs as a grid: each carries labels that say which sweep it is of, and where in it. */

/**
 * @typedef {import("./sweep.js").Axis} Axis
 * @typedef {{id: string, state: string, title: string, labels: Record<string, string>}} Job
 * @typedef {{node: string, input: string, values: string[]}} ShownAxis
 * @typedef {{id: string, title: string, axes: ShownAxis[], jobs: Map<string, any>}} Grid jobs by `cellOf` their place
 */

const LONGEST = 80; // characters of a value that is shown
export const SWEEP = "sweep"; // the label that all jobs of a sweep have
const AXES = ["columns", "rows", "pages"];

/** A name for a place in a grid. @param {number[]} at */
export const cellOf = (at) => at.join(",");

/** A value as it is shown. @param {any} value */
export function shownValue(value) {
  const text = String(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}

/** @param {string} id of the sweep @param {Axis[]} axes @param {number[]} at @returns {Record<string, string>} */
export const labelsOf = (id, axes, at) => ({
  [SWEEP]: id,
  ...Object.fromEntries(axes.map(({ node, input, values }, axis) =>
    [AXES[axis], JSON.stringify([node, input, at[axis], shownValue(values[at[axis]])])])),
});

/** The grids of some jobs, the newest first as they are. @param {Job[]} jobs @returns {Grid[]} */
export function gridsOf(jobs) {
  /** @type {Map<string, Grid>} */
  const grids = new Map();
  for (const job of jobs) {
    const id = job.labels[SWEEP];
    const places = AXES.flatMap((name) => placeOf(job.labels[name]));
    if (!id || !places.length) continue;
    const { title } = job;
    const axes = places.map(({ node, input }) => ({ node, input, values: [] }));
    const grid = grids.get(id) ?? { id, title, axes, jobs: new Map() };
    grids.set(id, grid);
    note(grid, places, job);
  }
  return [...grids.values()];
}

/** @typedef {{node: string, input: string, index: number, value: string}} Place */

/** @param {Grid} grid @param {Place[]} places @param {Job} job */
function note(grid, places, job) {
  if (places.length !== grid.axes.length) return;
  places.forEach(({ index, value }, axis) => (grid.axes[axis].values[index] = value));
  const cell = cellOf(places.map(({ index }) => index));
  if (!grid.jobs.has(cell)) grid.jobs.set(cell, job); // one that was done again comes before what it does again
}

/** What a label says; nothing if others wrote it. @param {string | undefined} label @returns {Place[]} */
function placeOf(label) {
  try {
    const [node, input, index, value] = JSON.parse(label ?? "[]");
    const fits = typeof node === "string" && typeof input === "string" && Number.isInteger(index) && index >= 0 && index < 1000;
    return fits ? [{ node, input, index, value: String(value) }] : [];
  } catch {
    return [];
  }
}
