/** Headers that carry API keys, as gateways spell them. */
export const KEY_HEADERS: readonly string[] = ['authorization', 'x-api-key', 'api-key', 'apikey', 'x-apikey', 'x-auth-token', 'x-access-token', 'x-api-token', 'x-functions-key', 'x-rapidapi-key', 'ocp-apim-subscription-key', 'x-goog-api-key', 'private-token']; // prettier-ignore

/** Paths to them in the objects in which a log keeps the headers of a request. */
export function keyHeadersIn(...objects: readonly string[]): string {
  return objects.flatMap((object) => KEY_HEADERS.map((header) => `${object}["${header}"]`)).join(' || ');
}

/** Parameters that carry API keys, where a log keeps the query as an object. */
export function keyParametersIn(object: string): string {
  return ['apikey', 'api_key', 'api-key', 'access_token', 'subscription-key', 'x-api-key']
    .map((name) => `${object}["${name}"]`)
    .join(' || ');
}

/** Their names where a log writes each as a field of its own, with another sign in place of the dash. */
export function keyHeaderNames(dash: string): string {
  return KEY_HEADERS.map((header) => header.replaceAll('-', dash)).join(' || ');
}
