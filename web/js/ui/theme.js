// @ts-check
/** Light or dark: as the system has it, until one of them is chosen. */

const THEME = "graphengine.theme";

/** @param {string} theme `light`, `dark`, or nothing: that of the system, also when it changes */
export function wear(theme) {
  const { dataset } = document.documentElement;
  if (theme) dataset.theme = theme;
  else delete dataset.theme;
  localStorage.setItem(THEME, theme);
}

export const recallTheme = () => wear(localStorage.getItem(THEME) ?? "");
