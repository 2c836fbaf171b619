/** `30,477`; one decimal at most. */
export function count(value: number): string {
  if (value >= 0 && value < 1000 && Number.isInteger(value)) return String(value);
  // Intl.NumberFormat says the same, but loading it is a sixth of the time that the program takes to start.
  const [whole = '', decimals] = String(Number.isInteger(value) ? value : Math.round(value * 10) / 10).split('.');
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, ',');
  return decimals === undefined ? grouped : `${grouped}.${decimals}`;
}
