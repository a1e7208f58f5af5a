// What dmn-moddle warns of when it reads each of the files: a JSON object by file name.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { DmnModdle } from "dmn-moddle";

const told = {};
for (const file of process.argv.slice(2)) {
  try {
    const { warnings } = await new DmnModdle().fromXML(readFileSync(file, "utf8"));
    told[basename(file)] = warnings.map((warning) => warning.message);
  } catch (error) {
    told[basename(file)] = [error.message];
  }
}
console.log(JSON.stringify(told));
