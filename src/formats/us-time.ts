/** The time as .NET and the portals of Azure print it for the United States, `9/1/2026, 3:04:05.6 PM +01:00`, as ISO 8601. */
export function fromUsTime(text: string): string {
  const parts = US_TIME.exec(text);
  if (parts === null) return text;
  const [, month = '', day = '', year = '', hour = '', rest = '', half, zone = 'Z'] = parts;
  const hours = half === undefined ? Number(hour) : (Number(hour) % 12) + (half.toUpperCase() === 'PM' ? 12 : 0);
  return `${year}-${two(month)}-${two(day)}T${two(hours)}${rest}${zone}`;
}

const US_TIME =
  /^(\d{1,2})\/(\d{1,2})\/(\d{4}),? (\d{1,2})(:\d\d:\d\d(?:\.\d{1,9})?)(?: ?(AM|PM))?(?: ?([+-]\d\d:\d\d|Z))?$/i;

function two(value: number | string): string {
  return String(value).padStart(2, '0');
}
