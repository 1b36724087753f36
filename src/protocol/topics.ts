/** How a topic pattern covers a topic; apart from the schemas so that a browser's client does not carry them. */

/** True when `pattern` (`*`, `scan`, `device.*`) covers `topic`. */
export function topicMatches(pattern: string, topic: string): boolean {
  if (pattern === '*' || pattern === topic) return true
  return pattern.endsWith('.*') && topic.startsWith(pattern.slice(0, -1))
}
