// Numbers and times in words.

const plain = new Intl.NumberFormat("en");
const short = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });

/** A count, with separators. */
export function count(value) { return value === undefined || value === null ? "" : plain.format(value); }

/** A number with three digits that count. */
export function number(value) {
  if (value === undefined || value === null) return "";
  return value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e7) ? value.toExponential(2) : short.format(value);
}

/** A word with its count: "1 job", "2 jobs". */
export function many(value, word) { return `${count(value)} ${word}${value === 1 ? "" : "s"}`; }

/** Bytes, in units of 1024. */
export function bytes(value) {
  if (value === undefined || value === null) return "";
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) { value /= 1024; unit += 1; }
  return `${unit === 0 ? plain.format(value) : short.format(value)} ${units[unit]}`;
}

/** Seconds, in the units that people use. */
export function seconds(value) {
  if (value === undefined || value === null) return "";
  if (value < 0.0995) return `${Math.round(value * 1000)} ms`;
  if (value < 9.95) return `${value.toFixed(1)} s`;
  if (value < 119.5) return `${Math.round(value)} s`;
  if (value < 7200) return `${Math.floor(value / 60)} min ${String(Math.floor(value % 60)).padStart(2, "0")} s`;
  if (value < 172800) return `${Math.floor(value / 3600)} h ${String(Math.floor((value % 3600) / 60)).padStart(2, "0")} min`;
  return `${Math.floor(value / 86400)} d ${Math.floor((value % 86400) / 3600)} h`;
}

const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

/** A moment, in seconds since 1970: its time today, with the date on other days. */
export function moment(value) {
  if (value === undefined || value === null) return "";
  const date = new Date(value * 1000);
  return date.toDateString() === new Date().toDateString() ? clock.format(date) : day.format(date);
}

/** How long ago a moment was. */
export function ago(value) {
  const passed = Date.now() / 1000 - value;
  return passed < 3 ? "now" : `${seconds(passed)} ago`;
}

/** Microcredits as credits. */
export function credits(value) { return `${number(value / 1e6)} credits`; }

/** A part of a whole in percent. */
export function percent(part, whole) { return whole > 0 ? Math.min(100, Math.round(100 * part / whole)) : 0; }
