// The tokens of modules, in their lines, as Node's own parser finds them: a list of code in, a list of lists out.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const acorn = createRequire(import.meta.url)("internal/deps/acorn/acorn/dist/acorn");
const options = { ecmaVersion: "latest", sourceType: "module", locations: true };
const tokens = (code) =>
  [...acorn.tokenizer(code, options)].map(({ start, end, loc }) => [loc.start.line, code.slice(start, end)]);

process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(tokens)));
