// What feelin makes of FEEL: a line of JSON {text, tested, facts} in, a line of JSON out, until the input ends.
// A value comes out as [type, value], so that a date is no string; numbers as text.
import { createInterface } from "node:readline";
import { evaluate, isFunction, isRange, unaryTest, FeelDate, FeelDateTime, FeelDuration, FeelTime } from "feelin";

function told(value) {
  if (value === null || value === undefined) return ["null", null];
  if (typeof value === "number") return ["number", String(value)];
  if (typeof value === "string") return ["string", value];
  if (typeof value === "boolean") return ["boolean", value];
  if (Array.isArray(value)) return ["list", value.map(told)];
  if (isFunction(value) || typeof value === "function") return ["function", null];
  if (isRange(value))
    return ["range", [told(value.start), told(value.end), value["start included"], value["end included"]]];
  for (const [kind, name] of [[FeelDateTime, "date and time"], [FeelDate, "date"], [FeelTime, "time"], [FeelDuration, "duration"]])
    if (value instanceof kind) return [name, String(value)];
  return ["context", Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, told(entry)]))];
}

for await (const line of createInterface({ input: process.stdin })) {
  const { text, tested, facts } = JSON.parse(line);
  let answer;
  try {
    const found =
      tested === undefined ? evaluate(text, facts) : unaryTest(text, { ...facts, "?": evaluate(tested, facts).value });
    answer = { value: told(found.value), warnings: found.warnings.map((warning) => warning.message) };
  } catch (error) {
    answer = { error: String(error.message ?? error) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
