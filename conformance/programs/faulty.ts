/** The program of the TypeScript SDK with a fault, by its name: `node conformance/programs/faulty.ts ignores-cancel worker …`. */

import { faults } from "./faults/faults.ts";

const [name = ""] = process.argv.splice(2, 1);
const fault = faults[name];
if (fault === undefined) throw new Error(`There is no fault ${name}; there are ${Object.keys(faults).join(", ")}.`);
fault.sabotage();
await import("./typescript.ts");
